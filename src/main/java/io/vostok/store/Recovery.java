package io.vostok.store;

import io.vostok.store.StoreException.Kind;
import io.vostok.store.file.Segment;
import io.vostok.wire.record.RecordLayout;
import io.vostok.wire.record.RecordView;
import java.nio.ByteBuffer;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds the end of the log from a position on, and what is damaged before it. Changes nothing on disk.
 *
 * <p>Behind {@code flushed} the first broken record is the end: a torn tail. Before it a broken record is damage: it is
 * stepped over when anything valid follows, for what follows was acknowledged.
 */
final class Recovery {
    private static final int LARGEST_RECORD_WITHOUT_SETTING = 16 << 20;

    private final LogFiles files;
    private final StoreEvents events;
    private final int largestRecord;
    private final RecordView view = new RecordView();
    private final NavigableMap<Long, Long> damage = new TreeMap<>();
    private ByteBuffer scratch = ByteBuffer.allocate(64 * 1024);
    private long records;
    private long lastStoreMillis;
    private String reason = "end";

    Recovery(LogFiles files, StoreEvents events, int maxMessageBytes) {
        this.files = files;
        this.events = events;
        this.largestRecord = largestRecord(maxMessageBytes);
    }

    /** Returns a size that no record exceeds, also of those that an earlier setting allowed. */
    static int largestRecord(int maxMessageBytes) {
        return Math.max(maxMessageBytes, LARGEST_RECORD_WITHOUT_SETTING) + 128 * 1024;
    }

    /** Returns where the log ends. */
    long scan(long from, long flushed) {
        long position = from;
        while (true) {
            @Nullable LogSegment segment = files.find(position);
            if (segment == null) {
                @Nullable LogSegment next = files.next(position);
                if (next == null || (position >= flushed && !startsWithRecord(next))) return position;
                events.warn("log hole from=" + position + " to=" + next.start
                        + " reason=\"segment missing\" effect=\"its messages are lost, readers pass over them\"");
                position = next.start;
                continue;
            }
            int left = segment.file.sizeBytes() - segment.at(position);
            if (left < RecordLayout.BLANK_BYTES || isBlank(segment, position)) {
                position = segment.end();
                continue;
            }
            @Nullable String problem = problem(segment, position);
            if (problem == null) {
                records++;
                lastStoreMillis = Math.max(lastStoreMillis, view.storeTimestamp());
                position += view.sizeBytes();
                continue;
            }
            long next = position < flushed ? afterDamage(segment, position, flushed) : -1;
            if (next < 0) {
                reason = segment.file.getInt(segment.at(position)) == 0 ? "end" : problem;
                return position;
            }
            damage.put(position, next);
            events.warn("log damaged position=" + position + " to=" + next + " file=" + LogFiles.path(segment.start)
                    + " reason=\"" + problem + "\" effect=\"passed over, what follows is kept\"");
            position = next;
        }
    }

    /** Returns what was passed over: from where to where. */
    NavigableMap<Long, Long> damage() {
        return damage;
    }

    long records() {
        return records;
    }

    /** Returns the greatest store time that was seen, 0 when there was no record. */
    long lastStoreMillis() {
        return lastStoreMillis;
    }

    /** Returns why the scan ended: {@code end} when nothing followed. */
    String reason() {
        return reason;
    }

    /** Tells whether a record or the blank at a segment's end starts at {@code position}. */
    boolean isBoundary(long position) {
        @Nullable LogSegment segment = files.find(position);
        if (segment == null) return false;
        if (segment.file.sizeBytes() - segment.at(position) < RecordLayout.BLANK_BYTES) return true;
        return isBlank(segment, position) || problem(segment, position) == null;
    }

    boolean startsWithRecord(LogSegment segment) {
        return problem(segment, segment.start) == null;
    }

    /** Returns the store time of the first record of a segment, or -1 when there is none. */
    long firstStoreMillis(LogSegment segment) {
        return startsWithRecord(segment) ? view.storeTimestamp() : -1;
    }

    private static boolean isBlank(LogSegment segment, long position) {
        int at = segment.at(position);
        return segment.file.getInt(at + RecordLayout.MAGIC) == RecordLayout.MAGIC_BLANK
                && segment.file.getInt(at) == segment.file.sizeBytes() - at;
    }

    private @Nullable String problem(LogSegment segment, long position) {
        Segment file = segment.file;
        int at = segment.at(position);
        int left = file.sizeBytes() - at;
        if (left < RecordLayout.SMALLEST) return "size";
        int size = file.getInt(at);
        if (size < RecordLayout.SMALLEST || size > left || size > largestRecord) return "size";
        if (!RecordLayout.isMessage(file.getInt(at + RecordLayout.MAGIC))) return "magic";
        if (file.getLong(at + RecordLayout.PHYSICAL_OFFSET) != position) return "position";
        if (scratch.capacity() < size) scratch = ByteBuffer.allocate(Math.max(size, scratch.capacity() * 2));
        scratch.clear();
        file.get(at, size, scratch);
        scratch.flip();
        return view.problem(scratch, 0, size, position);
    }

    /** Returns where the log goes on behind a broken record, or -1 when nothing valid follows. */
    private long afterDamage(LogSegment segment, long position, long flushed) {
        int at = segment.at(position);
        int left = segment.file.sizeBytes() - at;
        int size = left < RecordLayout.SMALLEST ? 0 : segment.file.getInt(at);
        if (size >= RecordLayout.SMALLEST && size <= left) {
            long next = position + size;
            if (next == flushed || next == segment.end() || isBoundary(next)) return next;
        }
        // The length itself is broken: only a record that knows its own position, or the blank, can be the next.
        for (long next = position + 1; next <= segment.end() - RecordLayout.BLANK_BYTES; next++) {
            int magic = segment.file.getInt(segment.at(next) + RecordLayout.MAGIC);
            if (magic == RecordLayout.MAGIC_BLANK
                    ? isBlank(segment, next)
                    : RecordLayout.isMessage(magic) && problem(segment, next) == null) {
                return next;
            }
        }
        @Nullable LogSegment next = files.next(segment.end());
        return next != null && (next.start < flushed || startsWithRecord(next)) ? next.start : -1;
    }

    /** Refuses to open a log whose files contradict the checkpoint. */
    static StoreException logMissing(long flushed) {
        return new StoreException(
                Kind.DAMAGED,
                LogFiles.FOLDER + ": no log files, but " + Checkpoint.PATH + " says that " + flushed
                        + " bytes were flushed; bring the files back, or delete " + Checkpoint.PATH
                        + " to start with an empty log");
    }
}
