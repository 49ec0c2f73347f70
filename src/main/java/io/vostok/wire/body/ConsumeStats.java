package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The answer to GET_CONSUME_STATS. Keys are raw objects, which is no legal JSON.
 *
 * @param consumeTps messages per second
 */
public record ConsumeStats(Map<MessageQueue, Progress> offsets, double consumeTps) {
    /**
     * How far a group is in one queue.
     *
     * @param brokerOffset the next offset to be written
     * @param lastMillis store time of the last consumed message; 0 when unknown
     */
    public record Progress(long brokerOffset, long consumerOffset, long pullOffset, long lastMillis) {}

    public ConsumeStats {
        offsets = Collections.unmodifiableMap(new LinkedHashMap<>(offsets));
    }

    /**
     * Reads the body.
     *
     * @throws BadBodyException when it cannot be read
     */
    public static ConsumeStats read(byte[] body) {
        return read(ByteBuffer.wrap(body));
    }

    /** As {@link #read(byte[])}, from position to limit, which do not move. */
    public static ConsumeStats read(ByteBuffer body) {
        JsonNode json = BodyJson.object(body, "consume stats");
        return new ConsumeStats(
                MessageQueue.map(
                        json,
                        "offsetTable",
                        (name, value) -> new Progress(
                                Json.longOr(value, "brokerOffset", 0),
                                Json.longOr(value, "consumerOffset", 0),
                                Json.longOr(value, "pullOffset", 0),
                                Json.longOr(value, "lastTimestamp", 0))),
                json.path("consumeTps").asDouble(0));
    }

    /** Returns the body as JSON in UTF-8. */
    public byte[] write() {
        return writeTo(new JsonText()).toBytes();
    }

    JsonText writeTo(JsonText json) {
        json.open('{').key("consumeTps").decimal(consumeTps).key("offsetTable").open('{');
        offsets.forEach((queue, progress) -> queue.writeTo(json)
                .colon()
                .open('{')
                .key("brokerOffset")
                .number(progress.brokerOffset())
                .key("consumerOffset")
                .number(progress.consumerOffset())
                .key("lastTimestamp")
                .number(progress.lastMillis())
                .key("pullOffset")
                .number(progress.pullOffset())
                .close('}'));
        return json.close('}').close('}');
    }
}
