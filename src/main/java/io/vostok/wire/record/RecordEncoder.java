package io.vostok.wire.record;

import io.vostok.model.SysFlag;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * Writes message records (storage reference 2.1) for the log to append.
 *
 * <p>Queue offset, physical offset and store timestamp are left zero, and the digits of the whole-record checksum too:
 * the log fills them when it appends. Reusable; one thread at a time. Allocates nothing.
 */
public final class RecordEncoder {
    private final CRC32 crc = new CRC32();

    /**
     * Returns the length of the properties as stored: with what {@code recordCrc} reserves at the end.
     *
     * @param properties text as {@code name 0x01 value 0x02 …}, with or without the last 0x02
     */
    public static int storedPropertiesBytes(byte[] properties, int offset, int length, boolean recordCrc) {
        if (!recordCrc) return length;
        return length + separatorBytes(properties, offset, length) + RecordLayout.CRC_TRAILER_BYTES;
    }

    /**
     * Returns the size of a record.
     *
     * @param bornAddressBytes 4 or 16
     * @param storeAddressBytes 4 or 16
     * @param topicBytes the topic's length; more than 127 make a v2 record
     * @param storedPropertiesBytes as {@link #storedPropertiesBytes} tells
     * @throws ArithmeticException when it does not fit an int
     */
    public static int sizeBytes(
            int bornAddressBytes, int storeAddressBytes, int bodyBytes, int topicBytes, int storedPropertiesBytes) {
        int fixed = RecordLayout.SMALLEST
                + (bornAddressBytes == 16 ? RecordLayout.IPV6_SHIFT : 0)
                + (storeAddressBytes == 16 ? RecordLayout.IPV6_SHIFT : 0)
                + (topicBytes > RecordLayout.MAX_TOPIC_V1 ? 1 : 0);
        return Math.addExact(Math.addExact(fixed, bodyBytes), topicBytes + storedPropertiesBytes);
    }

    /**
     * Writes one record at the position of {@code target}, which moves behind it.
     *
     * @param sysFlag its IPv6 bits are set by the addresses' lengths
     * @param bornAddress 4 or 16 bytes
     * @param storeAddress 4 or 16 bytes
     * @param preparedTransactionOffset position of the half message for a committed one, else 0
     * @param body from position to limit; both stay as they are
     * @param topic its name in US-ASCII, as every valid name is
     * @param properties text of which {@code propertiesLength} bytes from {@code propertiesOffset} count; the caller has
     *     removed a {@code __CRC32#} that a client sent
     * @param recordCrc whether the record shall carry a checksum of all of it
     * @return the record's size
     * @throws IllegalArgumentException when topic or properties are longer than the format allows or an address has
     *     neither 4 nor 16 bytes; nothing was written
     * @throws java.nio.BufferOverflowException when {@code target} has too little room; nothing was written
     */
    public int encode(
            ByteBuffer target,
            int queueId,
            int flag,
            int sysFlag,
            long bornTimestamp,
            byte[] bornAddress,
            int bornPort,
            byte[] storeAddress,
            int storePort,
            int reconsumeTimes,
            long preparedTransactionOffset,
            ByteBuffer body,
            byte[] topic,
            byte[] properties,
            int propertiesOffset,
            int propertiesLength,
            boolean recordCrc) {
        int storedProperties = storedPropertiesBytes(properties, propertiesOffset, propertiesLength, recordCrc);
        if (storedProperties > RecordLayout.MAX_PROPERTIES) {
            throw new IllegalArgumentException("properties take " + storedProperties + " bytes, at most "
                    + RecordLayout.MAX_PROPERTIES + " are allowed");
        }
        if (topic.length > Short.MAX_VALUE || topic.length == 0) {
            throw new IllegalArgumentException("topic has " + topic.length + " bytes");
        }
        int bodyBytes = body.remaining();
        int size = sizeBytes(
                addressBytes(bornAddress), addressBytes(storeAddress), bodyBytes, topic.length, storedProperties);
        if (target.remaining() < size) throw new java.nio.BufferOverflowException();

        boolean v2 = topic.length > RecordLayout.MAX_TOPIC_V1;
        int flags = (sysFlag & ~(SysFlag.BORN_HOST_V6 | SysFlag.STORE_HOST_V6))
                | (bornAddress.length == 16 ? SysFlag.BORN_HOST_V6 : 0)
                | (storeAddress.length == 16 ? SysFlag.STORE_HOST_V6 : 0);
        target.putLong(((long) size << 32) | ((v2 ? RecordLayout.MAGIC_V2 : RecordLayout.MAGIC_V1) & 0xFFFFFFFFL));
        target.putLong(((long) bodyCrc(body) << 32) | (queueId & 0xFFFFFFFFL));
        target.putInt(flag);
        target.putLong(0);
        target.putLong(0);
        target.putInt(flags);
        target.putLong(bornTimestamp);
        target.put(bornAddress).putInt(bornPort);
        target.putLong(0);
        target.put(storeAddress).putInt(storePort);
        target.putInt(reconsumeTimes);
        target.putLong(preparedTransactionOffset);
        target.putInt(bodyBytes);
        target.put(target.position(), body, body.position(), bodyBytes);
        target.position(target.position() + bodyBytes);
        if (v2) {
            target.putShort((short) topic.length);
        } else {
            target.put((byte) topic.length);
        }
        target.put(topic);
        target.putShort((short) storedProperties);
        target.put(properties, propertiesOffset, propertiesLength);
        if (recordCrc) {
            if (separatorBytes(properties, propertiesOffset, propertiesLength) == 1) target.put(RecordLayout.PAIR_END);
            RecordTrailer.reserve(target);
        }
        return size;
    }

    private int bodyCrc(ByteBuffer body) {
        int position = body.position();
        crc.reset();
        crc.update(body);
        body.position(position);
        return (int) crc.getValue() & 0x7FFFFFFF;
    }

    private static int addressBytes(byte[] address) {
        if (address.length != 4 && address.length != 16) {
            throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + address.length);
        }
        return address.length;
    }

    private static int separatorBytes(byte[] properties, int offset, int length) {
        return length > 0 && properties[offset + length - 1] != RecordLayout.PAIR_END ? 1 : 0;
    }
}
