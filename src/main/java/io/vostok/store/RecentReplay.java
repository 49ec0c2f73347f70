package io.vostok.store;

import io.vostok.store.dedupe.RepeatKeys;
import io.vostok.store.file.Segment;
import io.vostok.store.index.RecordKeys;
import io.vostok.store.timer.Timers;
import io.vostok.wire.record.RecordLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/** Reads the end of the log to know the sends before this start. Used once, by the thread that opens the store. */
final class RecentReplay {
    /** What is read of the log's end, and at most one segment more when the key index cannot say where to begin. */
    static final long MOST_BYTES = 256L << 20;

    private static final byte[] TIMERS = Timers.TOPIC.value().getBytes(StandardCharsets.US_ASCII);

    private final LogFiles files;
    private final NavigableMap<Long, Long> damage;
    private final RecentSends recent;
    private final long wallMillis;
    private final long nowNanos;
    private final ByteBuffer topic = ByteBuffer.allocate(Short.MAX_VALUE);
    private final ByteBuffer properties = ByteBuffer.allocate(RecordLayout.MAX_PROPERTIES);
    private final RecordKeys found = new RecordKeys();

    /** @param damage what recovery passed over: from where to where */
    RecentReplay(LogFiles files, NavigableMap<Long, Long> damage, RecentSends recent, long wallMillis, long nowNanos) {
        this.files = files;
        this.damage = damage;
        this.recent = recent;
        this.wallMillis = wallMillis;
        this.nowNanos = nowNanos;
    }

    /** Learns the records from {@code from} to {@code end} as if they had been sent just when they were stored. */
    void learn(long from, long end) {
        long position = end - MOST_BYTES > from ? startOfSegment(end - MOST_BYTES, from) : from;
        while (position < end) {
            @Nullable LogSegment segment = files.find(position);
            @Nullable Long behindDamage = damage.get(position);
            if (behindDamage != null) {
                position = behindDamage;
            } else if (segment == null) {
                @Nullable LogSegment next = files.next(position);
                position = next == null ? end : next.start;
            } else {
                position = learn(segment, position, end);
            }
        }
    }

    /** Only there a record surely starts. */
    private long startOfSegment(long position, long from) {
        @Nullable LogSegment segment = files.find(position);
        return segment == null || segment.start < from ? from : segment.start;
    }

    private long learn(LogSegment segment, long position, long end) {
        int at = segment.at(position);
        long written = Math.min(end, segment.end()) - segment.start;
        // Else it is the blank at its end, or damage that no recovery has looked at.
        if (!RecentSends.startsRecord(segment.file, at, written, position)) return segment.end();
        int size = segment.file.getInt(at);
        learn(segment.file, at, at + size, position);
        return position + size;
    }

    private void learn(Segment file, int at, int end, long position) {
        int sysFlag = file.getInt(at + RecordLayout.SYS_FLAG);
        int magic = file.getInt(at + RecordLayout.MAGIC);
        long bodyEnd = (long) at + RecordLayout.body(sysFlag) + file.getInt(at + RecordLayout.bodyLength(sysFlag));
        if (bodyEnd < at || bodyEnd + 4 > end) return;
        int topicAt = (int) bodyEnd + RecordLayout.topicLengthBytes(magic);
        int topicLength = magic == RecordLayout.MAGIC_V2 ? shortAt(file, topicAt - 2) : file.getByte(topicAt - 1);
        int propertiesAt = topicAt + topicLength + 2;
        if (topicLength <= 0 || propertiesAt > end) return;
        int length = shortAt(file, propertiesAt - 2);
        if (length <= 0 || propertiesAt + length > end) return;
        file.get(topicAt, topicLength, topic.clear());
        file.get(propertiesAt, length, properties.clear());
        if (!found.of(properties.array(), length).next() || !found.isUnique()) return;
        RepeatKeys keys = recent.keys();
        boolean late = RecentSends.pastItsTime(properties.array(), length)
                && !RecentSends.isParking(topic.array(), topicLength);
        long share = late ? keys.ofTopic(TIMERS, 0, TIMERS.length) : keys.ofTopic(topic.array(), 0, topicLength);
        long key = keys.of(share, properties.array(), found.from(), found.to());
        long storeMillis = file.getLong(at + RecordLayout.storeTimestamp(sysFlag));
        recent.remember(key, position, Duration.ofMillis(Math.max(0, wallMillis - storeMillis)), nowNanos);
    }

    private static int shortAt(Segment file, int at) {
        return (short) ((file.getByte(at) << 8) | (file.getByte(at + 1) & 0xFF));
    }
}
