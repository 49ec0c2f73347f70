package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.BitSet;
import java.util.List;

/** The body of BATCH_ACK_MESSAGE (remoting reference 8.4). */
public record BatchAck(String brokerName, List<Entry> acks) {
    private static final int MOST_ENTRIES = 4_096;
    private static final int MOST_BITS = 1_024;

    /**
     * Messages of one checkpoint.
     *
     * @param retry {@code 0} normal topic, {@code 1} and {@code 2} retry topic
     * @param offsets of the messages in the queue
     */
    public record Entry(
            String group,
            String topic,
            String retry,
            long startOffset,
            int queueId,
            int reviveQueue,
            long popMillis,
            long invisibleMillis,
            List<Long> offsets) {
        public Entry {
            offsets = List.copyOf(offsets);
        }
    }

    public BatchAck {
        acks = List.copyOf(acks);
    }

    /**
     * Reads the body, from position to limit, which do not move.
     *
     * @throws BadBodyException when it cannot be read
     */
    public static BatchAck read(ByteBuffer body) {
        JsonNode json = BodyJson.object(body, "batch ack");
        List<Entry> acks = Json.list(json, "acks", BatchAck::entry);
        if (acks.size() > MOST_ENTRIES) throw Json.wrong("acks", "at most " + MOST_ENTRIES + " entries");
        return new BatchAck(Json.textOr(json, "brokerName", ""), acks);
    }

    private static Entry entry(JsonNode json) {
        Json.requireObject(json, "acks");
        long start = Json.longOr(json, "so", 0);
        List<Long> offsets = new ArrayList<>();
        BitSet bits = bits(Json.textOr(json, "b", ""));
        for (int bit = bits.nextSetBit(0); bit >= 0; bit = bits.nextSetBit(bit + 1)) offsets.add(start + bit);
        return new Entry(
                Json.requireText(json, "c"),
                Json.requireText(json, "t"),
                Json.textOr(json, "r", "0"),
                start,
                Json.intOr(json, "q", 0),
                Json.intOr(json, "rq", 0),
                Json.longOr(json, "pt", 0),
                Json.longOr(json, "it", 0),
                offsets);
    }

    private static BitSet bits(String base64) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new BadBodyException("field 'b' is not what is expected: base64", e);
        }
        if (bytes.length > MOST_BITS / Byte.SIZE) throw Json.wrong("b", "at most " + MOST_BITS + " bits");
        return BitSet.valueOf(bytes);
    }
}
