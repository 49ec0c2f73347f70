package io.vostok.store;

import io.vostok.model.QueueId;
import io.vostok.store.file.Segment;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One queue's index: 20-byte units that point into the log. Any thread may read; the dispatching thread writes.
 *
 * <p>Always true: units below {@link #maxOffset()} are complete before it moves; a unit that points to no message is a
 * filler {@code (0, 0x7FFFFFFF, 0)}.
 * <p>Bytes: {@code docs/formats/consume-queue.md}.
 */
public final class ConsumeQueue {
    static final String FOLDER = "consumequeue";
    static final int FILLER_SIZE = Integer.MAX_VALUE;
    private static final long UNKNOWN = -1;
    /** Units that fill a page of memory, nearly. */
    private static final int FIRST_LOOK = 200;

    private final QueueId id;
    private final QueueMappings mappings;
    private final LogView log;
    private volatile QueueFile[] files;
    private volatile long max;
    private volatile long min = UNKNOWN;
    /** The lowest offset written since the last force. */
    private final AtomicLong dirtyFrom = new AtomicLong(Long.MAX_VALUE);

    /**
     * The only file, when nothing in it is of the log as far as is known: written anew when the queue is derived again, for
     * to delete and make very many files takes a start long.
     */
    private @Nullable QueueFile leftover;

    private volatile boolean deleted;
    /** Where in the log the newest unit's record ends; the dispatching thread only. */
    private long endPosition;

    ConsumeQueue(QueueId id, QueueMappings mappings, LogView log, QueueFile[] files) {
        this.id = id;
        this.mappings = mappings;
        this.log = log;
        this.files = files;
    }

    static String folder(QueueId id) {
        return FOLDER + "/" + id.topic().value() + "/" + id.index();
    }

    QueueId id() {
        return id;
    }

    /** Returns the smallest offset that can be read; equals {@link #maxOffset()} when none can. */
    public long minOffset() {
        long known = min;
        return known == UNKNOWN ? correctMin() : known;
    }

    /** Returns the offset that the next message gets once it is dispatched. */
    public long maxOffset() {
        return max;
    }

    /** Returns the first offset whose store time is at least {@code millis}; {@link #maxOffset()} when all are older. */
    public long firstOffsetSince(long millis) {
        return search(minOffset(), max, position -> log.storeMillis(position) >= millis);
    }

    /** Returns the last offset whose store time is at most {@code millis}; {@link #minOffset()} when all are newer. */
    public long lastOffsetUntil(long millis) {
        long low = minOffset();
        long after = search(low, max, position -> log.storeMillis(position) > millis);
        // Fillers before the first newer one hold no message.
        for (long offset = after - 1; offset > low; offset--) {
            if (position(offset) >= 0) return offset;
        }
        return low;
    }

    /** Returns the position in the log of the message at {@code offset}, or -1 when it has none. */
    public long position(long offset) {
        if (offset < 0 || offset >= max) return -1;
        @Nullable QueueFile file = fileOf(offset);
        @Nullable Segment mapped = file == null ? null : file.lease();
        if (file == null || mapped == null) return -1;
        try {
            int at = (int) (offset - file.firstUnit) * QueueFile.UNIT;
            int size = mapped.getInt(at + 8);
            return size <= 0 || size == FILLER_SIZE ? -1 : mapped.getLong(at);
        } finally {
            mapped.release();
        }
    }

    /** Fills {@code unit} from {@code offset}; false, and nothing is filled, when no message is there. */
    public boolean read(long offset, QueueUnit unit) {
        if (offset < 0 || offset >= max) return false;
        @Nullable QueueFile file = fileOf(offset);
        @Nullable Segment mapped = file == null ? null : file.lease();
        if (file == null || mapped == null) return false;
        try {
            int at = (int) (offset - file.firstUnit) * QueueFile.UNIT;
            int size = mapped.getInt(at + 8);
            if (size <= 0 || size == FILLER_SIZE) return false;
            unit.set(mapped.getLong(at), size, mapped.getLong(at + 12));
            return true;
        } finally {
            mapped.release();
        }
    }

    /** Returns the file that holds the unit of {@code offset}, or null. */
    @Nullable
    QueueFile fileOf(long offset) {
        QueueFile[] now = files;
        for (int i = now.length - 1; i >= 0; i--) {
            if (offset >= now[i].endUnit()) return null;
            if (offset >= now[i].firstUnit) return now[i];
        }
        return null;
    }

    /** Returns the first unit of the first file behind {@code offset}, or {@link #maxOffset()}. */
    long nextFileStart(long offset) {
        for (QueueFile file : files) {
            if (file.firstUnit > offset) return file.firstUnit;
        }
        return max;
    }

    long endPosition() {
        return endPosition;
    }

    boolean deleted() {
        return deleted;
    }

    // Writing: the dispatching thread.

    /**
     * Adds the unit of a record. A record that is in the queue already changes nothing; offsets that are missing before it
     * become fillers.
     *
     * @return false when nothing was added
     * @throws StoreException when the disk gives no blocks; nothing became visible
     */
    boolean append(long offset, long position, int sizeBytes, long tagsCode, StoreEvents events) {
        if (position + sizeBytes <= endPosition) return false;
        if (offset < max) {
            if (offset != 0) {
                events.warn("queue unit refused queue=" + id + " offset=" + offset + " max=" + max + " position="
                        + position + " reason=\"the offset is taken\"");
                return false;
            }
            // The topic was deleted and made anew; the log still has what was before.
            events.warn("queue starts anew queue=" + id + " max=" + max + " position=" + position);
            dropAll();
        }
        if (offset > max) fillUpTo(offset);
        write(offset, position, sizeBytes, tagsCode);
        endPosition = position + sizeBytes;
        max = offset + 1;
        return true;
    }

    /** Takes the place of a record that cannot be read, if it is the next one. */
    void fillerFor(long offset, long endPositionOfRecord) {
        if (offset != max || endPositionOfRecord <= endPosition) return;
        write(offset, 0, FILLER_SIZE, 0);
        endPosition = endPositionOfRecord;
        max = offset + 1;
    }

    private void fillUpTo(long offset) {
        boolean empty = files.length == 0 || max == files[0].firstUnit;
        if (empty || offset - max > 2L * mappings.fileUnits) {
            dropAll();
            long first = fileStart(offset);
            for (long unit = first; unit < offset; unit++) write(unit, 0, FILLER_SIZE, 0);
            max = offset;
            min = offset;
            return;
        }
        for (long unit = max; unit < offset; unit++) write(unit, 0, FILLER_SIZE, 0);
        max = offset;
    }

    private void write(long offset, long position, int sizeBytes, long tagsCode) {
        @Nullable QueueFile present = fileOf(offset);
        QueueFile file = present != null ? present : addFile(fileStart(offset));
        int at = (int) (offset - file.firstUnit) * QueueFile.UNIT;
        Segment mapped = file.leaseToWrite(at);
        try {
            mapped.putLong(at, position);
            mapped.putInt(at + 8, sizeBytes);
            mapped.putLong(at + 12, tagsCode);
        } finally {
            mapped.release();
        }
        if (dirtyFrom.get() > offset) dirtyFrom.set(offset);
    }

    private long fileStart(long offset) {
        return offset / mappings.fileUnits * mappings.fileUnits;
    }

    private synchronized QueueFile addFile(long firstUnit) {
        if (leftover != null && leftover.firstUnit != firstUnit) discardLeftover();
        QueueFile file = leftover != null ? leftover : new QueueFile(mappings, id, firstUnit);
        leftover = null;
        file.create();
        QueueFile[] now = files;
        // A queue without its only file is derived anew, one that lacks a file in between could not be told from
        // damage.
        if (now.length > 0) file.force();
        QueueFile[] more = Arrays.copyOf(now, now.length + 1);
        more[now.length] = file;
        files = more;
        return file;
    }

    /** Makes whoever has this queue find another in its place; nothing was derived to it. */
    void abandon() {
        deleted = true;
        discardLeftover();
    }

    private void discardLeftover() {
        if (leftover != null) leftover.discard();
        leftover = null;
    }

    private void dropAll() {
        QueueFile[] gone = files;
        files = new QueueFile[0];
        max = 0;
        min = UNKNOWN;
        for (QueueFile file : gone) file.delete();
    }

    // Opening: before any other thread has the queue.

    /**
     * Finds the end: behind the last unit that points below {@code limit}. Looks at few units of the last files.
     *
     * @param verify whether the last unit must agree with the log, or with {@code starts} where the log is gone: pages behind
     *     the end may be any mixture of old and new, also long after the power cut that left them (StoreSim seed 4306)
     */
    void open(long limit, boolean verify, QueueStarts starts) {
        while (files.length > 0) {
            QueueFile last = files[files.length - 1];
            long end = endWithin(last, limit, verify, starts);
            if (end > last.firstUnit) {
                max = end;
                if (files.length == 1) correctMin();
                // Most queues of a store are not the next to be used.
                last.letGo();
                return;
            }
            files = Arrays.copyOf(files, files.length - 1);
            if (files.length == 0) leftover = last;
            else last.discard();
        }
        max = 0;
    }

    private long endWithin(QueueFile file, long limit, boolean verify, QueueStarts starts) {
        @Nullable Segment mapped = file.lease();
        if (mapped == null) throw new IllegalStateException(file.path() + ": is closed");
        try {
            return endWithin(file, mapped, limit, verify, starts);
        } finally {
            mapped.release();
        }
    }

    private long endWithin(QueueFile file, Segment mapped, long limit, boolean verify, QueueStarts starts) {
        int high = file.units();
        while (high > 0) {
            int end = lastBelow(mapped, high, limit);
            if (end == 0) return file.firstUnit;
            int at = (end - 1) * QueueFile.UNIT;
            int size = mapped.getInt(at + 8);
            long position = mapped.getLong(at);
            if (size == FILLER_SIZE) {
                endPosition = 0;
                return file.firstUnit + end;
            }
            if (!verify || isOurs(file.firstUnit + end - 1, position, size, starts)) {
                endPosition = position + size;
                return file.firstUnit + end;
            }
            high = end - 1;
        }
        return file.firstUnit;
    }

    private boolean isOurs(long offset, long position, int size, QueueStarts starts) {
        return position < log.firstPosition()
                ? !starts.contradict(id, offset, position)
                : log.holds(position, size, id, offset);
    }

    /** Returns how many of the first {@code high} units come before one that is empty or points to {@code limit} or behind. */
    private static int lastBelow(Segment mapped, int high, long limit) {
        // From the start on in growing steps: a look at a hole in the middle of a mostly empty file takes a page of
        // memory.
        int low = 0;
        int top = Math.min(high, FIRST_LOOK);
        while (top < high && pointsBelow(limit, mapped, top - 1)) {
            low = top;
            top = (int) Math.min(high, 4L * top);
        }
        while (low < top) {
            int middle = (low + top) >>> 1;
            if (pointsBelow(limit, mapped, middle)) {
                low = middle + 1;
            } else {
                top = middle;
            }
        }
        return low;
    }

    private static boolean pointsBelow(long limit, Segment mapped, int unit) {
        int at = unit * QueueFile.UNIT;
        long position = mapped.getLong(at);
        return mapped.getInt(at + 8) > 0 && position >= 0 && position < limit;
    }

    /**
     * Makes fillers of the units at the end that point to {@code position} or behind, where the log was lost: their
     * offsets were given to messages that somebody may have seen.
     */
    void fillBehind(long position) {
        for (long offset = max - 1; offset >= 0 && position(offset) >= position; offset--) {
            write(offset, 0, FILLER_SIZE, 0);
        }
        endPosition = Math.min(endPosition, position);
    }

    // Keeping: the flush and housekeeping threads.

    /** Makes the units durable that were written before this call; false when there were none. */
    boolean force() {
        if (!dirty()) return false;
        // Taken before the force: what is written meanwhile is noted again.
        long from = dirtyFrom.getAndSet(Long.MAX_VALUE);
        for (QueueFile file : files) {
            if (file.endUnit() > from) file.force();
        }
        return true;
    }

    boolean dirty() {
        return dirtyFrom.get() != Long.MAX_VALUE;
    }

    /**
     * Finds the first unit whose message the log still holds.
     *
     * @return the new minimum
     */
    long correctMin() {
        long first = log.firstPosition();
        QueueFile[] now = files;
        long low = now.length == 0 ? max : Math.max(Math.max(min, 0), now[0].firstUnit);
        long found = search(Math.min(low, max), max, position -> position >= first);
        synchronized (this) {
            if (found > min) min = found;
            return min;
        }
    }

    /** Returns the first message from {@code offset} on that is at {@code position} of the log or behind; else the end. */
    public long firstPointingFrom(long offset, long position) {
        long end = max;
        return search(Math.min(offset, end), end, there -> there >= position);
    }

    /** Deletes files whose newest unit points before {@code firstPosition}; never the last. Returns how many went. */
    int deleteBelow(long firstPosition) {
        int gone = 0;
        while (files.length > 1) {
            QueueFile oldest = files[0];
            long last = position(oldest.endUnit() - 1);
            if (last >= firstPosition || min < oldest.endUnit()) break;
            synchronized (this) {
                files = Arrays.copyOfRange(files, 1, files.length);
            }
            oldest.delete();
            gone++;
        }
        return gone;
    }

    /** Tells whether the newest message is before {@code position} of the log; not when there is no message at all. */
    boolean endsBefore(long position) {
        for (long offset = max - 1; offset >= Math.max(0, min); offset--) {
            long there = position(offset);
            if (there >= 0) return there < position;
        }
        return false;
    }

    /** Deletes everything. */
    void delete() {
        deleted = true;
        for (QueueFile file : files) file.delete();
        mappings.disk.delete(folder(id));
    }

    void close() {
        for (QueueFile file : files) file.close();
    }

    private interface Later {
        boolean holds(long position);
    }

    /** Returns the first message in the range for which {@code later} holds, which must stay true once it is; else {@code high}. */
    private long search(long low, long high, Later later) {
        long from = low;
        long to = high;
        long answer = high;
        while (from < to) {
            long middle = (from + to) >>> 1;
            long message = middle;
            long position = position(message);
            while (position < 0 && ++message < to) position = position(message);
            if (message == to) {
                to = middle;
            } else if (later.holds(position)) {
                answer = message;
                to = middle;
            } else {
                from = message + 1;
            }
        }
        return answer;
    }
}
