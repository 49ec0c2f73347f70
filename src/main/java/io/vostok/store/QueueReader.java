package io.vostok.store;

import io.vostok.model.QueueId;
import io.vostok.store.file.Segment;
import io.vostok.wire.record.RecordLayout;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Finds the messages of a queue from an offset on (storage reference 3.9). Any thread. */
public final class QueueReader {
    private static final ThreadLocal<ByteBuffer> PROPERTIES =
            ThreadLocal.withInitial(() -> ByteBuffer.allocate(RecordLayout.MAX_PROPERTIES));

    /** Steps of filters after which a scan ends as if it had looked at all it may: some milliseconds of work. */
    private static final int MOST_STEPS = 4 << 20;

    private final ConsumeQueues queues;
    private final LogFiles files;
    private final LogView log;

    QueueReader(ConsumeQueues queues, LogFiles files, LogView log) {
        this.queues = queues;
        this.files = files;
        this.log = log;
    }

    /**
     * Scans from {@code offset} until {@code maxMessages} or {@code maxBytes} are found (at least one message even if it
     * alone is larger), {@code maxUnits} were looked at, the filter has taken too many steps, or the queue ends.
     *
     * @param result filled with what was found; what was in it is forgotten
     */
    public void read(
            QueueId queue,
            long offset,
            int maxMessages,
            int maxBytes,
            int maxUnits,
            RecordFilter filter,
            ReadResult result) {
        @Nullable ConsumeQueue index = queues.find(queue);
        long max = index == null ? 0 : index.maxOffset();
        if (index == null || max == 0) {
            result.reset(0, 0);
            result.end(ReadStatus.EMPTY, 0);
            return;
        }
        long min = index.minOffset();
        result.reset(min, max);
        if (offset < min) {
            result.end(ReadStatus.BELOW_START, min);
        } else if (offset == max) {
            result.end(ReadStatus.AT_END, offset);
        } else if (offset > max) {
            result.end(ReadStatus.BEYOND_END, max);
        } else {
            scan(index, offset, max, maxMessages, maxBytes, maxUnits, filter, result);
        }
    }

    private void scan(
            ConsumeQueue index,
            long from,
            long max,
            int maxMessages,
            int maxBytes,
            int maxUnits,
            RecordFilter filter,
            ReadResult result) {
        long end = Math.min(max, from + Math.max(1, maxUnits));
        long offset = from;
        boolean removed = false;
        long steps = 0;
        scanning:
        while (offset < end) {
            @Nullable QueueFile file = index.fileOf(offset);
            @Nullable Segment mapped = file == null ? null : file.lease();
            if (file == null || mapped == null) {
                if (result.count() == 0) {
                    result.end(ReadStatus.HOLE, index.nextFileStart(offset));
                    return;
                }
                break;
            }
            try {
                long fileEnd = Math.min(end, file.endUnit());
                for (; offset < fileEnd; offset++) {
                    if (result.count() >= Math.max(1, maxMessages)) break scanning;
                    int at = (int) (offset - file.firstUnit) * QueueFile.UNIT;
                    int size = mapped.getInt(at + 8);
                    if (size <= 0 || size == ConsumeQueue.FILLER_SIZE) continue;
                    long position = mapped.getLong(at);
                    if (files.find(position) == null) {
                        if (result.count() > 0) break scanning;
                        removed = true;
                        offset = index.firstPointingFrom(offset + 1, nextSegment(position));
                        continue scanning;
                    }
                    if (!filter.matchesUnit(mapped.getLong(at + 12))) continue;
                    if (filter.needsRecord()) {
                        if (steps >= MOST_STEPS) break scanning;
                        ByteBuffer properties = PROPERTIES.get().clear();
                        if (!log.properties(position, size, properties)) continue;
                        steps += filter.stepsAtMost(properties.flip().remaining());
                        if (!filter.matchesRecord(properties)) continue;
                    }
                    if (result.count() > 0 && result.totalBytes() + (long) size > maxBytes) break scanning;
                    result.add(position, size, offset);
                }
            } finally {
                mapped.release();
            }
        }
        if (result.count() > 0) {
            result.end(ReadStatus.FOUND, offset);
        } else {
            result.end(removed ? ReadStatus.REMOVED : ReadStatus.NONE_MATCHED, offset);
        }
    }

    private long nextSegment(long position) {
        @Nullable LogSegment next = files.next(position);
        return next == null ? Long.MAX_VALUE : next.start;
    }
}
