package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A checkpoint of pop consumption in the revive topic, in Apache's form (storage reference 13.5): messages of one queue that
 * one pop gave to a group.
 *
 * @param startOffset where the pop began to read; with queue, group and pop time the name of the checkpoint
 * @param popMillis wall time of the pop
 * @param acked bit {@code i} for the message at {@code startOffset + diffs[i]}
 * @param topic as stored: the retry topic for what came from there
 * @param diffs offsets of the messages, less the start offset, ascending
 */
public record PopCheckpointBody(
        long startOffset,
        long popMillis,
        long invisibleMillis,
        int acked,
        int queueId,
        String topic,
        String group,
        List<Integer> diffs,
        String brokerName) {

    /** Most messages of one checkpoint: as many as {@code acked} has bits. */
    public static final int MOST = 32;

    public PopCheckpointBody {
        diffs = List.copyOf(diffs);
    }

    /**
     * Reads the body.
     *
     * @throws BadBodyException when it cannot be read, or names more messages than a checkpoint may have
     */
    public static PopCheckpointBody read(ByteBuffer body) {
        JsonNode json = BodyJson.object(body, "pop checkpoint");
        List<Integer> diffs = Json.list(json, "d", diff -> Json.narrow(Json.longOf(diff, "d"), "d"));
        int count = Json.intOr(json, "n", 0);
        if (diffs.isEmpty() && count > 0 && count <= MOST) {
            // An old broker's: the messages follow one another.
            diffs = java.util.stream.IntStream.range(0, count).boxed().toList();
        }
        if (diffs.size() > MOST) throw Json.wrong("d", "at most " + MOST + " offsets");
        for (int diff : diffs) {
            if (diff < 0) throw Json.wrong("d", "offsets from the start on");
        }
        return new PopCheckpointBody(
                Json.longOf(json.path("so"), "so"),
                Json.longOf(json.path("pt"), "pt"),
                Json.longOf(json.path("it"), "it"),
                Json.intOr(json, "bm", 0),
                Json.intOr(json, "q", 0),
                Json.requireText(json, "t"),
                Json.requireText(json, "c"),
                diffs,
                Json.textOr(json, "bn", ""));
    }

    /** Returns the body as JSON in UTF-8. */
    public byte[] write() {
        JsonText json = new JsonText().open('{').key("bm").number(acked);
        json.key("bn").text(brokerName).key("c").text(group).key("d").open('[');
        for (int diff : diffs) json.number(diff);
        return json.close(']')
                .key("it")
                .number(invisibleMillis)
                .key("n")
                .number(diffs.size())
                .key("pt")
                .number(popMillis)
                .key("q")
                .number(queueId)
                .key("ro")
                .number(0)
                .key("so")
                .number(startOffset)
                .key("t")
                .text(topic)
                .close('}')
                .toBytes();
    }
}
