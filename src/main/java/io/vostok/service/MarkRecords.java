package io.vostok.service;

import io.vostok.model.MessageProperties;
import io.vostok.store.transaction.HalfMessages;
import io.vostok.store.transaction.MarkBody;
import io.vostok.wire.record.RecordEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Writes the records that say a half message is done, as Apache does. One event loop. */
final class MarkRecords {
    private static final byte[] TOPIC = HalfMessages.MARKS.topic().value().getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PROPERTIES = MessageProperties.write(Map.of(MessageProperties.TAGS, MarkBody.TAG));

    private final Endpoint storeHost;
    private final boolean recordCrc;
    private final RecordEncoder encoder = new RecordEncoder();

    MarkRecords(Appending appending) {
        this.storeHost = appending.storeHost();
        this.recordCrc = appending.recordCrc();
    }

    /** Returns the size of a mark with this body. */
    int sizeBytes(byte[] body) {
        int host = storeHost.address().length;
        int properties = RecordEncoder.storedPropertiesBytes(PROPERTIES, 0, PROPERTIES.length, recordCrc);
        return RecordEncoder.sizeBytes(host, host, body.length, TOPIC.length, properties);
    }

    void encode(ByteBuffer room, byte[] body, long nowMillis) {
        encoder.encode(
                room,
                HalfMessages.MARKS.index(),
                0,
                0,
                nowMillis,
                storeHost.address(),
                storeHost.port(),
                storeHost.address(),
                storeHost.port(),
                0,
                0,
                ByteBuffer.wrap(body),
                TOPIC,
                PROPERTIES,
                0,
                PROPERTIES.length,
                recordCrc);
    }
}
