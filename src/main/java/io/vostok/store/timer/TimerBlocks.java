package io.vostok.store.timer;

import io.vostok.store.file.Disk;
import io.vostok.store.file.Segment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntConsumer;

/**
 * The timer index on disk: blocks of entries, all entries of a block being due within the same stretch of time (a bucket).
 * An entry is named by a number that stays the same while it is pending. One thread; forcing may happen on another.
 *
 * <p>What a power cut leaves of writes that were not forced does not matter: an entry counts only below the durable offset
 * of {@link TimerMarks}, and a block is used again only when it is durable that all its entries are done.
 * <p>Bytes: {@code docs/formats/timer-index.md}.
 */
final class TimerBlocks {
    static final String FOLDER = "vostok-timers";
    static final int BLOCK_BYTES = 1024;
    static final int ENTRIES = 31;
    private static final int ENTRY_BYTES = 32;
    private static final int MAGIC = 0x564F_5442; // "VOTB"
    private static final int BUCKET = 8;

    private static final int POSITION = 8;
    private static final int LATER = 16;
    private static final int SIZE = 20;
    private static final int CHECK = 24;
    private static final int STATE = 28;
    private static final int RECALL_BIT = 1 << 30;
    private static final int PENDING = 0x50_45_4E_44;
    private static final int DONE = 0x44_4F_4E_45;

    private final Disk disk;
    private final int fileBytes;
    private final int blocksPerFile;
    private final List<Segment> files = new ArrayList<>();
    private final List<Segment> dirty = new ArrayList<>();
    private final ByteBuffer written = ByteBuffer.allocate(ENTRY_BYTES);
    private int[] free = new int[64];
    private int freeCount;

    TimerBlocks(Disk disk, int fileBytes) {
        this.disk = disk;
        this.fileBytes = fileBytes;
        this.blocksPerFile = fileBytes / BLOCK_BYTES;
    }

    private static String path(int file) {
        return FOLDER + "/" + String.format(Locale.ROOT, "%08d", file);
    }

    /**
     * Maps the first {@code count} files; further ones are leftovers of a crash and go.
     *
     * @return false when one is missing or has another length: then {@link #clear} and start anew
     */
    boolean open(int count) {
        for (String name : disk.files(FOLDER)) {
            if (!name.matches("\\d{8}") || Integer.parseInt(name) >= count) disk.delete(FOLDER + "/" + name);
        }
        for (int i = 0; i < count; i++) {
            if (disk.length(path(i)) != fileBytes) return false;
            Segment file = disk.open(path(i), fileBytes);
            file.assumeAllocatedTo(fileBytes); // It was given all its blocks before it was counted.
            files.add(file);
        }
        return true;
    }

    /** Deletes everything. */
    void clear() {
        close();
        for (String name : disk.files(FOLDER)) disk.delete(FOLDER + "/" + name);
    }

    void close() {
        for (Segment file : files) file.close();
        files.clear();
        dirty.clear();
        freeCount = 0;
    }

    int files() {
        return files.size();
    }

    int blocks() {
        return files.size() * blocksPerFile;
    }

    /**
     * What {@link #open} left of a block: forgets entries from {@code indexed} on, and shows the pending ones.
     *
     * @return the bucket of the block; -1 when nothing in it is pending and it is free; -2 when it is damaged
     */
    long recover(int block, long indexed, IntConsumer pending) {
        Segment file = file(block);
        int start = at(block);
        long bucket = file.getLong(start + BUCKET);
        boolean headed = file.getInt(start) == MAGIC && file.getInt(start + 4) == headCheck(bucket);
        boolean any = false;
        for (int slot = 0; slot < ENTRIES; slot++) {
            int at = start + (slot + 1) * ENTRY_BYTES;
            int state = file.getInt(at + STATE);
            long stored = file.getLong(at);
            if (stored == 0 && state == 0) continue;
            if (file.getInt(at + CHECK) != check(file, at)) return -2;
            if (stored > indexed) {
                clear(file, at, ENTRY_BYTES);
                touched(file);
                continue;
            }
            if (state == DONE) continue;
            if (state != PENDING || !headed) return -2;
            any = true;
            pending.accept(block * ENTRIES + slot);
        }
        if (any) return bucket;
        release(block);
        return -1;
    }

    private static void clear(Segment file, int from, int bytes) {
        for (int at = from; at < from + bytes; at += Long.BYTES) file.putLong(at, 0);
    }

    /**
     * Gives an empty block to a bucket.
     *
     * @throws io.vostok.store.StoreException when the disk has no room for a further file; nothing changed
     */
    int take(long bucket) {
        if (freeCount == 0) addFile();
        int block = free[--freeCount];
        Segment file = file(block);
        int start = at(block);
        clear(file, start, BLOCK_BYTES);
        file.putLong(start + BUCKET, bucket);
        file.putInt(start + 4, headCheck(bucket));
        file.putInt(start, MAGIC);
        touched(file);
        return block;
    }

