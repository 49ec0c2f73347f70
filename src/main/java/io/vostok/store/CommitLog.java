package io.vostok.store;

import io.vostok.model.QueueId;
import io.vostok.model.SysFlag;
import io.vostok.model.TopicName;
import io.vostok.store.StoreException.Kind;
import io.vostok.wire.record.RecordLayout;
import io.vostok.wire.record.RecordTrailer;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The log of everything the broker was told, one record after another, across numbered segment files.
 *
 * <p>One writer: the thread of {@code CommitLogVerticle}. Any thread may read through {@link LogView}.
 *
 * <p>Always true: no record crosses a segment's end; what lies behind the end of the log is zero as far as it has blocks;
 * positions never move; store times never go back.
 * <p>Bytes: {@code docs/formats/commit-log.md}.
 */
public final class CommitLog {
    /** What the writer allocates itself when housekeeping did not keep up. */
    private static final int LAST_RESORT_BYTES = 256 * 1024;

    private final LogFiles files;
    private final Marks marks;
    private final ConsumeQueues queues;
    private final Health health;
    private final StoreEvents events;
    private final CRC32 crc = new CRC32();
    private final Map<QueueId, Next> nextOffsets = new HashMap<>();
    private @Nullable LogSegment current;
    private long madeByWriter;
    private long end;
    private volatile long lastStoreMillis;

    /** The offset that the next message of a queue gets. */
    private static final class Next {
        long offset;
    }

    CommitLog(
            LogFiles files,
            Marks marks,
            ConsumeQueues queues,
            Health health,
            StoreEvents events,
            long lastStoreMillis) {
        this.files = files;
        this.marks = marks;
        this.queues = queues;
        this.health = health;
        this.events = events;
        this.end = marks.appended();
        this.lastStoreMillis = lastStoreMillis;
        this.current = files.find(end);
    }

    /**
     * Copies {@code count} records of one queue to the end of the log; all of them or none. Each gets its queue offset,
     * position and store time (and checksum, when the store writes them) here; the rest must be encoded. Nothing is durable yet.
     *
     * <p>Prepared and rolled-back records use no queue offset; theirs is 0.
     *
     * @param encoded the records back to back, from position to limit; its bytes are patched, its position stays
     * @throws StoreException when there is no room, the store is poisoned or no segment takes so much; nothing was written and no offset was used
     * @throws IllegalArgumentException when {@code encoded} is not {@code count} records
     */
    public Stored append(QueueId queue, ByteBuffer encoded, int count, long nowMillis) {
        refuseWhenUnhealthy();
        checkRecords(encoded, count);
        LogSegment target = segmentFor(encoded.remaining());
        long position = end;
        long storeMillis = Math.max(nowMillis, lastStoreMillis);
        Next next = next(queue);
        long offset = next.offset;
        for (int at = encoded.position(); at < encoded.limit(); at += encoded.getInt(at)) {
            if (patch(encoded, at, offset, position, storeMillis)) offset++;
        }
        long firstOffset = offset == next.offset ? 0 : next.offset;
        publish(target, encoded);
        next.offset = offset;
        return stored(position, firstOffset, storeMillis);
    }

    /**
     * Copies one record for each of {@code queues} to the end of the log; all of them or none, whatever kills the process.
     * A power cut before the flush can leave the first ones only: what must not be there alone comes last.
     *
     * <p>Everything else as {@link #append(QueueId, ByteBuffer, int, long)}.
     *
     * @return where the first record is, and where the last one ends
     */
    public Stored append(List<QueueId> queues, ByteBuffer encoded, long nowMillis) {
        refuseWhenUnhealthy();
        checkRecords(encoded, queues.size());
        LogSegment target = segmentFor(encoded.remaining());
        long position = end;
        long storeMillis = Math.max(nowMillis, lastStoreMillis);
        long firstOffset = next(queues.get(0)).offset;
        int at = encoded.position();
        for (QueueId queue : queues) {
            Next next = next(queue);
            // Taken before the bytes are there: nothing between here and there can refuse them.
            if (patch(encoded, at, next.offset, position, storeMillis)) next.offset++;
            at += encoded.getInt(at);
        }
        publish(target, encoded);
        return stored(position, firstOffset, storeMillis);
    }

    private void refuseWhenUnhealthy() {
        @Nullable StoreException refusal = health.refusal();
        if (refusal != null) throw refusal;
    }

    /** The first word goes last, so that a process killed in the middle leaves zeros where the next record would start. */
    private void publish(LogSegment target, ByteBuffer encoded) {
        int at = target.at(end);
        int start = encoded.position();
        int firstWord = encoded.getInt(start);
        encoded.position(start + 4);
        target.file.put(at + 4, encoded);
        encoded.position(start);
        target.file.putIntRelease(at, firstWord);
        end += encoded.remaining();
    }

    private Stored stored(long position, long firstOffset, long storeMillis) {
        lastStoreMillis = storeMillis;
        marks.appended(end);
        return new Stored(position, end, firstOffset, storeMillis);
    }

    /**
     * Forgets the offsets of a topic's queues: its next message gets offset 0.
     *
     * @return the end of the log; records of the topic before it belong to the life that ends here
     */
    public long forget(TopicName topic) {
        for (QueueId queue : queues.all()) {
            if (queue.topic().equals(topic)) nextOffsets.put(queue, new Next());
        }
        nextOffsets.forEach((queue, next) -> {
            if (queue.topic().equals(topic)) next.offset = 0;
        });
        return end;
    }

