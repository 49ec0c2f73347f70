package io.vostok.store.transaction;

import io.vostok.model.GroupName;
import io.vostok.model.MessageProperties;
import io.vostok.model.QueueId;
import io.vostok.model.TopicName;
import io.vostok.store.ConsumeQueue;
import io.vostok.store.ConsumeQueues;
import io.vostok.store.LogView;
import io.vostok.store.QueueUnit;
import io.vostok.store.StoreEvents;
import io.vostok.store.StoreException;
import io.vostok.store.meta.ConsumerOffsets;
import io.vostok.wire.record.RecordLayout;
import io.vostok.wire.record.RecordView;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The half messages that are neither committed, rolled back nor given up, and when their producers are asked next. Derived:
 * what is in the queue of half messages and has no mark in the queue of marks.
 *
 * <p>One thread: the event loop of TransactionVerticle. {@link #oldestPosition()} may be asked by any.
 *
 * <p>How far everything is decided lives as offsets of group CID_RMQ_SYS_TRANS, as Apache's: the next start derives the
 * rest from there. They are only committed once the marks that they vouch for are durable.
 * <p>Bytes: {@code docs/formats/transactions.md}.
 */
public final class HalfMessages {
    public static final QueueId HALVES = new QueueId(new TopicName("RMQ_SYS_TRANS_HALF_TOPIC"), 0);
    /** Where a record says that half messages are done. */
    public static final QueueId MARKS = new QueueId(new TopicName("RMQ_SYS_TRANS_OP_HALF_TOPIC"), 0);
    /** Where half messages go that nobody decided. */
    public static final QueueId GIVEN_UP = new QueueId(new TopicName("TRANS_CHECK_MAX_TIME_TOPIC"), 0);

    public static final GroupName GROUP = new GroupName("CID_RMQ_SYS_TRANS");

    /** What {@link #sleepMillis} returns when nothing is due, ever. */
    public static final long NEVER = Long.MAX_VALUE;

    private static final long PAUSE_MILLIS = 1_000;

    private final ConsumeQueues queues;
    private final LogView view;
    private final ConsumerOffsets offsets;
    private final CheckSchedule schedule;
    private final StoreEvents events;
    private final HalfTable table = new HalfTable();
    private final GroupNames groups = new GroupNames();
    private final QueueUnit unit = new QueueUnit();
    private final ByteBuffer properties = ByteBuffer.allocate(RecordLayout.MAX_PROPERTIES);
    /** Every half message below is decided, durably or not. */
    private long first;
    /** Every half message below is known here. */
    private long end;

    private volatile long oldestPosition = Long.MAX_VALUE;
    private long markedTo;
    private long savedFirst;
    private long unsavedFirst = -1;
    private long unsavedMarks;
    private long unsavedNeedsFlushedTo;
    private long unreadable;

    private HalfMessages(
            ConsumeQueues queues, LogView view, ConsumerOffsets offsets, CheckSchedule schedule, StoreEvents events) {
        this.queues = queues;
        this.view = view;
        this.offsets = offsets;
        this.schedule = schedule;
        this.events = events;
    }

    /**
     * Derives the table. Blocks; everything in the log must be in its queue.
     *
     * @throws StoreException when the offsets cannot be stored
     */
    public static HalfMessages open(
            ConsumeQueues queues,
            LogView view,
            ConsumerOffsets offsets,
            CheckSchedule schedule,
            StoreEvents events,
            long wallMillis,
            long nowNanos) {
        HalfMessages halves = new HalfMessages(queues, view, offsets, schedule, events);
        halves.derive(wallMillis, nowNanos);
        return halves;
    }

    private void derive(long wallMillis, long nowNanos) {
        @Nullable ConsumeQueue queue = queues.find(HALVES);
        long max = queue == null ? 0 : queue.maxOffset();
        long min = queue == null ? 0 : queue.minOffset();
        // A queue that lost its end gives offsets anew: what was committed beyond it is of no use.
        first = Math.min(Math.max(offsets.find(GROUP, HALVES), min), max);
        end = first;
        long from = first;
        BitSet done = queue == null ? new BitSet() : done(queue, max);
        while (end < max) {
            if (!done.get((int) (end - from))) {
                learn(queue, end, wallMillis, nowNanos, true);
            }
            end++;
        }
        advance();
        // The first commit may need room on the disk: it must not be made on an event loop.
        savedFirst = -1;
        save(Long.MAX_VALUE);
        if (table.size() > 0) {
            events.info("half messages pending count=" + table.size() + " oldest=" + first + " end=" + end + " groups="
                    + groups.size());
        }
    }

    /** Reads the marks: a mark is always behind its half message in the log, so older ones do not matter. */
    private BitSet done(ConsumeQueue halves, long max) {
        BitSet done = new BitSet();
        @Nullable ConsumeQueue marks = queues.find(MARKS);
        long firstPosition = -1;
        for (long offset = first; offset < max && firstPosition < 0; offset++) firstPosition = halves.position(offset);
        if (marks == null || firstPosition < 0) return done;
        ByteBuffer record = ByteBuffer.allocate(4096);
        RecordView mark = new RecordView();
        for (long offset = marks.firstPointingFrom(marks.minOffset(), firstPosition);
                offset < marks.maxOffset();
                offset++) {
            if (!marks.read(offset, unit)) continue;
            if (record.capacity() < unit.sizeBytes()) record = ByteBuffer.allocate(unit.sizeBytes());
            try {
                if (!view.copy(unit.position(), unit.sizeBytes(), record.clear())) continue;
            } catch (StoreException damaged) {
                events.warn("mark of half messages not readable offset=" + offset + " reason=\"" + damaged.getMessage()
                        + "\" effect=\"they are checked again\"");
                continue;
            }
            MarkBody.read(mark.wrap(record, 0).body(), half -> {
                if (half >= first && half < max) done.set((int) (half - first));
            });
        }
        return done;
    }

    /**
     * Takes up half messages that have arrived, at most {@code most}.
     *
     * @return whether there are more
     */
    public boolean catchUp(int most, long nowNanos) {
        @Nullable ConsumeQueue queue = queues.find(HALVES);
        if (queue == null) return false;
        long max = queue.maxOffset();
        long to = Math.min(max, end + most);
        for (; end < to; end++) learn(queue, end, 0, nowNanos, false);
        advance();
        return end < max;
    }

    private void learn(
            @Nullable ConsumeQueue queue, long offset, long wallMillis, long nowNanos, boolean afterRestart) {
        properties.clear();
        if (queue == null || !queue.read(offset, unit)) {
            unreadable(offset, "its place in the log is not known");
            return;
        }
        long storedMillis = view.storeMillis(unit.position());
        if (storedMillis < 0 || !view.properties(unit.position(), unit.sizeBytes(), properties)) {
            unreadable(offset, "no record at position " + unit.position());
            return;
        }
        properties.flip();
        long immunityMillis = schedule.immunityMillis(property(MessageProperties.CHECK_IMMUNITY_TIME_IN_SECONDS));
        // One that arrives is as good as new: the wall clock, which may be set at any moment, need not be asked.
        long waitMillis = immunityMillis;
        int checks = 0;
        if (afterRestart) {
            long ageMillis = Math.max(0, wallMillis - storedMillis);
            // The producers have to come back first.
            waitMillis = Math.max(immunityMillis - ageMillis, schedule.intervalMillis());
            checks = schedule.checksDone(ageMillis, immunityMillis);
        }
        @Nullable String group = property(MessageProperties.PGROUP);
        table.add(
                offset,
                unit.position(),
                unit.sizeBytes(),
                groups.use(group == null ? "" : group),
                checks,
                schedule.onGrid(millis(nowNanos) + waitMillis));
    }

    private @Nullable String property(String name) {
        return MessageProperties.get(properties.array(), 0, properties.limit(), name);
    }

    private void unreadable(long offset, String why) {
        unreadable++;
        events.warn("half message lost offset=" + offset + " reason=\"" + why + "\"");
    }

    /** Returns how many half messages could not be read when they were to be taken up. */
    public long unreadable() {
        return unreadable;
    }

    /** Returns the offset below which every half message is known here. */
    public long end() {
        return end;
    }

    /** Returns how many half messages are pending. */
    public int size() {
        return table.size();
    }

    /** Returns a half message that is pending, or null. */
    public @Nullable Half find(long offset) {
        int slot = table.find(offset);
        return slot == HalfTable.NONE ? null : half(slot, false);
    }

    private Half half(int slot, boolean exhausted) {
        return new Half(
                table.offset(slot),
                table.position(slot),
                table.sizeBytes(slot),
                groups.name(table.group(slot)),
                table.checks(slot),
                exhausted);
    }

    /**
     * Returns the next half message whose producers are to be asked now, and counts that; or one that is exhausted, which
     * is under way then as after {@link #begin}; or null when none is due.
     */
    public @Nullable Half nextDue(long nowNanos) {
        int slot = table.first();
        long now = millis(nowNanos);
        if (slot == HalfTable.NONE || table.dueMillis(slot) - now > 0) return null;
        if (table.checks(slot) >= schedule.mostChecks()) {
            table.unschedule(slot);
            return half(slot, true);
        }
        table.checks(slot, table.checks(slot) + 1);
        table.schedule(slot, schedule.onGrid(now + schedule.intervalMillis()));
        return half(slot, false);
    }

    /** Returns half messages before {@code position} of the log, at most {@code most}, all under way as after {@link #begin}. */
    public List<Half> takeBefore(long position, int most) {
        List<Half> taken = new ArrayList<>();
        @Nullable ConsumeQueue queue = queues.find(HALVES);
        if (queue == null || oldestPosition >= position) return taken;
        long to = Math.min(end, queue.firstPointingFrom(first, position));
        for (long offset = first; offset < to && taken.size() < most; offset++) {
            int slot = table.find(offset);
            if (slot == HalfTable.NONE || !table.scheduled(slot)) continue;
            table.unschedule(slot);
            taken.add(half(slot, true));
        }
        return taken;
    }

    /** Says that a pending half message is being decided: no check until {@link #failed}. */
    public void begin(Half half) {
        table.unschedule(slot(half));
    }

    /** It is decided; its mark ends before {@code endPosition} of the log. */
    public void done(Half half, long endPosition) {
        markedTo = Math.max(markedTo, endPosition);
        int slot = slot(half);
        groups.release(table.group(slot));
        table.remove(slot);
        advance();
    }

    /** It could not be decided: its checks go on, after a pause if one is due. */
    public void failed(Half half, long nowNanos) {
        int slot = slot(half);
        table.schedule(slot, schedule.onGrid(Math.max(table.dueMillis(slot), millis(nowNanos) + PAUSE_MILLIS)));
    }

    /** Lets the checks of a half message begin anew; the first comes after a whole interval. */
    public void checkAnew(Half half, long nowNanos) {
        int slot = slot(half);
        table.checks(slot, 0);
        if (table.scheduled(slot)) {
            table.schedule(slot, schedule.onGrid(millis(nowNanos) + schedule.intervalMillis()));
        }
    }

    /**
     * Returns pending half messages from {@code from} on, in their order.
     *
     * @param from an offset
     * @param most half messages returned
     * @param mostLookedAt offsets looked at, which bounds the time this takes
     */
    public PendingHalves pending(long from, int most, int mostLookedAt, long nowNanos) {
        List<PendingHalves.Each> found = new ArrayList<>();
        long offset = Math.max(from, first);
        long to = Math.min(end, offset + mostLookedAt);
        for (; offset < to && found.size() < most; offset++) {
            int slot = table.find(offset);
            if (slot == HalfTable.NONE) continue;
            long untilCheck = table.scheduled(slot) ? Math.max(0, table.dueMillis(slot) - millis(nowNanos)) : NEVER;
            found.add(new PendingHalves.Each(half(slot, false), untilCheck));
        }
        return new PendingHalves(found, offset < end ? offset : PendingHalves.END);
    }

    private int slot(Half half) {
        int slot = table.find(half.offset());
        if (slot == HalfTable.NONE) throw new IllegalStateException("half message is not pending: " + half);
        return slot;
    }

    private void advance() {
        while (first < end && table.find(first) == HalfTable.NONE) first++;
        oldestPosition = first == end ? Long.MAX_VALUE : table.position(table.find(first));
    }

    /** Returns where the oldest pending half message is in the log; a huge number when there is none. Any thread. */
    public long oldestPosition() {
        return oldestPosition;
    }

    /** Returns milliseconds until {@link #nextDue} has something, or {@link #NEVER}. */
    public long sleepMillis(long nowNanos) {
        int slot = table.first();
        return slot == HalfTable.NONE ? NEVER : Math.max(0, table.dueMillis(slot) - millis(nowNanos));
    }

    /** Tells whether {@link #save} would, now or later, store something. */
    public boolean unsaved() {
        return unsavedFirst >= 0 || first > savedFirst;
    }

    /**
     * Stores how far everything is decided, as far as that is durable. Never blocks.
     *
     * @param flushed the log's flushed mark
     */
    public void save(long flushed) {
        if (unsavedFirst < 0) {
            if (first <= savedFirst) return;
            @Nullable ConsumeQueue marks = queues.find(MARKS);
            unsavedFirst = first;
            unsavedMarks = marks == null
                    ? 0
                    : marks.firstPointingFrom(Math.max(marks.minOffset(), offsets.find(GROUP, MARKS)), oldestPosition);
            unsavedNeedsFlushedTo = markedTo;
        }
        if (flushed < unsavedNeedsFlushedTo) return;
        // In this order: the next start looks for marks behind the first half message, whatever the second offset says.
        offsets.commit(GROUP, HALVES, unsavedFirst);
        offsets.commit(GROUP, MARKS, unsavedMarks);
        savedFirst = unsavedFirst;
        unsavedFirst = -1;
    }

    private static long millis(long nanos) {
        return nanos / 1_000_000;
    }
}
