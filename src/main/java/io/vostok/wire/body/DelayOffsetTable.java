package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import io.vostok.model.DataVersion;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How far each delay level has been delivered: delayOffset.json and the answer to GET_ALL_DELAY_OFFSET.
 *
 * @param offsets next offset, by level from 1
 */
public record DelayOffsetTable(Map<Integer, Long> offsets, DataVersion version) {
    public DelayOffsetTable {
        offsets = Collections.unmodifiableMap(new LinkedHashMap<>(offsets));
    }

    /**
     * Reads the body.
     *
     * @throws BadBodyException when it cannot be read
     */
    public static DelayOffsetTable read(byte[] body) {
        return read(ByteBuffer.wrap(body));
    }

    /** As {@link #read(byte[])}, from position to limit, which do not move. */
    public static DelayOffsetTable read(ByteBuffer body) {
        JsonNode json = BodyJson.object(body, "delay offsets");
        return new DelayOffsetTable(
                ConsumerOffsetTable.byQueue(Json.objectAt(json, "offsetTable")),
                DataVersionJson.of(Json.objectAt(json, "dataVersion")));
    }

    /** Returns the body as JSON in UTF-8. */
    public byte[] write() {
        JsonText json = new JsonText().open('{').key("dataVersion").raw(DataVersionJson.text(version));
        json.key("offsetTable").open('{');
        offsets.forEach((level, offset) -> json.key(level, KeyForm.QUOTED).number(offset));
        return json.close('}').close('}').toBytes();
    }
}
