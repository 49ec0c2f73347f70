package io.vostok.store.timer;

import io.vostok.model.QueueId;
import io.vostok.store.ConsumeQueue;
import io.vostok.store.ConsumeQueues;
import io.vostok.store.QueueUnit;
import io.vostok.store.StoreEvents;
import org.jspecify.annotations.Nullable;

/**
 * One delay level: a queue whose messages become due in its order, because all wait equally long. Only its head is looked
 * at.
 */
final class DelayLevel {
    /** Units without a message that one look passes. */
    private static final int MOST_SKIPPED = 4_096;

    final int number;
    private final QueueId id;
    private final long delayMillis;
    private final ConsumeQueues queues;
    private final StoreEvents events;
    private final QueueUnit unit = new QueueUnit();
    /** Offset of the head: everything below was handed out or holds no message. */
    private long next;
    /** Everything below is delivered. */
    private long delivered;

    /** Everything below is delivered, and durably. */
    private volatile long settled;

    private int underWay;
    private boolean headKnown;
    private boolean skipping;
    /** While the head is above now + delay: offsets below this one are due at {@link #guardNanos} at the latest. */
    private long guardEnd;

    private long guardNanos;

    DelayLevel(int number, QueueId id, long delayMillis, ConsumeQueues queues, StoreEvents events) {
        this.number = number;
        this.id = id;
        this.delayMillis = delayMillis;
        this.queues = queues;
        this.events = events;
    }

    /** Starts at {@code offset}, or at the nearest that the queue has. */
    void startAt(long offset) {
        @Nullable ConsumeQueue queue = queues.find(id);
        long min = queue == null ? 0 : queue.minOffset();
        long max = queue == null ? 0 : queue.maxOffset();
        next = Math.max(min, Math.min(offset, max));
        delivered = next;
        settled = next;
        if (offset > max) {
            events.warn("delay level set back level=" + number + " offset=" + offset + " to=" + max
                    + " reason=\"its queue ends there\"");
        }
    }

    long delivered() {
        return delivered;
    }

    /** Returns how long the head has to wait, 0 when it is due, {@code Long.MAX_VALUE} when nothing waits. */
    long waitMillis(long nowMillis, long nowNanos) {
        if (!headKnown && !findHead()) return skipping ? 1 : Long.MAX_VALUE;
        long wait = unit.tagsCode() - nowMillis;
        if (wait <= 0) return 0;
        if (wait <= delayMillis) return wait;
        // Nobody waits longer than the level: the wall clock was set back after the message was stored, or the level
        // was made shorter. What the queue holds now is at most one delay away; so it is neither early nor stuck.
        if (next >= guardEnd) {
            @Nullable ConsumeQueue queue = queues.find(id);
            guardEnd = queue == null ? next + 1 : queue.maxOffset();
            guardNanos = nowNanos + delayMillis * 1_000_000;
        }
        long left = (guardNanos - nowNanos + 999_999) / 1_000_000;
        return Math.max(0, Math.min(wait, left));
    }

    long headDueMillis() {
        return unit.tagsCode();
    }

    /** Says that the copies of all messages below {@code offset} are durable. */
    void settled(long offset) {
        settled = offset;
    }

    /** Tells whether a message that is not durably delivered lies before {@code position} of the log. Any thread. */
    boolean holds(long position) {
        @Nullable ConsumeQueue queue = queues.find(id);
        if (queue == null) return false;
        long from = Math.max(settled, queue.minOffset());
        return from < queue.maxOffset() && queue.firstPointingFrom(from, position) > from;
    }

    /** Tells whether there is a head, and before {@code position} of the log. */
    boolean headBefore(long position) {
        return (headKnown || findHead()) && unit.position() < position;
    }

    /** Hands the head out. */
    Due take(boolean early) {
        Due due = new Due(this, next, unit.tagsCode(), unit.position(), unit.sizeBytes(), early);
        next++;
        underWay++;
        headKnown = false;
        return due;
    }

    /** The oldest message under way of this level is delivered. */
    void done(Due due) {
        underWay--;
        delivered = underWay == 0 ? next : due.offset() + 1;
    }

    private boolean findHead() {
        skipping = false;
        @Nullable ConsumeQueue queue = queues.find(id);
        if (queue == null) return false;
        long max = queue.maxOffset();
        if (next >= max) return false;
        long min = queue.minOffset();
        if (next < min) {
            events.warn("delayed messages expired level=" + number + " from=" + next + " to=" + min
                    + " reason=\"the log deleted them before they were due\"");
            next = min;
        }
        long end = Math.min(max, next + MOST_SKIPPED);
        while (next < end && !queue.read(next, unit)) next++;
        if (underWay == 0) {
            if (settled == delivered) settled = next;
            delivered = next;
        }
        headKnown = next < end;
        skipping = !headKnown && next < max;
        return headKnown;
    }
}
