package io.vostok.store.meta;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/** Offsets and checks of the consumer offset table's bytes; {@code docs/formats/consumer-offsets.md}. */
final class OffsetsLayout {
    static final int MAGIC = 0x564F4631; // VOF1
    static final long COMPLETE = 0x434F4D504C455445L; // COMPLETE

    // The header of a segment.
    static final int HEAD_MAGIC = 0;
    static final int HEAD_GENERATION = 4;
    static final int HEAD_SEGMENT = 8;
    static final int HEAD_CRC = 12;
    static final int HEAD_COMPLETE = 16;
    static final int HEAD_EXPORTS = 24;
    static final int EXPORTS = 3;
    static final int HEAD_BYTES = 64;

    // An entry.
    static final int SIZE = 0;
    static final int CRC = 4;
    static final int CELL = 8;
    static final int QUEUE = 16;
    static final int TOPIC_LENGTH = 20;
    static final int GROUP_LENGTH = 22;
    static final int NAMES = 24;
    static final int LONGEST_NAME = 255;

    /** The largest offset that fits its cell beside the check. */
    static final long MAX_OFFSET = (1L << 48) - 2;

    private static final long REMOVED = (1L << 48) - 1;

    private OffsetsLayout() {}

    /** Returns a cell that holds {@code offset}, or that nothing is committed when it is -1. */
    static long cell(long offset, int keyCrc) {
        long value = offset == -1 ? REMOVED : offset;
        return (long) check(value, keyCrc) << 48 | value;
    }

    /** Returns the offset in a cell, or -1 when it says that nothing is committed. */
    static long offset(long cell) {
        long value = cell & REMOVED;
        return value == REMOVED ? -1 : value;
    }

    /** Tells whether a cell is what {@link #cell} makes for this key. */
    static boolean intact(long cell, int keyCrc) {
        return (int) (cell >>> 48) == check(cell & REMOVED, keyCrc);
    }

    /** Returns the name of a segment's file within {@code config}. */
    static String fileName(int generation, int segment) {
        return String.format("consumerOffset.table.%08d.%04d", generation, segment);
    }

    /** Returns the bytes of an entry, whose limit is its size. */
    static ByteBuffer entry(String topic, String group, int queue, long offset) {
        byte[] topicBytes = topic.getBytes(StandardCharsets.US_ASCII);
        byte[] groupBytes = group.getBytes(StandardCharsets.US_ASCII);
        int size = (NAMES + topicBytes.length + groupBytes.length + 7) / 8 * 8;
        ByteBuffer entry = ByteBuffer.allocate(size);
        entry.putInt(SIZE, size);
        entry.putInt(QUEUE, queue);
        entry.putShort(TOPIC_LENGTH, (short) topicBytes.length);
        entry.putShort(GROUP_LENGTH, (short) groupBytes.length);
        entry.put(NAMES, topicBytes);
        entry.put(NAMES + topicBytes.length, groupBytes);
        int crc = keyCrc(entry, 0, size);
        entry.putInt(CRC, crc);
        entry.putLong(CELL, cell(offset, crc));
        return entry;
    }

    /** Returns the size of the entry at {@code at} when its key is intact, or 0. */
    static int intactSize(ByteBuffer bytes, int at) {
        if (at + NAMES > bytes.limit()) return 0;
        int size = bytes.getInt(at + SIZE);
        int topicLength = bytes.getShort(at + TOPIC_LENGTH);
        int groupLength = bytes.getShort(at + GROUP_LENGTH);
        if (topicLength < 1 || topicLength > LONGEST_NAME || groupLength < 1 || groupLength > LONGEST_NAME) return 0;
        if (size != (NAMES + topicLength + groupLength + 7) / 8 * 8 || size > bytes.limit() - at) return 0;
        return bytes.getInt(at + CRC) == keyCrc(bytes, at, size) ? size : 0;
    }

    static int headCrc(int generation, int segment) {
        CRC32 crc = new CRC32();
        crc.update(ByteBuffer.allocate(12)
                .putInt(MAGIC)
                .putInt(generation)
                .putInt(segment)
                .flip());
        return (int) crc.getValue();
    }

    /** Returns what stands for a file's content in the header: its checksum and its length. */
    static long fingerprint(byte[] content) {
        CRC32 crc = new CRC32();
        crc.update(content);
        return crc.getValue() << 32 | content.length;
    }

    /** The checksum of everything in an entry but itself and the cell. */
    private static int keyCrc(ByteBuffer bytes, int at, int size) {
        CRC32 crc = new CRC32();
        crc.update(bytes.slice(at + SIZE, 4));
        crc.update(bytes.slice(at + QUEUE, size - QUEUE));
        return (int) crc.getValue();
    }

    /** Sixteen bits that depend on every bit of the offset and on whose cell it is. */
    private static int check(long value, int keyCrc) {
        long mixed = (value ^ ((long) keyCrc << 17)) + 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return (int) ((mixed ^ (mixed >>> 31)) >>> 48);
    }
}
