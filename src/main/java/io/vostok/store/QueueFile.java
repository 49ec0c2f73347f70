package io.vostok.store;

import io.vostok.model.QueueId;
import io.vostok.store.StoreException.Kind;
import io.vostok.store.file.Segment;
import org.jspecify.annotations.Nullable;

/**
 * One file of a consume queue; mapped when it is needed, and for as long as {@link QueueMappings} leaves it so. Any thread.
 *
 * <p>Small, for there may be a hundred thousand of them: what can be worked out is not kept.
 */
final class QueueFile {
    static final int UNIT = 20;
    static final int NO_SLOT = -1;
    private static final int SMALLEST_STEP = 4096;
    private static final int LARGEST_STEP = 64 * 1024;

    final long firstUnit;
    private final QueueMappings mappings;
    private final QueueId queue;
    private volatile @Nullable Segment file;
    /** Below which byte there are blocks, and nothing but zeros behind the end; moved by the dispatching thread. */
    private volatile int room;

    /** Its place among those that are mapped; guarded by {@link #mappings}. */
    int slot = NO_SLOT;

    /** Set by whoever uses the file and cleared by whoever looks for one to let go; a mark that gets lost does no harm. */
    private boolean used;

    private boolean created;
    /** Whether this process made the file's name durable; one that was killed may have left it so that it was not. */
    private boolean named;

    private volatile boolean closed;

    QueueFile(QueueMappings mappings, QueueId queue, long firstUnit) {
        this.mappings = mappings;
        this.queue = queue;
        this.firstUnit = firstUnit;
    }

    int units() {
        return mappings.fileUnits;
    }

    long endUnit() {
        return firstUnit + units();
    }

    String path() {
        return ConsumeQueue.folder(queue) + "/" + LogFiles.name(firstUnit * UNIT);
    }

    /** Makes the file, if there is none. It is durable with the first {@link #force}. The dispatching thread. */
    void create() {
        String path = path();
        if (mappings.disk.length(path) >= 0) return;
        synchronized (this) {
            file = mappings.disk.mapNew(path, mappings.fileBytes());
            created = true;
        }
        mappings.add(this);
    }

    /** Returns the mapped file with a lease of the caller's, or null when it is closed. */
    @Nullable
    Segment lease() {
        @Nullable Segment mapped = file;
        if (mapped == null || !mapped.acquire()) return map();
        if (!used) used = true;
        return mapped;
    }

    private @Nullable Segment map() {
        Segment fresh;
        synchronized (this) {
            if (closed) return null;
            @Nullable Segment mapped = file;
            if (mapped != null && mapped.acquire()) return mapped;
            fresh = mappings.disk.map(path(), mappings.fileBytes());
            fresh.acquire();
            file = fresh; // not used yet: one look at each of very many files must not drive out those in use
        }
        // Outside of the monitor: it unmaps another file, which takes that one's.
        mappings.add(this);
        return fresh;
    }

    /**
     * Returns the mapped file with a lease of the caller's, the dispatching thread, and with blocks so that the unit at
     * {@code at} can be written, with zeros behind it.
     *
     * @param at bytes from the start of the file; everything before it has blocks
     */
    Segment leaseToWrite(int at) {
        @Nullable Segment mapped = lease();
        if (mapped == null) throw new IllegalStateException(path() + ": is closed");
        boolean done = false;
        try {
            makeRoom(mapped, at);
            done = true;
            return mapped;
        } finally {
            if (!done) mapped.release();
        }
    }

    private void makeRoom(Segment mapped, int at) {
        int sizeBytes = mappings.fileBytes();
        int needed = Math.min(sizeBytes, at + 2 * UNIT);
        int known = room;
        if (known > mapped.allocatedBytes()) {
            mapped.assumeAllocatedTo(known);
            if (created) mapped.assumeZeroBehind();
        }
        if (known >= needed) return;
        if (!created && known == 0) mapped.assumeAllocatedTo(at);
        int step = Math.min(LARGEST_STEP, Math.max(SMALLEST_STEP, at / 4));
        int before = Math.max(known, at);
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

    /** Makes what was written durable, the file itself too; nothing happens when it is closed. */
    void force() {
        String path = path();
        boolean there = named ? mappings.disk.force(path) : mappings.disk.forceNew(path);
        if (there) {
            named = true;
        } else if (!closed) {
            throw new StoreException(Kind.FAILED, path + ": cannot be forced, it is gone");
        }
    }

    boolean closed() {
        return closed;
    }

    /** Returns whether the file was used since the last call. */
    boolean takeUsed() {
        boolean before = used;
        used = false;
        return before;
    }

    /** Lets the mapping go, once the last lease is back; it comes again when it is needed. */
    synchronized void unmap() {
        @Nullable Segment mapped = file;
        file = null;
        if (mapped != null) mapped.close();
    }

    /** As {@link #unmap}, of a file that is not needed for now. */
    void letGo() {
        mappings.remove(this);
        unmap();
    }

    void close() {
        synchronized (this) {
            closed = true;
        }
        letGo();
    }

    /** Deletes the file, which may come back with the next start: nothing it holds is known to be of the log. */
    void discard() {
        close();
        mappings.disk.deleteUnforced(path());
    }

    void delete() {
        close();
        mappings.disk.delete(path());
    }
}
