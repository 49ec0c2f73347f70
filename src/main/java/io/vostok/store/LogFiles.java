package io.vostok.store;

import io.vostok.store.file.Disk;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The segments of the log in order, as an array that is replaced whole. Any thread may look; recovery, the writer (which
 * adds) and housekeeping (which adds and removes) change it one at a time.
 */
final class LogFiles {
    static final String FOLDER = "commitlog";

    private final Disk disk;
    private final int segmentBytes;
    private volatile LogSegment[] segments = {};

    LogFiles(Disk disk, int segmentBytes) {
        this.disk = disk;
        this.segmentBytes = segmentBytes;
    }

    static String path(long start) {
        return FOLDER + "/" + name(start);
    }

    /** Returns the name of the file that starts at byte {@code start}: 20 digits. */
    static String name(long start) {
        return String.format(Locale.ROOT, "%020d", start);
    }

    int segmentBytes() {
        return segmentBytes;
    }

    /** Returns the segments, oldest first; not to be changed. */
    LogSegment[] all() {
        return segments;
    }

    /** Returns the segment that holds {@code position}, or null. */
    @Nullable
    LogSegment find(long position) {
        LogSegment[] now = segments;
        if (now.length == 0 || position < 0) return null;
        // Without holes the place follows from the position.
        long guess = (position - now[0].start) / segmentBytes;
        if (guess >= 0 && guess < now.length && now[(int) guess].holds(position)) return now[(int) guess];
        for (LogSegment segment : now) {
            if (segment.holds(position)) return segment;
        }
        return null;
    }

    /** Returns the first segment that starts at or behind {@code position}, or null. */
    @Nullable
    LogSegment next(long position) {
        for (LogSegment segment : segments) {
            if (segment.start >= position) return segment;
        }
        return null;
    }

    /** Returns where the oldest segment starts, or 0 when there is none. */
    long first() {
        LogSegment[] now = segments;
        return now.length == 0 ? 0 : now[0].start;
    }

    /** Maps a file that exists. */
    LogSegment open(long start) {
        LogSegment segment = new LogSegment(start, disk.open(path(start), segmentBytes), false);
        add(segment);
        return segment;
    }

    /** Returns the segment that starts at {@code start}, which is made when it is missing. */
    synchronized LogSegment make(long start) {
        @Nullable LogSegment present = find(start);
        if (present != null) return present;
        LogSegment segment = new LogSegment(start, disk.create(path(start), segmentBytes), true);
        add(segment);
        return segment;
    }

    /** Takes a segment out and deletes its file; readers with a lease keep their mapping. */
    synchronized void remove(LogSegment gone) {
        segments = Arrays.stream(segments).filter(s -> s != gone).toArray(LogSegment[]::new);
        gone.file.close();
        disk.delete(path(gone.start));
    }

    /** Returns milliseconds since 1970 of the last change of a segment's file. */
    long modifiedMillis(LogSegment segment) {
        return disk.modifiedMillis(path(segment.start));
    }

    void close() {
        for (LogSegment segment : segments) segment.file.close();
        segments = new LogSegment[0];
    }

    private synchronized void add(LogSegment segment) {
        LogSegment[] more = Arrays.copyOf(segments, segments.length + 1);
        more[more.length - 1] = segment;
        Arrays.sort(more, (a, b) -> Long.compare(a.start, b.start));
        segments = more;
    }
}
