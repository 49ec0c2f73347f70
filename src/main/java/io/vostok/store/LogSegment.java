package io.vostok.store;

import io.vostok.store.file.Segment;
import java.nio.ByteBuffer;

/** One file of the log, its place in it, and how much of it may be written. */
final class LogSegment {
    private static final int CHUNK = 64 * 1024;

    final long start;
    final Segment file;
    private final boolean created;
    private volatile int room;

    /** @param created whether the file was made by this process, so that all of it behind the end is zero */
    LogSegment(long start, Segment file, boolean created) {
        this.start = start;
        this.file = file;
        this.created = created;
    }

    long end() {
        return start + file.sizeBytes();
    }

    boolean holds(long position) {
        return position >= start && position < end();
    }

    int at(long position) {
        return (int) (position - start);
    }

    /** Returns below which byte of the file there are blocks, and nothing but zeros behind the end of the log. */
    int room() {
        return room;
    }

    /** Says that the bytes below {@code end} hold records which stay. */
    synchronized void holdsRecordsTo(int end) {
        file.assumeAllocatedTo(end);
    }

    /**
     * Gives the file blocks below {@code to}. What an earlier life left behind {@code usedTo} becomes zero, durably,
     * before it counts as room: else recovery could take it for records (reliability fault 23).
     *
     * <p>Called by housekeeping and, as the last resort, by the writer.
     *
     * @throws StoreException when the disk gives no more
     */
    synchronized void makeRoom(int usedTo, int to) {
        if (to <= room) return;
        int before = Math.max(usedTo, room);
        try {
            file.allocateTo(to);
        } finally {
            int now = file.allocatedBytes();
            if (now > room) {
                if (!created) zeroBehind(before, now);
                room = now;
            }
        }
    }

    /** Writes the records between two places once more, and forces them; while the store is opened. */
    synchronized void writeAgain(int from, int to) {
        if (from >= to) return;
        file.assumeAllocatedTo(to);
        file.allocateTo(
                to); // the last page too, which has its block: a full disk that gives no room behind it gives this
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        for (int at = from; at < to; at += CHUNK) {
            chunk.clear();
            file.get(at, Math.min(CHUNK, to - at), chunk);
            file.put(at, chunk.flip());
        }
        file.force();
    }

    private void zeroBehind(int from, int to) {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        ByteBuffer zeros = ByteBuffer.allocate(CHUNK);
        boolean changed = false;
        for (int at = from; at < to; at += CHUNK) {
            int length = Math.min(CHUNK, to - at);
            chunk.clear();
            file.get(at, length, chunk);
            chunk.flip();
            if (chunk.equals(zeros.limit(length))) continue;
            file.zero(at, at + length);
            changed = true;
        }
        if (changed) file.force();
    }
}
