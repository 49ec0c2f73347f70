package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * An acknowledgement of pop consumption in the revive topic, in Apache's form (storage reference 13.5): one offset with the tag
 * {@code ack}, or a list of them with {@code bAck}. Start offset, queue, group and pop time name the checkpoint.
 */
public record PopAckBody(
        List<Long> offsets,
        long startOffset,
        String group,
        String topic,
        int queueId,
        long popMillis,
        String brokerName) {

    public PopAckBody {
        offsets = List.copyOf(offsets);
    }

    /**
     * Reads the body of either kind.
     *
     * @throws BadBodyException when it cannot be read
     */
    public static PopAckBody read(ByteBuffer body) {
        JsonNode json = BodyJson.object(body, "pop ack");
        List<Long> offsets = new ArrayList<>(Json.list(json, "aol", offset -> Json.longOf(offset, "aol")));
        if (offsets.isEmpty()) offsets.add(Json.longOf(json.path("ao"), "ao"));
        return new PopAckBody(
                offsets,
                Json.longOf(json.path("so"), "so"),
                Json.requireText(json, "c"),
                Json.requireText(json, "t"),
                Json.intOr(json, "q", 0),
                Json.longOf(json.path("pt"), "pt"),
                Json.textOr(json, "bn", ""));
    }

    /** Returns the body as JSON in UTF-8: with a list when there are several offsets. */
    public byte[] write() {
        JsonText json = new JsonText().open('{');
        json.key("ao").number(offsets.get(0));
        if (offsets.size() > 1) {
            json.key("aol").open('[');
            for (long offset : offsets) json.number(offset);
            json.close(']');
        }
        return json.key("bn")
                .text(brokerName)
                .key("c")
                .text(group)
                .key("pt")
                .number(popMillis)
                .key("q")
                .number(queueId)
                .key("so")
                .number(startOffset)
                .key("t")
                .text(topic)
                .close('}')
                .toBytes();
    }
}
