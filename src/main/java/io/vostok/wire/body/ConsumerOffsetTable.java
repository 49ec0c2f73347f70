package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import io.vostok.model.DataVersion;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Committed offsets: consumerOffset.json and the answer to GET_ALL_CONSUMER_OFFSET. Keys are {@code topic@group} as they came,
 * unchecked, so that offsets of names we would not accept survive. Queue ids are written quoted and read in both forms.
 *
 * @param offsets next offset to consume, by {@link #key} and queue id
 */
public record ConsumerOffsetTable(Map<String, Map<Integer, Long>> offsets, DataVersion version) {
    public ConsumerOffsetTable {
        offsets = Collections.unmodifiableMap(new LinkedHashMap<>(offsets));
    }

    /** Returns the key of one topic and group. */
    public static String key(String topic, String group) {
        return topic + "@" + group;
    }

    /**
     * Reads the body.
     *
     * @throws BadBodyException when it cannot be read
     */
    public static ConsumerOffsetTable read(byte[] body) {
        return read(ByteBuffer.wrap(body));
    }

    /** As {@link #read(byte[])}, from position to limit, which do not move. */
    public static ConsumerOffsetTable read(ByteBuffer body) {
        JsonNode json = BodyJson.table(body, "consumer offsets");
        return new ConsumerOffsetTable(
                Json.map(json, "offsetTable", (key, queues) -> byQueue(queues)),
                DataVersionJson.of(Json.objectAt(json, "dataVersion")));
    }

    /** Returns the body as JSON in UTF-8. */
    public byte[] write() {
        JsonText json = new JsonText().open('{').key("dataVersion").raw(DataVersionJson.text(version));
        json.key("offsetTable").open('{');
        offsets.forEach((key, queues) -> {
            json.key(key).open('{');
            queues.forEach((queue, offset) -> json.key(queue, KeyForm.QUOTED).number(offset));
            json.close('}');
        });
        return json.close('}').close('}').toBytes();
    }

    static Map<Integer, Long> byQueue(JsonNode json) {
        if (!json.isObject() && !json.isMissingNode()) throw Json.wrong("offsetTable", "an object");
        Map<Integer, Long> offsets = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : json.properties()) {
            if (entry.getValue().isNull()) continue;
            int queue = Json.narrow(Json.parseLong(entry.getKey(), "offsetTable"), "offsetTable");
            offsets.put(queue, Json.longOf(entry.getValue(), "offsetTable"));
        }
        return Collections.unmodifiableMap(offsets);
    }
}
