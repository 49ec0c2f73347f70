package io.vostok.store.index;

import io.vostok.store.file.Disk;
import io.vostok.store.file.Segment;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * How far the index durably is: two slots with checksums, written in turn. Outside the folder {@code index}, where Apache's
 * store takes every file for an index. Bytes: {@code docs/formats/key-index.md}.
 */
final class IndexMarks {
    static final String PATH = "vostok-index-checkpoint";
    static final int FILE_BYTES = 4096;
    private static final int SLOT_BYTES = 2048;
    private static final long MAGIC = 0x564F_5354_4F4B_4B49L; // "VOSTOKKI"
    private static final int CHECKED_BYTES = 40;

    private final Segment file;
    private Mark mark;

    /**
     * What a slot says.
     *
     * @param position of the log below which every record's keys are durably in the index
     * @param fileName digits of the newest file's name as a number; 0 when there was none
     * @param count of that file, next free entry
     */
    record Mark(long sequence, long position, long fileName, int count) {
        static final Mark NONE = new Mark(0, 0, 0, 1);

        boolean present() {
            return sequence > 0;
        }
    }

    IndexMarks(Disk disk) {
        long length = disk.length(PATH);
        if (length >= 0 && length != FILE_BYTES) {
            disk.delete(PATH);
            length = -1;
        }
        file = length < 0 ? disk.create(PATH, FILE_BYTES) : disk.open(PATH, FILE_BYTES);
        file.allocateTo(FILE_BYTES);
        Mark first = read(0);
        Mark second = read(SLOT_BYTES);
        mark = first.sequence > second.sequence ? first : second;
    }

    Mark mark() {
        return mark;
    }

    void write(long position, long fileName, int count) {
        Mark next = new Mark(mark.sequence + 1, position, fileName, count);
        ByteBuffer slot = ByteBuffer.allocate(CHECKED_BYTES + 4);
        slot.putLong(MAGIC)
                .putLong(next.sequence)
                .putLong(position)
                .putLong(fileName)
                .putLong(count);
        slot.putInt(crc(slot)).flip();
        file.put((int) (next.sequence % 2) * SLOT_BYTES, slot);
        file.force();
        mark = next;
    }

    private Mark read(int at) {
        ByteBuffer slot = ByteBuffer.allocate(CHECKED_BYTES + 4);
        file.get(at, CHECKED_BYTES + 4, slot);
        slot.flip();
        long magic = slot.getLong();
        Mark found = new Mark(slot.getLong(), slot.getLong(), slot.getLong(), (int) slot.getLong());
        boolean intact = magic == MAGIC && slot.getInt(CHECKED_BYTES) == crc(slot);
        return intact && found.sequence > 0 && found.position >= 0 && found.count >= 1 ? found : Mark.NONE;
    }

    private static int crc(ByteBuffer slot) {
        CRC32 crc = new CRC32();
        for (int i = 0; i < CHECKED_BYTES; i++) crc.update(slot.get(i));
        return (int) crc.getValue();
    }

    void close() {
        file.close();
    }
}
