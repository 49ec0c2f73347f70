package io.vostok.broker.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BatchEntriesTest {
    /** The vector of remoting reference 16: body {@code a}, KEYS=k1, WAIT=true, TAGS=TagA. */
    private static final String ONE_ENTRY = "00000033000000000000000000000000000000016100"
            + "1c4b455953016b310257414954017472756502544147530154616741" + "02";

    @Test
    void readsTheReferenceVector() {
        BatchEntries batch = BatchEntries.read(hex(ONE_ENTRY));

        assertThat(batch.refused()).isNull();
        assertThat(batch.entries()).hasSize(1);
        assertThat(text(batch.entries().get(0).body())).isEqualTo("a");
        assertThat(text(batch.entries().get(0).properties())).startsWith("KEYS\u0001k1\u0002WAIT");
    }

    @Test
    void readsEntriesOneAfterTheOther() {
        BatchEntries batch = BatchEntries.read(hex(ONE_ENTRY + ONE_ENTRY + ONE_ENTRY));

        assertThat(batch.entries()).hasSize(3);
    }

    @Test
    void namesTheEntryWhoseLengthsContradict() {
        ByteBuffer lying = hex(ONE_ENTRY + ONE_ENTRY);
        lying.putInt(51 + 16, 1000);

        @Nullable Refused refused = BatchEntries.read(lying).refused();

        assertThat(refused)
                .isEqualTo(new Refused(
                        Refusal.MESSAGE_ILLEGAL,
                        "message 1 of the batch is broken: it claims a body of 1000 bytes in an entry of 51"));
    }

    @Test
    void believesNoLengthOfMutatedBatches() {
        SplittableRandom random = new SplittableRandom(7);
        byte[] good = hex(ONE_ENTRY + ONE_ENTRY + ONE_ENTRY).array();
        for (int round = 0; round < 20_000; round++) {
            byte[] mutant = good.clone();
            for (int i = random.nextInt(4); i >= 0; i--)
                mutant[random.nextInt(mutant.length)] = (byte) random.nextInt();

            BatchEntries batch = BatchEntries.read(ByteBuffer.wrap(mutant, 0, random.nextInt(mutant.length + 1)));

            // Refused, or taken apart into ranges that lie within the batch: reading them must not throw.
            for (BatchEntries.Entry entry : batch.entries()) {
                assertThat(text(entry.body()).length()
                                + text(entry.properties()).length())
                        .isLessThan(mutant.length);
            }
        }
    }

    private static ByteBuffer hex(String digits) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(digits));
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.ISO_8859_1.decode(bytes.duplicate()).toString();
    }
}
