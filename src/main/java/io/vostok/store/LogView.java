package io.vostok.store;

import io.vostok.model.QueueId;
import io.vostok.model.TopicName;
import io.vostok.store.StoreException.Kind;
import io.vostok.wire.record.RecordLayout;
import io.vostok.wire.record.RecordView;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The reading face of the log. Any thread; nothing read is ever unmapped while it is copied. */
public final class LogView {
    private static final ThreadLocal<RecordView> CHECKER = ThreadLocal.withInitial(RecordView::new);

    private final LogFiles files;
    private final Marks marks;

    LogView(LogFiles files, Marks marks) {
        this.files = files;
        this.marks = marks;
    }

    /** Returns the position of the oldest record that is kept. */
    public long firstPosition() {
        return files.first();
    }

    /**
     * Copies one record to the position of {@code target}, which moves on. Checks it completely, checksums included.
     *
     * @return false when the log no longer holds it; nothing was copied
     * @throws StoreException DAMAGED when the bytes at {@code position} are no intact record; the target's position stays
     */
    public boolean copy(long position, int sizeBytes, ByteBuffer target) {
        @Nullable LogSegment segment = lease(position, sizeBytes);
        if (segment == null) return false;
        int start = target.position();
        try {
            segment.file.get(segment.at(position), sizeBytes, target);
        } finally {
            segment.file.release();
        }
        @Nullable String problem = CHECKER.get().problem(target, start, sizeBytes, position);
        if (problem == null) return true;
        target.position(start);
        throw damaged(segment, position, problem);
    }

    /** Returns the store time of the record at {@code position}, or -1 when the log no longer holds it. */
    public long storeMillis(long position) {
        @Nullable LogSegment segment = lease(position, RecordLayout.SMALLEST);
        if (segment == null) return -1;
        try {
            int at = segment.at(position);
            if (!startsRecord(segment, at, position)) return -1;
            int sysFlag = segment.file.getInt(at + RecordLayout.SYS_FLAG);
            return segment.file.getLong(at + RecordLayout.storeTimestamp(sysFlag));
        } finally {
            segment.file.release();
        }
    }

    /** Returns the size of the intact record at {@code position}, or -1 when there is none (yet, or any more). */
    public int sizeBytes(long position) {
        return sizeBytes(position, Integer.MAX_VALUE);
    }

    /**
     * As {@link #sizeBytes(long)}, for positions that strangers name: what claims to be larger than {@code largest} is not
     * even looked at.
     */
    int sizeBytes(long position, int largest) {
        @Nullable LogSegment segment = lease(position, RecordLayout.SMALLEST);
        if (segment == null) return -1;
        try {
            int at = segment.at(position);
            if (!startsRecord(segment, at, position)) return -1;
            int size = segment.file.getInt(at);
            if (size < RecordLayout.SMALLEST || size > Math.min(largest, segment.file.sizeBytes() - at)) return -1;
            ByteBuffer copy = ByteBuffer.allocate(size);
            segment.file.get(at, size, copy);
            return CHECKER.get().problem(copy, 0, size, position) == null ? size : -1;
        } finally {
            segment.file.release();
        }
    }

    /** Tells whether the log holds a record of {@code queue} with this offset and size at {@code position}. */
    boolean holds(long position, int sizeBytes, QueueId queue, long queueOffset) {
        @Nullable LogSegment segment = lease(position, sizeBytes);
        if (segment == null) return false;
        try {
            int at = segment.at(position);
            return startsRecord(segment, at, position)
                    && segment.file.getInt(at) == sizeBytes
                    && segment.file.getInt(at + RecordLayout.QUEUE_ID) == queue.index()
                    && segment.file.getLong(at + RecordLayout.QUEUE_OFFSET) == queueOffset
                    && !isOfAnotherTopic(queue.topic(), segment, at, sizeBytes);
        } finally {
            segment.file.release();
        }
    }

    /** False of a damaged record: its offset must not be given again. */
    private static boolean isOfAnotherTopic(TopicName topic, LogSegment segment, int at, int sizeBytes) {
        ByteBuffer copy = ByteBuffer.allocate(sizeBytes);
        segment.file.get(at, sizeBytes, copy);
        RecordView record = CHECKER.get();
        return record.problem(copy, 0, sizeBytes, segment.start + at) == null
                && !record.topic().equals(topic.value());
    }

    /**
     * Copies the properties text of a record.
     *
     * @return false when the log no longer holds it, or its lengths do not add up
     */
    public boolean properties(long position, int sizeBytes, ByteBuffer target) {
        @Nullable LogSegment segment = lease(position, sizeBytes);
        if (segment == null) return false;
        try {
            int at = segment.at(position);
            if (!startsRecord(segment, at, position) || segment.file.getInt(at) != sizeBytes) return false;
            int sysFlag = segment.file.getInt(at + RecordLayout.SYS_FLAG);
            int bodyLength = segment.file.getInt(at + RecordLayout.bodyLength(sysFlag));
            if (bodyLength < 0 || bodyLength > sizeBytes - RecordLayout.SMALLEST) return false;
            int topicLengthAt = at + RecordLayout.body(sysFlag) + bodyLength;
            boolean v2 = segment.file.getInt(at + RecordLayout.MAGIC) == RecordLayout.MAGIC_V2;
            int topicLength = v2 ? shortAt(segment, topicLengthAt) : segment.file.getByte(topicLengthAt);
            int lengthAt = topicLengthAt + (v2 ? 2 : 1) + topicLength;
            if (topicLength < 0 || lengthAt + 2 > at + sizeBytes) return false;
            int length = shortAt(segment, lengthAt);
            if (length < 0 || lengthAt + 2 + length > at + sizeBytes) return false;
            segment.file.get(lengthAt + 2, length, target);
            return true;
        } finally {
            segment.file.release();
        }
    }

    private static int shortAt(LogSegment segment, int at) {
        return (short) ((segment.file.getByte(at) << 8) | (segment.file.getByte(at + 1) & 0xFF));
    }

    /** Returns the segment with a lease, or null when the log does not hold {@code sizeBytes} at {@code position}. */
    private @Nullable LogSegment lease(long position, int sizeBytes) {
        if (sizeBytes < RecordLayout.SMALLEST || position + sizeBytes > marks.appended()) return null;
        @Nullable LogSegment segment = files.find(position);
        if (segment == null || segment.file.sizeBytes() - segment.at(position) < sizeBytes) return null;
        return segment.file.acquire() ? segment : null;
    }

    private static boolean startsRecord(LogSegment segment, int at, long position) {
        return RecordLayout.isMessage(segment.file.getInt(at + RecordLayout.MAGIC))
                && segment.file.getLong(at + RecordLayout.PHYSICAL_OFFSET) == position;
    }

    private static StoreException damaged(LogSegment segment, long position, String problem) {
        return new StoreException(
                Kind.DAMAGED,
                LogFiles.path(segment.start) + ": no intact record at position " + position + " (" + problem + ")");
    }
}
