package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer of all requests for topic names, as they are, unchecked.
 *
 * @param brokerAddr {@code ip:port} of some master, only in the answer to GET_SYSTEM_TOPIC_LIST_FROM_NS
 */
public record TopicList(List<String> topics, @Nullable String brokerAddr) {
    public TopicList {
        topics = List.copyOf(topics);
    }

    /**
     * Reads the body.
     *
     * @throws BadBodyException when it cannot be read
     */
    public static TopicList read(byte[] body) {
        return read(ByteBuffer.wrap(body));
    }

    /** As {@link #read(byte[])}, from position to limit, which do not move. */
    public static TopicList read(ByteBuffer body) {
        JsonNode json = BodyJson.table(body, "topic list");
        return new TopicList(Json.texts(json, "topicList"), Json.text(json, "brokerAddr"));
    }

    /** Returns the body as JSON in UTF-8. */
    public byte[] write() {
        JsonText json = new JsonText().open('{');
        if (brokerAddr != null) json.key("brokerAddr").text(brokerAddr);
        return json.key("topicList").texts(topics).close('}').toBytes();
    }
}