    /** Returns why appends are refused now, or null when they are taken; reads are never affected. Any thread. */
    public @Nullable StoreException refusal() {
        return health.refusal();
    }

    /** Returns how many bytes from the end of the log have disk blocks; housekeeping should be rung when it gets low. */
    public long roomBytes() {
        long from = marks.appended();
        long room = 0;
        for (LogSegment segment : files.all()) {
            if (segment.end() <= from) continue;
            long to = segment.start + segment.room();
            room += Math.max(0, to - Math.max(from, segment.start));
            if (to < segment.end()) break;
        }
        return room;
    }

    /** Returns the store time of the newest record. Any thread. */
    long lastStoreMillis() {
        return lastStoreMillis;
    }

    private Next next(QueueId queue) {
        @Nullable Next known = nextOffsets.get(queue);
        if (known != null) return known;
        // Nothing was appended to it since the store was opened, and then every record was dispatched.
        @Nullable ConsumeQueue index = queues.find(queue);
        Next fresh = new Next();
        fresh.offset = index == null ? 0 : index.maxOffset();
        nextOffsets.put(queue, fresh);
        return fresh;
    }

    private static void checkRecords(ByteBuffer encoded, int count) {
        int at = encoded.position();
        int found = 0;
        while (at < encoded.limit()) {
            int left = encoded.limit() - at;
            int size = left < RecordLayout.SMALLEST ? -1 : encoded.getInt(at);
            if (size < RecordLayout.SMALLEST
                    || size > left
                    || !RecordLayout.isMessage(encoded.getInt(at + RecordLayout.MAGIC))) {
                throw new IllegalArgumentException("no record at byte " + (at - encoded.position()) + " of "
                        + encoded.remaining() + ", size word " + size);
            }
            at += size;
            found++;
        }
        if (found != count || count == 0) {
            throw new IllegalArgumentException("expected " + count + " records, found " + found);
        }
    }

    /** Completes the record at {@code at}; tells whether it uses {@code offset}, which hidden ones do not. */
    private boolean patch(ByteBuffer encoded, int at, long offset, long position, long storeMillis) {
        int size = encoded.getInt(at);
        int sysFlag = encoded.getInt(at + RecordLayout.SYS_FLAG);
        boolean shown = !SysFlag.hiddenFromQueues(sysFlag);
        encoded.putLong(at + RecordLayout.QUEUE_OFFSET, shown ? offset : 0);
        encoded.putLong(at + RecordLayout.PHYSICAL_OFFSET, position + at - encoded.position());
        encoded.putLong(at + RecordLayout.storeTimestamp(sysFlag), storeMillis);
        // Also when the store was told not to write checksums: recovery judges by what it finds.
        if (RecordTrailer.present(encoded, at, size)) RecordTrailer.fill(encoded, at, size, crc);
        return shown;
    }

    /** Returns the segment at whose next byte {@code bytes} and a blank record fit; rolls when the current one is too full. */
    private LogSegment segmentFor(int bytes) {
        int needed = bytes + RecordLayout.BLANK_BYTES;
        if (needed > files.segmentBytes()) {
            throw new StoreException(
                    Kind.TOO_LARGE,
                    bytes + " bytes do not fit a segment of " + files.segmentBytes() + " (store.segmentBytes)");
        }
        @Nullable LogSegment segment = current;
        if (segment != null && segment.end() - end >= needed) {
            room(segment, segment.at(end), segment.at(end) + needed);
            return segment;
        }
        long start = segment == null ? end : segment.end();
        @Nullable LogSegment made = files.find(start);
        LogSegment next = made != null ? made : makeSegment(start);
        // Everything that can fail comes before the blank record: a refused append leaves no trace.
        room(next, 0, needed);
        if (segment != null && segment.end() > end) {
            int at = segment.at(end);
            room(segment, at, at + RecordLayout.BLANK_BYTES);
            segment.file.putInt(at + RecordLayout.MAGIC, RecordLayout.MAGIC_BLANK);
            segment.file.putIntRelease(at, (int) (segment.end() - end));
        }
        current = next;
        end = next.start;
        marks.appended(end);
        return next;
    }

    private LogSegment makeSegment(long start) {
        events.warn("log segment made by the writer start=" + start + " reason=\"housekeeping did not keep up\"");
        try {
            return files.make(start);
        } catch (StoreException e) {
            throw refuse(e);
        }
    }

    private void room(LogSegment segment, int used, int needed) {
        if (segment.room() >= needed) return;
        madeByWriter++;
        // Said the first time, then at 2, 4, 8, …: a log that fills faster than the disk gives blocks is one fact.
        if (Long.bitCount(madeByWriter) == 1) {
            events.warn("log room made by the writer position=" + (segment.start + needed) + " times=" + madeByWriter
                    + " reason=\"housekeeping did not keep up\"");
        }
        try {
            segment.makeRoom(used, (int) Math.min(segment.file.sizeBytes(), (long) needed + LAST_RESORT_BYTES));
        } catch (StoreException e) {
            if (segment.room() >= needed) return;
            throw refuse(e);
        }
    }

    private StoreException refuse(StoreException cause) {
        if (cause.kind() == Kind.POISONED) return health.poisonedBy(cause);
        health.noRoom(cause);
        return cause;
    }
}
