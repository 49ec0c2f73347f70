package io.vostok.wire.body;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which topics were deleted while the log still has records of them: {@code config/deletedTopics.json}.
 *
 * @param positions by topic, in bytes from the start of the log: records before it belong to the deleted topic
 */
public record DeletedTopicTable(Map<String, Long> positions) {
    public DeletedTopicTable {
        positions = Collections.unmodifiableMap(new LinkedHashMap<>(positions));
    }

    /**
     * Reads the file.
     *
     * @throws BadBodyException when it cannot be read
     */
    public static DeletedTopicTable read(byte[] content) {
        return new DeletedTopicTable(Json.map(
                BodyJson.table(ByteBuffer.wrap(content), "deleted topics"),
                "deletedTopics",
                (topic, position) -> Json.longOf(position, "deletedTopics")));
    }

    /** Returns the content as JSON in UTF-8. */
    public byte[] write() {
        JsonText json = new JsonText().open('{').key("deletedTopics").open('{');
        positions.forEach((topic, position) -> json.key(topic).number(position));
        return json.close('}').close('}').toBytes();
    }
}
