package io.vostok.service;

import io.vostok.broker.Refused;
import io.vostok.model.MessageProperties;
import io.vostok.model.OffsetMessageId;
import io.vostok.model.PropertiesEditor;
import io.vostok.model.QueueId;
import io.vostok.model.TopicName;
import io.vostok.store.LogView;
import io.vostok.wire.record.RecordEncoder;
import io.vostok.wire.record.RecordLayout;
import io.vostok.wire.record.RecordView;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads a message from the log and appends it again elsewhere: same body, flags and birth, other topic, queue, attempts and
 * properties. One event loop; one message at a time.
 */
final class MessageCopy {
    private static final int KEPT_BYTES = 64 * 1024;

    private final LogView view;
    private final RecordSink log;
    private final Endpoint storeHost;
    private final boolean recordCrc;
    private final RecordEncoder encoder = new RecordEncoder();
    private final RecordView record = new RecordView();
    private final PropertiesEditor properties = new PropertiesEditor();
    private ByteBuffer bytes = ByteBuffer.allocate(KEPT_BYTES);

    MessageCopy(LogView view, RecordSink log, Appending appending) {
        this.view = view;
        this.log = log;
        this.storeHost = appending.storeHost();
        this.recordCrc = appending.recordCrc();
    }

    /**
     * Reads the record at {@code position}.
     *
     * @return false when the log no longer holds it
     * @throws io.vostok.store.StoreException DAMAGED when it is not intact
     */
    boolean read(long position, int sizeBytes) {
        boolean needlesslyLarge = bytes.capacity() > KEPT_BYTES && sizeBytes <= KEPT_BYTES;
        if (bytes.capacity() < sizeBytes || needlesslyLarge) {
            bytes = ByteBuffer.allocate(Math.max(KEPT_BYTES, sizeBytes));
        }
        bytes.clear().limit(sizeBytes);
        if (!view.copy(position, sizeBytes, bytes)) return false;
        record.wrap(bytes, 0);
        properties
                .load(bytes.slice(record.propertiesAt(), record.propertiesLength()))
                .remove(MessageProperties.CRC32);
        return true;
    }

    /** Returns the record that was read; valid until the next read. */
    RecordView record() {
        return record;
    }

    /** Returns the properties of the copy: at first those of the record, without its checksum. */
    PropertiesEditor properties() {
        return properties;
    }

    /** Returns the id that the broker which stored the record gave it. */
    String messageId() {
        try {
            InetAddress host = InetAddress.getByAddress(record.storeAddress());
            return new OffsetMessageId(host, record.storePort() & 0xFFFF, record.physicalOffset()).toString();
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of a record has 4 or 16 bytes", e);
        }
    }

    /**
     * Appends the copy.
     *
     * @param listener hears the outcome once, unless a refusal is returned
     * @return why it cannot be taken now, or null
     */
    @Nullable
    Refused append(QueueId queue, int reconsumeTimes, AppendListener listener) {
        int size = sizeBytes(queue.topic());
        @Nullable Refused busy = log.admission(size);
        if (busy != null) return busy;
        encode(log.room(size), queue, record.sysFlag(), reconsumeTimes, 0);
        log.append(queue, size, 1, listener);
        return null;
    }

    /** Returns the size of the copy in a queue of {@code topic}, with the properties as they are now. */
    int sizeBytes(TopicName topic) {
        return RecordEncoder.sizeBytes(
                RecordLayout.bornHostBytes(record.sysFlag()) - 4,
                storeHost.address().length,
                record.bodyLength(),
                topic.value().length(),
                RecordEncoder.storedPropertiesBytes(properties.bytes(), 0, propertiesLength(), writesCrc()));
    }

    /**
     * Writes the copy at the position of {@code room}, for whoever appends it with something else.
     *
     * @param preparedTransactionOffset position of the half message that the copy is of, else 0
     */
    void encode(ByteBuffer room, QueueId queue, int sysFlag, int reconsumeTimes, long preparedTransactionOffset) {
        encoder.encode(
                room,
                queue.index(),
                record.flag(),
                sysFlag,
                record.bornTimestamp(),
                record.bornAddress(),
                record.bornPort(),
                storeHost.address(),
                storeHost.port(),
                reconsumeTimes,
                preparedTransactionOffset,
                record.body(),
                queue.topic().value().getBytes(StandardCharsets.US_ASCII),
                properties.bytes(),
                0,
                propertiesLength(),
                writesCrc());
    }

    /** A foreign record may be full to the last byte without the last separator, which the editor adds. */
    private int propertiesLength() {
        return Math.min(properties.length(), MessageProperties.LARGEST_BYTES);
    }

    /** A message must not be lost because its properties leave no room for a checksum that it did not have before. */
    private boolean writesCrc() {
        return recordCrc
                && RecordEncoder.storedPropertiesBytes(properties.bytes(), 0, propertiesLength(), true)
                        <= MessageProperties.LARGEST_BYTES;
    }
}
