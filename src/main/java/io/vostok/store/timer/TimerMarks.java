package io.vostok.store.timer;

import io.vostok.store.file.Disk;
import io.vostok.store.file.Segment;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * How far the timer index durably is: two slots with checksums, written in turn. One thread at a time; writing blocks.
 * Bytes: {@code docs/formats/timer-index.md}.
 */
final class TimerMarks {
    static final String PATH = "vostok-timers-checkpoint";
    static final int FILE_BYTES = 4096;
    private static final int SLOT_BYTES = 2048;
    private static final long MAGIC = 0x564F_5354_4F4B_544DL; // "VOSTOKTM"
    private static final int CHECKED_BYTES = 64;

    private final Segment file;
    private Mark mark;

    /**
     * What a slot says.
     *
     * @param indexed offset of the timer queue below which everything pending is durably in the index
     * @param files of the index
     * @param doneBefore everything below {@code indexed} that was due before this time is done
     * @param known what is known about entries the index was not made from
     * @param apacheMark of Apache's {@code timercheck} when it was taken over, 0 for none
     */
    record Mark(long sequence, long indexed, int files, long doneBefore, Known known, long apacheMark) {
        static final Mark NONE = new Mark(0, 0, 0, 0, Known.NOTHING, 0);

        boolean present() {
            return sequence > 0;
        }
    }

    /**
     * What is known to be done among messages that are indexed anew.
     *
     * @param offset below which it is known
     * @param beforeMillis what was due before is done
     * @param rolled whether Apache's wheel decided when it was due
     */
    record Known(long offset, long beforeMillis, boolean rolled) {
        static final Known NOTHING = new Known(0, 0, false);
    }

    TimerMarks(Disk disk) {
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

    /** Returns what was written last, {@link Mark#NONE} when no slot is intact. */
    Mark mark() {
        return mark;
    }

    /** Writes {@code next} durably; its sequence does not matter. */
    void write(Mark next) {
        long sequence = mark.sequence + 1;
        ByteBuffer slot = ByteBuffer.allocate(CHECKED_BYTES + 4);
        slot.putLong(MAGIC).putLong(sequence).putLong(next.indexed).putLong(next.doneBefore);
        slot.putLong(next.known.offset).putLong(next.known.beforeMillis).putLong(next.apacheMark);
        slot.putInt(next.files).putInt(next.known.rolled ? 1 : 0);
        slot.putInt(crc(slot)).flip();
        file.put((int) (sequence % 2) * SLOT_BYTES, slot);
        file.force();
        mark = new Mark(sequence, next.indexed, next.files, next.doneBefore, next.known, next.apacheMark);
    }

    private Mark read(int at) {
        ByteBuffer slot = ByteBuffer.allocate(CHECKED_BYTES + 4);
        file.get(at, CHECKED_BYTES + 4, slot);
        slot.flip();
        boolean intact = slot.getLong() == MAGIC && slot.getInt(CHECKED_BYTES) == crc(slot);
        if (!intact) return Mark.NONE;
        long sequence = slot.getLong();
        long indexed = slot.getLong();
        long doneBefore = slot.getLong();
        long knownOffset = slot.getLong();
        long knownMillis = slot.getLong();
        long apacheMark = slot.getLong();
        int files = slot.getInt();
        Known known = new Known(knownOffset, knownMillis, slot.getInt() == 1);
        return new Mark(sequence, indexed, files, doneBefore, known, apacheMark);
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
