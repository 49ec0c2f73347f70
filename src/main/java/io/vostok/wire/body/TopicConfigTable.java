package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import io.vostok.model.DataVersion;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Topics of a broker with their version: topics.json, the answer to GET_ALL_TOPIC_CONFIG and a part of registrations.
 *
 * <p>One impossible entry, a name beyond our rules or a number that is none, does not make the table unreadable: it is left
 * out and {@code problems} tells it. Queue mappings of static topics, which we do not serve, are not kept.
 *
 * @param problems what reading left out, in words for the log, at most 101; never written
 */
public record TopicConfigTable(Map<TopicName, Topic> topics, DataVersion version, List<String> problems) {
    public TopicConfigTable {
        topics = Collections.unmodifiableMap(new LinkedHashMap<>(topics));
        problems = List.copyOf(problems);
    }

    /** Returns a table to be written. */
    public TopicConfigTable(Map<TopicName, Topic> topics, DataVersion version) {
        this(topics, version, List.of());
    }

    /**
     * Reads the body.
     *
     * @throws BadBodyException when it cannot be read
     */
    public static TopicConfigTable read(byte[] body) {
        return read(ByteBuffer.wrap(body));
    }

    /** As {@link #read(byte[])}, from position to limit, which do not move. */
    public static TopicConfigTable read(ByteBuffer body) {
        return of(BodyJson.table(body, "topic table"));
    }

    /** Returns the body as JSON in UTF-8. */
    public byte[] write() {
        return writeTo(new JsonText()).toBytes();
    }

    static TopicConfigTable of(JsonNode json) {
        Map<TopicName, Topic> topics = new LinkedHashMap<>();
        Problems problems = new Problems();
        for (Map.Entry<String, JsonNode> entry :
                Json.objectAt(json, "topicConfigTable").properties()) {
            try {
                Topic topic = TopicJson.of(entry.getKey(), entry.getValue());
                topics.put(topic.name(), topic);
            } catch (BadBodyException e) {
                problems.add("topic '" + Json.shown(entry.getKey()) + "' left out: " + e.getMessage());
            }
        }
        return new TopicConfigTable(topics, DataVersionJson.of(Json.objectAt(json, "dataVersion")), problems.list());
    }

    JsonText writeTo(JsonText json) {
        json.open('{').key("dataVersion").raw(DataVersionJson.text(version));
        json.key("topicConfigTable").open('{');
        topics.forEach((name, topic) -> TopicJson.write(topic, json.key(name.value())));
        return json.close('}').close('}');
    }
}
