package io.vostok.store;

import io.vostok.model.MessageProperties;
import io.vostok.store.dedupe.RecentIds;
import io.vostok.store.dedupe.RepeatKeys;
import io.vostok.store.file.Segment;
import io.vostok.store.meta.DeletedTopics;
import io.vostok.store.timer.DelayQueues;
import io.vostok.store.timer.Timers;
import io.vostok.store.transaction.HalfMessages;
import io.vostok.wire.record.RecordLayout;
import io.vostok.wire.record.RecordTrailer;
import io.vostok.wire.record.RecordView;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Knows a send that comes a second time (decision 0008): same topic, same unique id, same message. The thread that writes
 * the log only, except {@link #keys()}.
 *
 * <p>The table finds where a send with the same key may be; the log says whether it is the same message. Nothing that
 * differs in a byte of its body, its flags or the properties of its sender is ever taken for a repeat.
 */
public final class RecentSends {
    private static final int SCRATCH_BYTES = 64 * 1024;
    /** Messages that wait there keep the queue they go to in a property. */
    private static final Set<String> PARKING = Set.of(
            DelayQueues.TOPIC.value(),
            Timers.TOPIC.value(),
            HalfMessages.HALVES.topic().value());

    private final LogFiles files;
    private final Marks marks;
    private final DeletedTopics deletedTopics;
    private final RepeatKeys keys;
    private final RecentIds ids;
    private final ByteBuffer scratch = ByteBuffer.allocate(SCRATCH_BYTES);
    private final RecordView older = new RecordView();
    private final RecordView newer = new RecordView();

    RecentSends(LogFiles files, Marks marks, DeletedTopics deletedTopics, Duration window, int most, long seed) {
        this.files = files;
        this.marks = marks;
        this.deletedTopics = deletedTopics;
        this.keys = new RepeatKeys(seed);
        this.ids = new RecentIds(most, window.toMillis());
    }

    /**
     * Tells whether a message with these properties that is not stored among those that wait has a time of its own that was
     * over already: it has the key of those that wait, for the same message may have been sent before while it was not.
     */
    public static boolean pastItsTime(byte[] properties, int length) {
        return MessageProperties.get(properties, 0, length, MessageProperties.TIMER_DELIVER_MS) != null
                && MessageProperties.get(properties, 0, length, MessageProperties.TIMER_OUT_MS) == null;
    }

    /** Tells whether messages wait in the topic with this name. */
    static boolean isParking(byte[] topic, int length) {
        return PARKING.contains(new String(topic, 0, length, StandardCharsets.US_ASCII));
    }

    /** Returns what makes keys of sends. Any thread. */
    public RepeatKeys keys() {
        return keys;
    }

    /**
     * Returns the earlier send that {@code encoded} repeats, or null when there is none.
     *
     * @param key of the topic where it is stored and the unique id of its first message; of the timer topic when it is
     *     {@link #pastItsTime}
     * @param encoded {@code count} records back to back, from position to limit, which stay
     * @param nowNanos on the monotonic clock
     */
    public @Nullable FirstSend first(long key, ByteBuffer encoded, int count, long nowNanos) {
        long position = ids.find(key, nowNanos / 1_000_000);
        if (position == RecentIds.NOT_FOUND) return null;
        @Nullable LogSegment segment = files.find(position);
        if (segment == null || !segment.file.acquire()) return null;
        try {
            return compare(segment, position, encoded, count);
        } finally {
            segment.file.release();
        }
    }

    /** Says that {@link #first} will soon be asked for {@code key}. */
    public void fetch(long key) {
        ids.fetch(key);
    }

    /** Remembers a send from before the store was opened. */
    void remember(long key, long position, Duration age, long nowNanos) {
        ids.put(key, position, nowNanos / 1_000_000 - age.toMillis());
    }

    /** Remembers a send that was appended at {@code position}. */
    public void remember(long key, long position, long nowNanos) {
        ids.put(key, position, nowNanos / 1_000_000);
    }

    /** Returns how many sends are remembered. */
    int size() {
        return ids.size();
    }

    private @Nullable FirstSend compare(LogSegment segment, long position, ByteBuffer encoded, int count) {
        Segment file = segment.file;
        int at = segment.at(position);
        long written = Math.min(marks.appended(), segment.end()) - segment.start;
        if (!startsRecord(file, at, written, position)) return null;
        int queueId = file.getInt(at + RecordLayout.QUEUE_ID);
        long offset = file.getLong(at + RecordLayout.QUEUE_OFFSET);
        long storeMillis = file.getLong(at + RecordLayout.storeTimestamp(file.getInt(at + RecordLayout.SYS_FLAG)));
        int end = at;
        int mine = encoded.position();
        for (int i = 0; i < count; i++) {
            if (!startsRecord(file, end, written, position + end - at)) return null;
            boolean next = file.getInt(end + RecordLayout.QUEUE_ID) == queueId
                    && (i == 0 || file.getLong(end + RecordLayout.QUEUE_OFFSET) == offset + i);
            if (!next) return null;
            if (!sameBytes(file, end, encoded, mine)) {
                return count == 1 ? compareParked(file, at, position, encoded) : null;
            }
            mine += encoded.getInt(mine);
            end += file.getInt(end);
        }
        String topic = newer.wrap(encoded, encoded.position()).topic();
        if (count == 1 && PARKING.contains(topic)) return compareParked(file, at, position, encoded);
        // The first went with its topic; this one is for the topic that was made again.
        if (position < deletedTopics.before(topic)) return null;
        Stored stored = new Stored(position, position + end - at, offset, storeMillis);
        return new FirstSend(stored, queueId);
    }

    /** Tells whether a record starts at {@code at} that lies below {@code written}, both from the start of the file. */
    static boolean startsRecord(Segment file, int at, long written, long position) {
        if (at + RecordLayout.SMALLEST > written) return false;
        int size = file.getInt(at);
        return RecordLayout.isMessage(file.getInt(at + RecordLayout.MAGIC))
                && size >= RecordLayout.SMALLEST
                && at + (long) size <= written
                && file.getLong(at + RecordLayout.PHYSICAL_OFFSET) == position;
    }

    /** Compares flags and everything from the body's length on, but not the checksum, which covers the place. */
    private boolean sameBytes(Segment file, int at, ByteBuffer encoded, int mine) {
        int size = encoded.getInt(mine);
        int sysFlag = encoded.getInt(mine + RecordLayout.SYS_FLAG);
        if (file.getInt(at) != size
                || file.getInt(at + RecordLayout.BODY_CRC) != encoded.getInt(mine + RecordLayout.BODY_CRC)
                || file.getInt(at + RecordLayout.FLAG) != encoded.getInt(mine + RecordLayout.FLAG)
                || file.getInt(at + RecordLayout.SYS_FLAG) != sysFlag) {
            return false;
        }
        int to = size - (RecordTrailer.present(encoded, mine, size) ? RecordLayout.CRC_TRAILER_BYTES : 0);
        for (int from = RecordLayout.bodyLength(sysFlag); from < to; from += SCRATCH_BYTES) {
            int length = Math.min(SCRATCH_BYTES, to - from);
            scratch.clear();
            file.get(at + from, length, scratch);
            if (!scratch.flip().equals(encoded.slice(mine + from, length))) return false;
        }
        return true;
    }

    /**
     * Compares messages of which the first waits elsewhere, or did: they may have been sent to another queue, or have waited
     * from another time; and the second need not wait any more when its time has come between the two.
     */
    private @Nullable FirstSend compareParked(Segment file, int at, long position, ByteBuffer encoded) {
        String newTopic = newer.wrap(encoded, encoded.position()).topic();
        int sysFlag = file.getInt(at + RecordLayout.SYS_FLAG);
        boolean otherBody = file.getInt(at + RecordLayout.BODY_CRC) != newer.bodyCrc()
                || file.getInt(at + RecordLayout.bodyLength(sysFlag)) != newer.bodyLength();
        if (otherBody) return null;
        int size = file.getInt(at);
        ByteBuffer copy = ByteBuffer.allocate(size);
        file.get(at, size, copy);
        if (older.problem(copy.flip(), 0, size, position) != null) return null;
        boolean same = older.flag() == newer.flag()
                && older.sysFlag() == newer.sysFlag()
                && PARKING.contains(older.topic())
                && older.body().equals(newer.body());
        if (!same) return null;
        Map<String, String> first = new LinkedHashMap<>(MessageProperties.parse(ByteBuffer.wrap(older.properties())));
        Map<String, String> second = new LinkedHashMap<>(MessageProperties.parse(ByteBuffer.wrap(newer.properties())));
        @Nullable String queue = first.remove(MessageProperties.REAL_QID);
        second.remove(MessageProperties.REAL_QID);
        @Nullable String due = first.remove(MessageProperties.TIMER_OUT_MS);
        if (older.topic().equals(newTopic)) {
            second.remove(MessageProperties.TIMER_OUT_MS);
        } else if (!older.topic().equals(Timers.TOPIC.value())
                || !newTopic.equals(first.remove(MessageProperties.REAL_TOPIC))) {
            return null;
        }
        for (Map<String, String> properties : List.of(first, second)) properties.remove(MessageProperties.CRC32);
        if (queue == null || !first.equals(second)) return null;
        try {
            Stored stored = new Stored(position, position + size, older.queueOffset(), older.storeTimestamp());
            return new FirstSend(stored, Integer.parseInt(queue), due == null ? 0 : Long.parseLong(due));
        } catch (NumberFormatException foreign) {
            return null; // no broker writes such a queue or time: the message is stored anew
        }
    }
}
