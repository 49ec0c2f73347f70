package io.vostok.service;

import io.vostok.broker.pop.PopTopics;
import io.vostok.model.MessageProperties;
import io.vostok.model.PropertiesEditor;
import io.vostok.store.LogView;
import io.vostok.wire.record.RecordEncoder;
import io.vostok.wire.record.RecordLayout;
import io.vostok.wire.record.RecordView;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Copies popped messages from the log as consumers get them: those of a retry topic under the topic that was asked for, with their
 * receipt in {@code POP_CK} (storage reference 13.3). One event loop.
 */
final class PoppedRecords {
    private static final int KEPT_BYTES = 64 * 1024;

    private final LogView view;
    private final RecordEncoder encoder = new RecordEncoder();
    private final RecordView record = new RecordView();
    private final PropertiesEditor properties = new PropertiesEditor();
    private ByteBuffer bytes = ByteBuffer.allocate(KEPT_BYTES);

    PoppedRecords(LogView view) {
        this.view = view;
    }

    /** Returns the most bytes that {@link #copy} writes for this message. */
    static int mostBytes(Popped popped, Popped.Part part, int index) {
        if (part.retry() == PopTopics.NORMAL) return part.sizes()[index];
        return part.sizes()[index]
                + popped.topic().value().length()
                + MessageProperties.POP_CK.length()
                + popped.receipt(part, index).text().length()
                + 4;
    }

    /**
     * Copies one message to the position of {@code target}, which moves on and has room for {@link #mostBytes}.
     *
     * @return false when the log no longer holds it; nothing was copied
     * @throws io.vostok.store.StoreException DAMAGED when it is not intact; nothing was copied
     */
    boolean copy(Popped popped, Popped.Part part, int index, ByteBuffer target) {
        int size = part.sizes()[index];
        if (part.retry() == PopTopics.NORMAL) return view.copy(part.positions()[index], size, target);
        boolean needlesslyLarge = bytes.capacity() > KEPT_BYTES && size <= KEPT_BYTES;
        if (bytes.capacity() < size || needlesslyLarge) bytes = ByteBuffer.allocate(Math.max(KEPT_BYTES, size));
        bytes.clear().limit(size);
        if (!view.copy(part.positions()[index], size, bytes)) return false;
        record.wrap(bytes, 0);
        properties
                .load(bytes.slice(record.propertiesAt(), record.propertiesLength()))
                .remove(MessageProperties.CRC32)
                .put(MessageProperties.POP_CK, popped.receipt(part, index).text());
        if (properties.length() > MessageProperties.LARGEST_BYTES) {
            // No room for the receipt: under its retry topic the client makes it itself.
            target.put(bytes.flip());
            return true;
        }
        int start = target.position();
        encoder.encode(
                target,
                record.queueId(),
                record.flag(),
                record.sysFlag(),
                record.bornTimestamp(),
                record.bornAddress(),
                record.bornPort(),
                record.storeAddress(),
                record.storePort(),
                record.reconsumeTimes(),
                record.preparedTransactionOffset(),
                record.body(),
                popped.topic().value().getBytes(StandardCharsets.US_ASCII),
                properties.bytes(),
                0,
                properties.length(),
                false);
        target.putLong(start + RecordLayout.QUEUE_OFFSET, record.queueOffset());
        target.putLong(start + RecordLayout.PHYSICAL_OFFSET, record.physicalOffset());
        target.putLong(start + RecordLayout.storeTimestamp(record.sysFlag()), record.storeTimestamp());
        return true;
    }
}
