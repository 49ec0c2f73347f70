package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One TopicConfig as JSON: the answer to GET_TOPIC_CONFIG, the entries of topic tables. */
public final class TopicJson {
    private static final String MULTI_TAG = "MULTI_TAG";
    private static final String SINGLE_TAG = "SINGLE_TAG";

    private TopicJson() {}

    /**
     * Reads the body.
     *
     * @throws BadBodyException when it cannot be read
     */
    public static Topic read(byte[] body) {
        return read(ByteBuffer.wrap(body));
    }

    /** As {@link #read(byte[])}, from position to limit, which do not move. */
    public static Topic read(ByteBuffer body) {
        return of(null, BodyJson.object(body, "topic config"));
    }

    /**
     * Reads the body of UPDATE_AND_CREATE_TOPIC_LIST.
     *
     * @throws BadBodyException when it or one of its topics cannot be read
     */
    public static List<Topic> readList(byte[] body) {
        return readList(ByteBuffer.wrap(body));
    }

    /** As {@link #readList(byte[])}, from position to limit, which do not move. */
    public static List<Topic> readList(ByteBuffer body) {
        JsonNode json = BodyJson.table(body, "topic config list");
        return Json.list(json, "topicConfigList", topic -> of(null, topic));
    }

    /** Returns the topic as JSON in UTF-8. */
    public static byte[] write(Topic topic) {
        JsonText json = new JsonText();
        write(topic, json);
        return json.toBytes();
    }

    static Topic of(@Nullable String key, JsonNode json) {
        Json.requireObject(json, "topicConfig");
        String name = key == null ? Json.requireText(json, "topicName") : key;
        return checked(
                name,
                Json.intOr(json, "readQueueNums", 16),
                Json.intOr(json, "writeQueueNums", 16),
                Json.intOr(json, "perm", 6),
                Json.textOr(json, "topicFilterType", SINGLE_TAG),
                Json.intOr(json, "topicSysFlag", 0),
                Json.flagOr(json, "order", false),
                attributes(json));
    }

    static Map<String, String> attributes(JsonNode json) {
        return Json.map(json, "attributes", (attribute, value) -> Json.textOf(value, "attributes"));
    }

    static Topic checked(
            String name,
            int readQueues,
            int writeQueues,
            int perm,
            String filterType,
            int sysFlag,
            boolean order,
            Map<String, String> attributes) {
        String problem = TopicName.problem(name);
        if (problem == null && (readQueues < 0 || writeQueues < 0)) problem = "queue count below zero";
        if (problem != null) throw new BadBodyException("topic '" + Json.shown(name) + "': " + problem);
        boolean multiTag = filterType.equals(MULTI_TAG);
        return new Topic(new TopicName(name), readQueues, writeQueues, perm, multiTag, sysFlag, order, attributes);
    }

    static String filterType(Topic topic) {
        return topic.multiTag() ? MULTI_TAG : SINGLE_TAG;
    }

    static void write(Topic topic, JsonText json) {
        json.open('{').key("attributes");
        writeAttributes(topic, json);
        json.key("order")
                .flag(topic.order())
                .key("perm")
                .number(topic.perm())
                .key("readQueueNums")
                .number(topic.readQueues())
                .key("topicFilterType")
                .text(filterType(topic))
                .key("topicName")
                .text(topic.name().value())
                .key("topicSysFlag")
                .number(topic.sysFlag())
                .key("writeQueueNums")
                .number(topic.writeQueues())
                .close('}');
    }

    static void writeAttributes(Topic topic, JsonText json) {
        json.open('{');
        new TreeMap<>(topic.attributes())
                .forEach((attribute, value) -> json.key(attribute).text(value));
        json.close('}');
    }
}
