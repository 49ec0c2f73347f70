package io.vostok.store.pop;

import io.vostok.wire.body.PopOrderBody;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The one batch of a queue that a group holds when it pops in order (storage reference 13.8). Nothing behind the batch is given
 * out before all of it is acked; what is not acked in time is given out again, the same batch, without what is acked. The pop
 * owner's thread.
 */
public final class PopOrder extends ReviveEntry {
    /** What came of an ack. */
    public enum Ack {
        DONE,
        /** Of another pop than the last: it changes nothing. */
        OUTDATED,
        /** The batch does not have this message. */
        UNKNOWN
    }

    /** How long a message that becomes a dead letter is held while its copy is made. */
    public static final long LONGEST_DEAD_LETTER_MILLIS = 60_000;

    private long popMillis;
    private long invisibleMillis;
    private @Nullable String attemptId;
    private long[] offsets = new long[0];
    private long[] visibleNanos = new long[0];
    private int[] attempts = new int[0];
    private int acked;
    /** The committed offset is not below this. */
    private long from;
    /** States whose records are in the log but were not flushed when that was looked at, the oldest first. */
    private final ArrayDeque<Written> written = new ArrayDeque<>();

    private int flushedVersion;

    private record Written(int version, long end) {}

    PopOrder(PopQueue queue, long serial) {
        super(queue, serial);
        this.from = queue.position();
    }

    @Override
    public boolean finished() {
        return Integer.bitCount(acked) == offsets.length;
    }

    @Override
    void stored(int version, long end) {
        super.stored(version, end);
        written.add(new Written(version, end));
    }

    /** By each record on its own: a queue whose order is written all the time has always some that is not flushed. */
    @Override
    boolean durable(int version, long flushed) {
        flushed(flushed);
        return flushedVersion >= version;
    }

    /** The log is flushed so far. */
    void flushed(long flushed) {
        for (@Nullable Written first = written.peek();
                first != null && first.end() <= flushed;
                first = written.peek()) {
            flushedVersion = Math.max(flushedVersion, first.version());
            written.remove();
        }
    }

    /** Returns the wall time of the last pop. */
    public long popMillis() {
        return popMillis;
    }

    int held() {
        return offsets.length - Integer.bitCount(acked);
    }

    void clear() {
        offsets = new long[0];
        visibleNanos = new long[0];
        attempts = new int[0];
        acked = 0;
        from = queue.position();
    }

    /** Tells whether the batch must not be given out now: some of it is still being consumed by somebody else. */
    public boolean blocks(@Nullable String attempt, long nowNanos) {
        if (finished()) return false;
        if (attempt != null && attempt.equals(attemptId)) return false;
        for (int i = 0; i < offsets.length; i++) {
            if (!isAcked(i) && visibleNanos[i] - nowNanos > 0) return true;
        }
        return false;
    }

    /** Tells whether the message is part of the batch and not acked. */
    public boolean holds(long offset) {
        int index = Arrays.binarySearch(offsets, offset);
        return index >= 0 && !isAcked(index);
    }

    /** Returns the first offset that is not acked; behind the batch when all are. */
    public long next() {
        for (int i = 0; i < offsets.length; i++) {
            if (!isAcked(i)) return offsets[i];
        }
        return offsets.length == 0 ? queue.position() : offsets[offsets.length - 1] + 1;
    }

    /** Returns the last offset of the batch. */
    public long last() {
        return offsets[offsets.length - 1];
    }

    /** Returns how often the message was given out before the last time. */
    public int attempts(long offset) {
        int index = Arrays.binarySearch(offsets, offset);
        return index < 0 ? 0 : attempts[index];
    }

