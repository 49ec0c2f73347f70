package io.vostok.wire.record;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * The whole-record checksum in the last 20 bytes of a record's properties (storage reference 2.5): the name
 * {@code __CRC32#}, 0x01, ten digits with the least significant first, 0x02.
 */
public final class RecordTrailer {
    private RecordTrailer() {}

    /** Writes a trailer with digits of zero at the position of {@code target}. */
    static void reserve(ByteBuffer target) {
        target.putLong(RecordLayout.CRC_NAME);
        target.put(RecordLayout.NAME_END);
        target.putLong(0x3030_3030_3030_3030L).putShort((short) 0x3030);
        target.put(RecordLayout.PAIR_END);
    }

    /** Tells whether the record of {@code size} bytes at {@code at} ends with a trailer, whatever its digits say. */
    public static boolean present(ByteBuffer record, int at, int size) {
        int trailer = at + size - RecordLayout.CRC_TRAILER_BYTES;
        if (record.getLong(trailer) != RecordLayout.CRC_NAME
                || record.get(trailer + RecordLayout.CRC_NAME_BYTES) != RecordLayout.NAME_END
                || record.get(at + size - 1) != RecordLayout.PAIR_END) {
            return false;
        }
        for (int i = 0; i < RecordLayout.CRC_DIGITS; i++) {
            byte digit = record.get(trailer + RecordLayout.CRC_NAME_BYTES + 1 + i);
            if (digit < '0' || digit > '9') return false;
        }
        return true;
    }

    /**
     * Writes the checksum into the trailer of the record, which must be there.
     *
     * @param crc scratch of the calling thread
     */
    public static void fill(ByteBuffer record, int at, int size, CRC32 crc) {
        int value = checksum(record, at, size, crc);
        int digits = at + size - RecordLayout.CRC_DIGITS - 1;
        for (int i = 0; i < RecordLayout.CRC_DIGITS; i++) {
            record.put(digits + i, (byte) ('0' + value % 10));
            value /= 10;
        }
    }

    /** Tells whether the digits of the trailer, which must be there, agree with the bytes before it. */
    public static boolean matches(ByteBuffer record, int at, int size, CRC32 crc) {
        long value = 0;
        int digits = at + size - RecordLayout.CRC_DIGITS - 1;
        for (int i = RecordLayout.CRC_DIGITS - 1; i >= 0; i--) {
            value = value * 10 + (record.get(digits + i) - '0');
        }
        return value == checksum(record, at, size, crc);
    }

    private static int checksum(ByteBuffer record, int at, int size, CRC32 crc) {
        return crcOf(record, at, size - RecordLayout.CRC_TRAILER_BYTES, crc);
    }

    /** Returns the 31 low bits of the CRC-32 of {@code length} bytes from {@code at}; the buffer stays as it is. */
    static int crcOf(ByteBuffer buffer, int at, int length, CRC32 crc) {
        int position = buffer.position();
        int limit = buffer.limit();
        crc.reset();
        buffer.limit(at + length).position(at);
        crc.update(buffer);
        buffer.limit(limit).position(position);
        return (int) crc.getValue() & 0x7FFFFFFF;
    }
}
