package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The answer to GET_TOPIC_STATS_INFO. Keys are raw objects, which is no legal JSON.
 *
 * @param topicPutTps messages per second
 */
public record TopicStats(Map<MessageQueue, Range> offsets, double topicPutTps) {
    /**
     * What one queue holds.
     *
     * @param maxOffset the next offset to be written
     * @param lastUpdateMillis when the last message was stored; 0 when empty
     */
    public record Range(long minOffset, long maxOffset, long lastUpdateMillis) {}

    public TopicStats {
        offsets = Collections.unmodifiableMap(new LinkedHashMap<>(offsets));
    }

    /**
     * Reads the body.
     *
     * @throws BadBodyException when it cannot be read
     */
    public static TopicStats read(byte[] body) {
        return read(ByteBuffer.wrap(body));
    }

    /** As {@link #read(byte[])}, from position to limit, which do not move. */
    public static TopicStats read(ByteBuffer body) {
        JsonNode json = BodyJson.object(body, "topic stats");
        return new TopicStats(
                MessageQueue.map(
                        json,
                        "offsetTable",
                        (name, value) -> new Range(
                                Json.longOr(value, "minOffset", 0),
                                Json.longOr(value, "maxOffset", 0),
                                Json.longOr(value, "lastUpdateTimestamp", 0))),
                json.path("topicPutTps").asDouble(0));
    }

    /** Returns the body as JSON in UTF-8. */
    public byte[] write() {
        JsonText json = new JsonText().open('{').key("offsetTable").open('{');
        offsets.forEach((queue, range) -> queue.writeTo(json)
                .colon()
                .open('{')
                .key("lastUpdateTimestamp")
                .number(range.lastUpdateMillis())
                .key("maxOffset")
                .number(range.maxOffset())
                .key("minOffset")
                .number(range.minOffset())
                .close('}'));
        return json.close('}')
                .key("topicPutTps")
                .decimal(topicPutTps)
                .close('}')
                .toBytes();
    }
}
