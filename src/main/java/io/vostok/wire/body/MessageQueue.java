package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;

/** One queue of one broker as bodies name it. Not checked against the rules of names: foreign brokers have their own. */
public record MessageQueue(String topic, String brokerName, int queueId) {
    static MessageQueue of(JsonNode json) {
        Json.requireObject(json, "messageQueue");
        return new MessageQueue(
                Json.requireText(json, "topic"), Json.requireText(json, "brokerName"), Json.intOr(json, "queueId", 0));
    }

    JsonText writeTo(JsonText json) {
        return json.open('{')
                .key("brokerName")
                .text(brokerName)
                .key("queueId")
                .number(queueId)
                .key("topic")
                .text(topic)
                .close('}');
    }

    /** Reads a map whose keys are queues, written as objects or as texts that hold the object. */
    static <T> Map<MessageQueue, T> map(JsonNode object, String field, BiFunction<String, JsonNode, T> read) {
        Map<MessageQueue, T> map = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : Json.objectAt(object, field).properties()) {
            if (entry.getValue().isNull()) continue;
            ObjectNode key = BodyJson.object(
                    ByteBuffer.wrap(entry.getKey().getBytes(StandardCharsets.UTF_8)), "key of '" + field + "'");
            map.put(of(key), read.apply(field, entry.getValue()));
        }
        return Collections.unmodifiableMap(map);
    }
}
