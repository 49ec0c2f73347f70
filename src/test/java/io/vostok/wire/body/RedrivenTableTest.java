package io.vostok.wire.body;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RedrivenTableTest {
    /** As docs/formats/redriven.md shows it. */
    private static final String SHOWN =
            "{\"redriven\":{\"billing\":{\"0\":{\"below\":17,\"further\":\"Cg==\",\"lastOffset\":20,\"lastPosition\":73400320}}}}";

    @Test
    void readsWhatItWrites() {
        BitSet further = new BitSet();
        further.set(1);
        further.set(3);
        RedrivenTable table =
                new RedrivenTable(Map.of("billing", Map.of(0, new RedrivenTable.Queue(17, further, 20, 73_400_320))));

        assertThat(new String(table.write(), StandardCharsets.UTF_8)).isEqualTo(SHOWN);
        assertThat(RedrivenTable.read(SHOWN.getBytes(StandardCharsets.UTF_8))).isEqualTo(table);
    }

    @Test
    void refusesWhatIsNoTable() {
        assertThatThrownBy(() -> RedrivenTable.read(SHOWN.replace("Cg==", "?").getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(BadBodyException.class);
    }
}
