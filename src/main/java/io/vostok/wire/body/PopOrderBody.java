package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a group holds of one queue by popping in order, in the revive topic under the tag {@code ord}. Ours alone: Apache's broker
 * passes over it. Each one replaces the one before of the same group and queue.
 *
 * @param from the group's committed offset may still be as low as this
 * @param next the offset behind what is consumed in order
 * @param offsets of the messages of the batch, ascending; empty when nothing is held
 * @param visibleMillis wall time at which each may be given out again
 * @param attempts how often each was given out again
 * @param acked bit {@code i} for {@code offsets[i]}
 */
public record PopOrderBody(
        String topic,
        String group,
        int queueId,
        long from,
        long next,
        long popMillis,
        long invisibleMillis,
        @Nullable String attemptId,
        List<Long> offsets,
        List<Long> visibleMillis,
        List<Long> attempts,
        int acked) {

    public PopOrderBody {
        offsets = List.copyOf(offsets);
        visibleMillis = List.copyOf(visibleMillis);
        attempts = List.copyOf(attempts);
    }

    /**
     * Reads the body.
     *
     * @throws BadBodyException when it cannot be read
     */
    public static PopOrderBody read(ByteBuffer body) {
        JsonNode json = BodyJson.object(body, "pop order");
        PopOrderBody read = new PopOrderBody(
                Json.requireText(json, "t"),
                Json.requireText(json, "c"),
                Json.intOr(json, "q", 0),
                Json.longOf(json.path("so"), "so"),
                Json.longOf(json.path("nx"), "nx"),
                Json.longOr(json, "pt", 0),
                Json.longOr(json, "it", 0),
                Json.text(json, "a"),
                longs(json, "o"),
                longs(json, "vt"),
                longs(json, "oc"),
                Json.intOr(json, "bm", 0));
        int count = read.offsets.size();
        if (count > PopCheckpointBody.MOST || read.visibleMillis.size() != count || read.attempts.size() != count) {
            throw Json.wrong("o", "at most " + PopCheckpointBody.MOST + " offsets, each with a time and a count");
        }
        return read;
    }

    private static List<Long> longs(JsonNode json, String field) {
        return Json.list(json, field, value -> Json.longOf(value, field));
    }

    /** Returns the body as JSON in UTF-8. */
    public byte[] write() {
        JsonText json = new JsonText().open('{');
        if (attemptId != null) json.key("a").text(attemptId);
        json.key("bm").number(acked).key("c").text(group).key("it").number(invisibleMillis);
        json.key("nx").number(next);
        numbers(json.key("o"), offsets);
        numbers(json.key("oc"), attempts);
        json.key("pt").number(popMillis).key("q").number(queueId).key("so").number(from);
        json.key("t").text(topic);
        numbers(json.key("vt"), visibleMillis);
        return json.close('}').toBytes();
    }

    private static void numbers(JsonText json, List<Long> values) {
        json.open('[');
        for (long value : values) json.number(value);
        json.close(']');
    }
}
