package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.BitSet;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which dead letters were sent again: {@code config/redriven.json}.
 *
 * @param groups by name, then by queue of their dead letters
 */
public record RedrivenTable(Map<String, Map<Integer, Queue>> groups) {
    public static final RedrivenTable EMPTY = new RedrivenTable(Map.of());

    public RedrivenTable {
        Map<String, Map<Integer, Queue>> copy = new LinkedHashMap<>();
        groups.forEach((group, queues) -> copy.put(group, Collections.unmodifiableMap(new LinkedHashMap<>(queues))));
        groups = Collections.unmodifiableMap(copy);
    }

    /**
     * One queue.
     *
     * @param below every dead letter before this offset was sent again, or is gone
     * @param further those at or behind it, counted from it
     * @param lastOffset of one that was sent again
     * @param lastPosition where that one is in the log, by which another topic of the same name is told apart
     */
    public record Queue(long below, BitSet further, long lastOffset, long lastPosition) {}

    /**
     * Reads the file.
     *
     * @throws BadBodyException when it cannot be read
     */
    public static RedrivenTable read(byte[] content) {
        return new RedrivenTable(Json.map(
                BodyJson.table(ByteBuffer.wrap(content), "redriven dead letters"), "redriven", RedrivenTable::queues));
    }

    private static Map<Integer, Queue> queues(String group, JsonNode node) {
        Map<Integer, Queue> queues = new LinkedHashMap<>();
        node.properties()
                .forEach(each -> queues.put(
                        Json.narrow(Json.parseLong(each.getKey(), group), group),
                        new Queue(
                                Json.longOr(each.getValue(), "below", 0),
                                bits(Json.textOr(each.getValue(), "further", "")),
                                Json.longOr(each.getValue(), "lastOffset", 0),
                                Json.longOr(each.getValue(), "lastPosition", 0))));
        return queues;
    }

    private static BitSet bits(String base64) {
        try {
            return BitSet.valueOf(Base64.getDecoder().decode(base64));
        } catch (IllegalArgumentException e) {
            throw Json.wrong("further", "bits in base64");
        }
    }

    /** Returns the content as JSON in UTF-8. */
    public byte[] write() {
        JsonText json = new JsonText().open('{').key("redriven").open('{');
        groups.forEach((group, queues) -> {
            json.key(group).open('{');
            queues.forEach((number, queue) -> json.key(Integer.toString(number))
                    .open('{')
                    .key("below")
                    .number(queue.below())
                    .key("further")
                    .text(Base64.getEncoder().encodeToString(queue.further().toByteArray()))
                    .key("lastOffset")
                    .number(queue.lastOffset())
                    .key("lastPosition")
                    .number(queue.lastPosition())
                    .close('}'));
            json.close('}');
        });
        return json.close('}').close('}').toBytes();
    }
}
