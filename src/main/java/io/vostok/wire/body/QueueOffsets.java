package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Offsets by queue: the body of RESET_CONSUMER_CLIENT_OFFSET (field {@code offsetTable}) and the answer to
 * GET_CONSUMER_STATUS_FROM_CLIENT (field {@code messageQueueTable}). Keys are raw objects, which is no legal JSON.
 */
public record QueueOffsets(Map<MessageQueue, Long> offsets) {
    public QueueOffsets {
        offsets = Collections.unmodifiableMap(new LinkedHashMap<>(offsets));
    }

    /**
     * Reads the body.
     *
     * @throws BadBodyException when it cannot be read
     */
    public static QueueOffsets read(byte[] body) {
        return read(ByteBuffer.wrap(body));
    }

    /** As {@link #read(byte[])}, from position to limit, which do not move. */
    public static QueueOffsets read(ByteBuffer body) {
        JsonNode json = BodyJson.object(body, "queue offsets");
        String field = json.has("offsetTable") ? "offsetTable" : "messageQueueTable";
        return new QueueOffsets(MessageQueue.map(json, field, (name, value) -> Json.longOf(value, name)));
    }

    /** Returns the body of RESET_CONSUMER_CLIENT_OFFSET. */
    public byte[] writeOffsetTable() {
        return write("offsetTable");
    }

    /** Returns the answer to GET_CONSUMER_STATUS_FROM_CLIENT. */
    public byte[] writeMessageQueueTable() {
        return write("messageQueueTable");
    }

    private byte[] write(String field) {
        return writeTo(new JsonText().open('{').key(field)).close('}').toBytes();
    }

    JsonText writeTo(JsonText json) {
        json.open('{');
        offsets.forEach((queue, offset) -> queue.writeTo(json).colon().number(offset));
        return json.close('}');
    }
}
