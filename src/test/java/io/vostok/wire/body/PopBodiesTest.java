package io.vostok.wire.body;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vostok.wire.HexDump;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The bodies of the revive topic against the dumps that {@code docs/formats/revive-log.md} shows. */
class PopBodiesTest {
    private static final long POP = 1_700_000_000_000L;
    private static final PopCheckpointBody CHECKPOINT =
            new PopCheckpointBody(17, POP, 60_000, 0, 3, "orders", "g", List.of(0, 2), "broker-a");
    private static final PopOrderBody ORDER = new PopOrderBody(
            "orders",
            "g",
            3,
            17,
            18,
            POP,
            60_000,
            "attempt-1",
            List.of(17L, 18L),
            List.of(POP + 60_000, POP + 60_000),
            List.of(0L, 1L),
            1);

    private static PopAckBody ack(Long... offsets) {
        return new PopAckBody(List.of(offsets), 17, "g", "orders", 3, POP, "broker-a");
    }

    private static ByteBuffer dump(String name) {
        return ByteBuffer.wrap(HexDump.read(name));
    }

    private static ByteBuffer json(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void writesWhatTheDumpsHold() {
        assertThat(CHECKPOINT.write()).isEqualTo(HexDump.read("revive-checkpoint"));
        assertThat(ack(19L).write()).isEqualTo(HexDump.read("revive-ack"));
        assertThat(ack(17L, 19L).write()).isEqualTo(HexDump.read("revive-batch-ack"));
        assertThat(ORDER.write()).isEqualTo(HexDump.read("revive-order"));
    }

    @Test
    void readsWhatTheDumpsHold() {
        assertThat(PopCheckpointBody.read(dump("revive-checkpoint"))).isEqualTo(CHECKPOINT);
        assertThat(PopAckBody.read(dump("revive-ack"))).isEqualTo(ack(19L));
        assertThat(PopAckBody.read(dump("revive-batch-ack"))).isEqualTo(ack(17L, 19L));
        assertThat(PopOrderBody.read(dump("revive-order"))).isEqualTo(ORDER);
    }

    @Test
    void theDumpsAreInTheDocument() throws IOException {
        String page = Files.readString(Path.of("docs/formats/revive-log.md"));
        for (String name : List.of("revive-checkpoint", "revive-ack", "revive-batch-ack", "revive-order")) {
            assertThat(page).contains(new String(HexDump.read(name), StandardCharsets.UTF_8));
        }
    }

    @Test
    void readsCheckpointsOfOldBrokersThatOnlyCount() {
        String old = "{\"so\":5,\"pt\":1,\"it\":2,\"q\":0,\"t\":\"t\",\"c\":\"g\",\"n\":3}";
        assertThat(PopCheckpointBody.read(json(old)).diffs()).containsExactly(0, 1, 2);
    }

    @Test
    void refusesOrdersWhoseListsDiffer() {
        String torn = "{\"so\":1,\"nx\":1,\"q\":0,\"t\":\"t\",\"c\":\"g\",\"o\":[1,2],\"vt\":[1],\"oc\":[0,0]}";
        assertThatThrownBy(() -> PopOrderBody.read(json(torn))).isInstanceOf(BadBodyException.class);
    }
}
