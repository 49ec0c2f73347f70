package io.vostok.store;

import io.vostok.store.file.Disk;
import io.vostok.store.file.Segment;
import org.jspecify.annotations.Nullable;

/** One file of a consume queue; mapped when it is first needed, for thousands of them stay unread. Any thread. */
final class QueueFile {
    static final int UNIT = 20;
    private static final int SMALLEST_STEP = 4096;
    private static final int LARGEST_STEP = 64 * 1024;

    final long firstUnit;
    private final Disk disk;
    private final String path;
    private final int sizeBytes;
    private @Nullable Segment file;
    private boolean created;
    private boolean closed;
    private volatile int room;

    QueueFile(Disk disk, String folder, long firstUnit, int units) {
        this.disk = disk;
        this.firstUnit = firstUnit;
        this.sizeBytes = units * UNIT;
        this.path = folder + "/" + LogFiles.name(firstUnit * UNIT);
    }

    int units() {
        return sizeBytes / UNIT;
    }

    long endUnit() {
        return firstUnit + units();
    }

    String path() {
        return path;
    }

    /** Makes the file on disk. */
    synchronized void create() {
        file = disk.create(path, sizeBytes);
        created = true;
    }

    /** Returns the mapped file with a lease of the caller's, or null when it is closed. */
    @Nullable
    Segment lease() {
        Segment mapped;
        synchronized (this) {
            if (closed) return null;
            if (file == null) file = disk.open(path, sizeBytes);
            mapped = file;
        }
        return mapped.acquire() ? mapped : null;
    }

    /** Returns the mapped file for the one who writes and closes it, the dispatching thread. */
    synchronized Segment mapped() {
        Segment mapped = file;
        if (mapped == null) {
            mapped = disk.open(path, sizeBytes);
            file = mapped;
        }
        return mapped;
    }

    /**
     * Gives blocks to the file so that the unit at {@code at} can be written, with zeros behind it.
     *
     * @param at bytes from the start of the file; everything before it has blocks
     */
    void makeRoom(int at) {
        int needed = Math.min(sizeBytes, at + 2 * UNIT);
        if (room >= needed) return;
        Segment mapped = mapped();
        if (!created && room == 0) mapped.assumeAllocatedTo(at);
        int step = Math.min(LARGEST_STEP, Math.max(SMALLEST_STEP, at / 4));
        int before = Math.max(room, at);
        mapped.allocateTo((int) Math.min(sizeBytes, (long) at + step));
        int now = mapped.allocatedBytes();
        // Units of an earlier life that the log no longer backs must not follow ours.
        if (!created) zeroBehind(mapped, before, now);
        room = now;
    }

    private static void zeroBehind(Segment mapped, int from, int to) {
        for (int at = from; at + 4 <= to; at += 4) {
            if (mapped.getInt(at) == 0) continue;
            mapped.zero(at, to);
            return;
        }
        for (int at = Math.max(from, to - 3); at < to; at++) {
            if (mapped.getByte(at) != 0) {
                mapped.zero(at, to);
                return;
            }
        }
    }

    /** Makes what was written durable; nothing happens when the file was never mapped or is gone. */
    void force() {
        @Nullable Segment mapped;
        synchronized (this) {
            mapped = closed ? null : file;
        }
        if (mapped == null || !mapped.acquire()) return;
        try {
            mapped.force();
        } finally {
            mapped.release();
        }
    }

    synchronized void close() {
        closed = true;
        if (file != null) file.close();
    }

    void delete() {
        close();
        disk.delete(path);
    }
}