    /**
     * Gives out a new batch when this one is finished, else some of it again.
     *
     * @param given offsets, ascending
     * @param attempt names the request, so that its repetition is not blocked by it; null for none
     */
    void handOut(long[] given, long nowMillis, long invisible, @Nullable String attempt, long nowNanos) {
        boolean repeated = attempt != null && attempt.equals(attemptId);
        if (finished()) {
            from = queue.position();
            offsets = given.clone();
            visibleNanos = new long[given.length];
            attempts = new int[given.length];
            acked = 0;
        } else if (!repeated) {
            for (long offset : given) {
                int index = Arrays.binarySearch(offsets, offset);
                if (index >= 0) attempts[index]++;
            }
        }
        for (long offset : given) {
            int index = Arrays.binarySearch(offsets, offset);
            if (index >= 0) visibleNanos[index] = nowNanos + invisible * 1_000_000;
        }
        popMillis = nowMillis;
        invisibleMillis = invisible;
        attemptId = attempt;
        endAt();
    }

    /** The message is gone from the log: nobody will ack it. */
    void gone(long offset) {
        int index = Arrays.binarySearch(offsets, offset);
        if (index >= 0) acked |= 1 << index;
        endAt();
    }

    Ack ack(long popTime, long offset) {
        if (popTime != popMillis) return Ack.OUTDATED;
        int index = Arrays.binarySearch(offsets, offset);
        if (index < 0) return Ack.UNKNOWN;
        acked |= 1 << index;
        endAt();
        return Ack.DONE;
    }

    Ack changeInvisible(long popTime, long offset, long millis, long nowNanos) {
        if (popTime != popMillis) return Ack.OUTDATED;
        int index = Arrays.binarySearch(offsets, offset);
        if (index < 0 || isAcked(index)) return Ack.UNKNOWN;
        visibleNanos[index] = nowNanos + millis * 1_000_000;
        endAt();
        return Ack.DONE;
    }

    private boolean isAcked(int index) {
        return (acked & 1 << index) != 0;
    }

    /** The batch may be given out again when the last of its invisible times is over. */
    private void endAt() {
        boolean any = false;
        for (int i = 0; i < offsets.length; i++) {
            if (isAcked(i)) continue;
            if (!any || visibleNanos[i] - deadlineNanos > 0) deadlineNanos = visibleNanos[i];
            any = true;
        }
    }

    /** Returns its record as it is now. */
    public PopOrderBody body(long nowMillis, long nowNanos) {
        boolean over = finished();
        List<Long> held = new ArrayList<>();
        List<Long> visible = new ArrayList<>();
        List<Long> counts = new ArrayList<>();
        for (int i = 0; i < offsets.length && !over; i++) {
            held.add(offsets[i]);
            visible.add(nowMillis + Math.max(0, (visibleNanos[i] - nowNanos) / 1_000_000));
            counts.add((long) attempts[i]);
        }
        return new PopOrderBody(
                queue.queue().topic().value(),
                queue.group().value(),
                queue.queue().index(),
                from,
                next(),
                popMillis,
                invisibleMillis,
                attemptId,
                held,
                visible,
                counts,
                over ? 0 : acked);
    }

    /** Takes over what a record says. */
    void restore(PopOrderBody body, long nowMillis, long nowNanos) {
        from = body.from();
        popMillis = body.popMillis();
        invisibleMillis = body.invisibleMillis();
        attemptId = body.attemptId();
        int count = body.offsets().size();
        offsets = new long[count];
        visibleNanos = new long[count];
        attempts = new int[count];
        for (int i = 0; i < count; i++) {
            offsets[i] = body.offsets().get(i);
            visibleNanos[i] = nowNanos + left(body.visibleMillis().get(i) - nowMillis, invisibleMillis) * 1_000_000;
            attempts[i] = (int) Math.min(Integer.MAX_VALUE, body.attempts().get(i));
        }
        acked = count == 0 ? 0 : body.acked() & (count == 32 ? -1 : (1 << count) - 1);
        endAt();
    }

    /** A wall clock that was set back must not hold a batch for ever. */
    static long left(long millis, long atMost) {
        return Math.max(0, Math.min(millis, Math.max(atMost, 0)));
    }
}