    /** Takes a block back; what it says must be durable. */
    void release(int block) {
        if (freeCount == free.length) free = Arrays.copyOf(free, freeCount * 2);
        free[freeCount++] = block;
    }

    private void addFile() {
        int number = files.size();
        Segment file = disk.create(path(number), fileBytes);
        boolean done = false;
        try {
            file.allocateTo(fileBytes);
            done = true;
        } finally {
            if (!done) {
                file.close();
                disk.delete(path(number));
            }
        }
        files.add(file);
        for (int block = blocks() - 1; block >= number * blocksPerFile; block--) release(block);
    }

    /** Writes a pending entry, in one piece: a process that is killed leaves it whole or not at all. */
    void put(int entry, long offset, long position, int sizeBytes, int laterMillis, boolean recall) {
        Segment file = file(entry / ENTRIES);
        int later = laterMillis | (recall ? RECALL_BIT : 0);
        written.clear();
        written.putLong(offset + 1).putLong(position).putInt(later).putInt(sizeBytes);
        written.putInt(check(offset + 1, position, written.getLong(LATER))).putInt(PENDING);
        file.put(entryAt(entry), written.flip());
        touched(file);
    }

    void done(int entry) {
        Segment file = file(entry / ENTRIES);
        file.putInt(entryAt(entry) + STATE, DONE);
        touched(file);
    }

    /** Tells whether the entry is there and not done. */
    boolean pending(int entry) {
        Segment file = file(entry / ENTRIES);
        int at = entryAt(entry);
        return file.getLong(at) != 0 && file.getInt(at + STATE) == PENDING;
    }

    boolean intact(int entry) {
        Segment file = file(entry / ENTRIES);
        int at = entryAt(entry);
        return file.getInt(at + CHECK) == check(file, at);
    }

    long bucket(int block) {
        return file(block).getLong(at(block) + BUCKET);
    }

    long offset(int entry) {
        return file(entry / ENTRIES).getLong(entryAt(entry)) - 1;
    }

    long position(int entry) {
        return file(entry / ENTRIES).getLong(entryAt(entry) + POSITION);
    }

    int sizeBytes(int entry) {
        return file(entry / ENTRIES).getInt(entryAt(entry) + SIZE);
    }

    /** Returns milliseconds from the start of its bucket. */
    int laterMillis(int entry) {
        return file(entry / ENTRIES).getInt(entryAt(entry) + LATER) & ~RECALL_BIT;
    }

    boolean recall(int entry) {
        return (file(entry / ENTRIES).getInt(entryAt(entry) + LATER) & RECALL_BIT) != 0;
    }

    /** Returns the files written since this was last called, to be forced. */
    List<Segment> takeDirty() {
        List<Segment> taken = List.copyOf(dirty);
        dirty.clear();
        return taken;
    }

    /** Files of {@link #takeDirty} that were not forced. */
    void stillDirty(List<Segment> unforced) {
        for (Segment file : unforced) touched(file);
    }

    /** Makes a file durable. Blocks. */
    void force(int file) {
        files.get(file).force();
    }

    private void touched(Segment file) {
        // Few files, and nearly always the last one.
        for (int i = dirty.size() - 1; i >= 0; i--) {
            if (dirty.get(i) == file) return;
        }
        dirty.add(file);
    }

    private Segment file(int block) {
        return files.get(block / blocksPerFile);
    }

    private int at(int block) {
        return block % blocksPerFile * BLOCK_BYTES;
    }

    private int entryAt(int entry) {
        return at(entry / ENTRIES) + (entry % ENTRIES + 1) * ENTRY_BYTES;
    }

    private static int headCheck(long bucket) {
        return mix(bucket ^ MAGIC);
    }

    private static int check(Segment file, int at) {
        return check(file.getLong(at), file.getLong(at + POSITION), file.getLong(at + LATER));
    }

    private static int check(long offset, long position, long laterAndSize) {
        long sum = offset;
        sum = sum * 0x9E37_79B9_7F4A_7C15L + position;
        sum = sum * 0x9E37_79B9_7F4A_7C15L + laterAndSize;
        return mix(sum);
    }

    private static int mix(long value) {
        long mixed = (value ^ (value >>> 32)) * 0xD6E8_FEB8_6659_FD93L;
        mixed = (mixed ^ (mixed >>> 32)) * 0xD6E8_FEB8_6659_FD93L;
        return (int) (mixed ^ (mixed >>> 32));
    }
}
