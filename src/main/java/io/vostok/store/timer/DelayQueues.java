package io.vostok.store.timer;

import io.vostok.model.DataVersion;
import io.vostok.model.QueueId;
import io.vostok.model.TopicName;
import io.vostok.store.ConsumeQueues;
import io.vostok.store.DelayLevels;
import io.vostok.store.DeletionGuard;
import io.vostok.store.StoreEvents;
import io.vostok.wire.body.DelayOffsetTable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The delayed messages of all levels: tells which is due next and keeps account of what was delivered. Derived from the
 * consume queues of the schedule topic, whose units hold deliver times; nothing of a pending message is kept in memory.
 * One thread, the timer's.
 *
 * <p>Always true: a level's saved offset never passes a message whose delivered copy is not durable, so a crash repeats
 * deliveries but loses none. Of messages that are due at once, the one with the earliest time is handed out first.
 *
 * <p>Times are wall times. A message waits until the wall clock shows its time, but never longer than its level's delay
 * from when it was first looked at: see {@link DelayLevel#waitMillis}.
 */
public final class DelayQueues implements WaitingMessages<Due>, DeletionGuard {
    /** Topic whose queue {@code level - 1} holds what waits on that level. */
    public static final TopicName TOPIC = new TopicName("SCHEDULE_TOPIC_XXXX");

    /** The wall clock may be set while we sleep; with messages pending it is looked at this often at least. */
    private static final long MOST_SLEEP_MILLIS = 30_000;

    private static final long FIRST_PAUSE_NANOS = 100_000_000;
    private static final long LONGEST_PAUSE_NANOS = 5_000_000_000L;

    private final List<DelayLevel> levels = new ArrayList<>();
    private final int mostUnderWay;
    /** What waits before this position of the log must wait elsewhere. */
    private volatile long makeWayTo;

    /** Handed out and not yet accounted for, in the order in which they were handed out. */
    private final ArrayDeque<Due> underWay = new ArrayDeque<>();

    private int waiting;
    private int failed;
    private long pauseNanos;
    private long retryAtNanos;
    private DataVersion version;
    private boolean changed;
    private long copiesEnd;
    private @Nullable DelayOffsetTable unsaved;
    private long unsavedNeedsFlushedTo;

    /**
     * Takes up where {@code saved} left off; without it at the oldest message of each level.
     *
     * @param mostUnderWay messages handed out and not yet answered at once
     */
    public DelayQueues(
            ConsumeQueues queues,
            DelayLevels delays,
            @Nullable DelayOffsetTable saved,
            StoreEvents events,
            int mostUnderWay) {
        this.mostUnderWay = mostUnderWay;
        this.version = saved == null ? new DataVersion(0, 0, 0) : saved.version();
        int count = delays.count();
        for (QueueId queue : queues.all()) {
            // A store with more levels than the table has now: what waits there is still delivered.
            if (queue.topic().equals(TOPIC)) count = Math.max(count, queue.index() + 1);
        }
        for (int number = 1; number <= count; number++) {
            DelayLevel level =
                    new DelayLevel(number, new QueueId(TOPIC, number - 1), delays.millis(number), queues, events);
            @Nullable Long offset = saved == null ? null : saved.offsets().get(number);
            level.startAt(offset == null ? 0 : offset);
            levels.add(level);
        }
    }

    /**
     * Hands out the next message that is due, or null when none is or too many are under way. After a failure the failed
     * ones come again, one at a time, before any other.
     */
    public @Nullable Due next(long nowMillis, long nowNanos) {
        if (failed > 0) return nextFailed(nowNanos);
        if (underWay.size() >= mostUnderWay) return null;
        @Nullable DelayLevel earliest = earliest(nowMillis, nowNanos);
        if (earliest == null) return null;
        return handOut(earliest, false);
    }

    private Due handOut(DelayLevel level, boolean early) {
        Due due = level.take(early);
        underWay.add(due);
        waiting++;
        return due;
    }

    /** Asks for everything below {@code endPosition} to be stored again. Any thread; the timer must look then. */
    @Override
    public boolean letsGo(long endPosition) {
        boolean free = true;
        for (DelayLevel level : levels) free &= !level.holds(endPosition);
        if (!free && endPosition > makeWayTo) makeWayTo = endPosition;
        return free;
    }

    /**
     * Hands out a message that is not due but whose record the log wants to delete, or null when there is none or too many
     * are under way. Only when {@link #next} has nothing.
     */
    public @Nullable Due takeEarly() {
        long to = makeWayTo;
        if (to == 0 || failed > 0 || underWay.size() >= mostUnderWay) return null;
        for (DelayLevel level : levels) {
            if (level.headBefore(to)) return handOut(level, true);
        }
        return null;
    }

    /** Returns when the message was due that {@link #next} would hand out, {@code Long.MAX_VALUE} when it would hand out none. */
    public long nextDueMillis(long nowMillis, long nowNanos) {
        if (failed > 0) return mayRetry(nowNanos) ? underWay.element().dueMillis() : Long.MAX_VALUE;
        if (underWay.size() >= mostUnderWay) return Long.MAX_VALUE;
        @Nullable DelayLevel earliest = earliest(nowMillis, nowNanos);
        return earliest == null ? Long.MAX_VALUE : earliest.headDueMillis();
    }

    private @Nullable DelayLevel earliest(long nowMillis, long nowNanos) {
        @Nullable DelayLevel earliest = null;
        for (DelayLevel level : levels) {
            if (level.waitMillis(nowMillis, nowNanos) > 0) continue;
            if (earliest == null || level.headDueMillis() < earliest.headDueMillis()) earliest = level;
        }
        return earliest;
    }

    private boolean mayRetry(long nowNanos) {
        return waiting == 0 && nowNanos - retryAtNanos >= 0;
    }

    private @Nullable Due nextFailed(long nowNanos) {
        if (!mayRetry(nowNanos)) return null;
        for (Due due : underWay) {
            if (due.state != Due.State.FAILED) continue;
            due.state = Due.State.WAITING;
            failed--;
            waiting++;
            return due;
        }
        return null;
    }

    /**
     * Returns how long nothing will be due, in milliseconds: 0 when something is, {@code Long.MAX_VALUE} when only an
     * arrival or an answer can change that.
     */
    public long sleepMillis(long nowMillis, long nowNanos) {
        if (failed > 0) {
            return waiting > 0 ? Long.MAX_VALUE : Math.max(0, (retryAtNanos - nowNanos + 999_999) / 1_000_000);
        }
        if (underWay.size() >= mostUnderWay) return Long.MAX_VALUE;
        long sleep = Long.MAX_VALUE;
        for (DelayLevel level : levels) sleep = Math.min(sleep, level.waitMillis(nowMillis, nowNanos));
        return sleep == Long.MAX_VALUE ? sleep : Math.min(sleep, MOST_SLEEP_MILLIS);
    }

    @Override
    public void delivered(Due due, long endPosition) {
        copiesEnd = Math.max(copiesEnd, endPosition);
        pauseNanos = 0;
        done(due);
    }

    @Override
    public void passedOver(Due due) {
        done(due);
    }

    private void done(Due due) {
        due.state = Due.State.DONE;
        waiting--;
        changed = true;
        for (@Nullable Due first = underWay.peek();
                first != null && first.state == Due.State.DONE;
                first = underWay.peek()) {
            underWay.remove();
            first.level.done(first);
        }
    }

    @Override
    public void failed(Due due, long nowNanos) {
        due.state = Due.State.FAILED;
        waiting--;
        failed++;
        pauseNanos = pauseNanos == 0 ? FIRST_PAUSE_NANOS : Math.min(LONGEST_PAUSE_NANOS, pauseNanos * 2);
        retryAtNanos = nowNanos + pauseNanos;
    }

    /** Returns the offset of each level, the first is level 1, below which everything is delivered. */
    public long[] deliveredTo() {
        return levels.stream().mapToLong(DelayLevel::delivered).toArray();
    }

    /** Returns how many messages were handed out and not yet answered. */
    public int waiting() {
        return waiting;
    }

    /** Tells whether {@link #toSave} would, now or later, return something new. */
    public boolean unsaved() {
        return changed || unsaved != null;
    }

    /**
     * Returns how far each level is delivered, if that is new and every copy it vouches for is durable; else null, and ask
     * again later.
     *
     * @param flushed the log's flushed mark
     */
    public @Nullable DelayOffsetTable toSave(long flushed, long nowMillis) {
        @Nullable DelayOffsetTable table = unsaved;
        if (table == null) {
            if (!changed) return null;
            version = version.next(nowMillis);
            Map<Integer, Long> offsets = new LinkedHashMap<>();
            for (DelayLevel level : levels) offsets.put(level.number, level.delivered());
            table = new DelayOffsetTable(offsets, version);
            unsavedNeedsFlushedTo = copiesEnd;
            changed = false;
        }
        if (flushed < unsavedNeedsFlushedTo) {
            unsaved = table;
            return null;
        }
        unsaved = null;
        for (DelayLevel level : levels) level.settled(table.offsets().getOrDefault(level.number, 0L));
        return table;
    }

    /** What {@link #toSave} returned last could not be written: it is offered again. */
    public void notSaved() {
        changed = true;
    }
}
