package io.vostok.wire.record;

import io.vostok.model.MessageProperties;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of one record in place. Reusable; one thread at a time.
 *
 * <p>{@link #problem} must have returned null, or the record must come from a store that checked it, before any field
 * behind the sysFlag is read.
 */
public final class RecordView {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final CRC32 crc = new CRC32();
    private ByteBuffer buffer = NOTHING;
    private int at;
    private int sysFlag;
    private int bodyLength;
    private int topicAt;
    private int topicLength;
    private int propertiesAt;
    private int propertiesLength;

    /**
     * Looks at the record that starts at {@code offset} of {@code bytes}; position and limit do not matter to the fields
     * and stay as they are.
     *
     * @return this
     * @throws IndexOutOfBoundsException when the buffer ends inside the record
     */
    public RecordView wrap(ByteBuffer bytes, int offset) {
        buffer = bytes;
        at = offset;
        sysFlag = bytes.getInt(offset + RecordLayout.SYS_FLAG);
        bodyLength = bytes.getInt(offset + RecordLayout.bodyLength(sysFlag));
        int body = offset + RecordLayout.body(sysFlag);
        int topicLengthAt = Math.addExact(body, Math.max(0, bodyLength));
        boolean v2 = magic() == RecordLayout.MAGIC_V2;
        topicLength = v2 ? bytes.getShort(topicLengthAt) : bytes.get(topicLengthAt);
        topicAt = topicLengthAt + (v2 ? 2 : 1);
        int propertiesLengthAt = topicAt + Math.max(0, topicLength);
        propertiesLength = bytes.getShort(propertiesLengthAt);
        propertiesAt = propertiesLengthAt + 2;
        return this;
    }

    /**
     * Checks the record of {@code sizeBytes} bytes at {@code offset} completely: size, magic, own position, lengths, both
     * checksums.
     *
     * @param position what its physical offset must be
     * @return what is wrong with it, or null when it is intact; then this view looks at it
     */
    public @Nullable String problem(ByteBuffer bytes, int offset, int sizeBytes, long position) {
        if (sizeBytes < RecordLayout.SMALLEST || offset + sizeBytes > bytes.limit()) return "size";
        if (bytes.getInt(offset) != sizeBytes) return "size";
        if (!RecordLayout.isMessage(bytes.getInt(offset + RecordLayout.MAGIC))) return "magic";
        if (bytes.getLong(offset + RecordLayout.PHYSICAL_OFFSET) != position) return "position";
        try {
            wrap(bytes, offset);
        } catch (IndexOutOfBoundsException | ArithmeticException e) {
            return "lengths"; // a length leads out of the record
        }
        if (bodyLength < 0
                || topicLength < 0
                || propertiesLength < 0
                || propertiesAt + propertiesLength - offset != sizeBytes) {
            return "lengths";
        }
        boolean whole =
                propertiesLength >= RecordLayout.CRC_TRAILER_BYTES && RecordTrailer.present(bytes, offset, sizeBytes);
        // The checksum of the whole record speaks for the body and for the body's own checksum.
        if (whole && RecordTrailer.matches(bytes, offset, sizeBytes, crc)) return null;
        if (RecordTrailer.crcOf(bytes, bodyAt(), bodyLength, crc) != bodyCrc()) return "body checksum";
        if (whole) return "record checksum";
        // A power cut that takes the record's last sector takes the checksum with it and leaves zeros, with which no
        // properties end.
        return propertiesLength > 0 && bytes.get(offset + sizeBytes - 1) == 0 ? "properties" : null;
    }

    public int sizeBytes() {
        return buffer.getInt(at);
    }

    public int magic() {
        return buffer.getInt(at + RecordLayout.MAGIC);
    }

    public int bodyCrc() {
        return buffer.getInt(at + RecordLayout.BODY_CRC);
    }

    public int queueId() {
        return buffer.getInt(at + RecordLayout.QUEUE_ID);
    }

    public int flag() {
        return buffer.getInt(at + RecordLayout.FLAG);
    }

    public long queueOffset() {
        return buffer.getLong(at + RecordLayout.QUEUE_OFFSET);
    }

    public long physicalOffset() {
        return buffer.getLong(at + RecordLayout.PHYSICAL_OFFSET);
    }

    public int sysFlag() {
        return sysFlag;
    }

    public long bornTimestamp() {
        return buffer.getLong(at + RecordLayout.BORN_TIMESTAMP);
    }

    /** Returns a copy of the sender's address, 4 or 16 bytes. */
    public byte[] bornAddress() {
        return bytes(at + RecordLayout.BORN_HOST, RecordLayout.bornHostBytes(sysFlag) - 4);
    }

    public int bornPort() {
        return buffer.getInt(at + RecordLayout.storeTimestamp(sysFlag) - 4);
    }

    public long storeTimestamp() {
        return buffer.getLong(at + RecordLayout.storeTimestamp(sysFlag));
    }

    /** Returns a copy of the broker's address, 4 or 16 bytes. */
    public byte[] storeAddress() {
        return bytes(at + RecordLayout.storeHost(sysFlag), RecordLayout.storeHostBytes(sysFlag) - 4);
    }

    public int storePort() {
        return buffer.getInt(at + RecordLayout.reconsumeTimes(sysFlag) - 4);
    }

    public int reconsumeTimes() {
        return buffer.getInt(at + RecordLayout.reconsumeTimes(sysFlag));
    }

    public long preparedTransactionOffset() {
        return buffer.getLong(at + RecordLayout.preparedTransactionOffset(sysFlag));
    }

    /** Returns where the body starts in the buffer. */
    public int bodyAt() {
        return at + RecordLayout.body(sysFlag);
    }

    public int bodyLength() {
        return bodyLength;
    }

    /** Returns a view of the body; shares the buffer's bytes. */
    public ByteBuffer body() {
        return buffer.slice(bodyAt(), bodyLength);
    }

    /** Returns where the topic's name starts in the buffer. */
    public int topicAt() {
        return topicAt;
    }

    public int topicLength() {
        return topicLength;
    }

    public String topic() {
        return new String(bytes(topicAt, topicLength), StandardCharsets.UTF_8);
    }

    /** Returns where the properties text starts in the buffer. */
    public int propertiesAt() {
        return propertiesAt;
    }

    public int propertiesLength() {
        return propertiesLength;
    }

    /** Returns a copy of the properties text as it is stored. */
    public byte[] properties() {
        return bytes(propertiesAt, propertiesLength);
    }

    /** Returns the value of the property {@code name}, or null; of several the last counts. */
    public @Nullable String property(String name) {
        byte[] text = properties();
        return MessageProperties.get(text, 0, text.length, name);
    }

    private byte[] bytes(int from, int length) {
        byte[] copy = new byte[length];
        buffer.get(from, copy);
        return copy;
    }
}
