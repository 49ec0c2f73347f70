package io.vostok.store;

import io.vostok.store.index.KeyIndex;
import io.vostok.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Makes the log and the derived files durable. The flush thread only; every call blocks on the disk. */
public final class Flusher {
    /** A disk that takes longer for one force is as good as gone: longer than any queue of writes on a slow disk. */
    private static final Duration STALL = Duration.ofSeconds(10);

    private static final long NOT_FORCING = Long.MIN_VALUE;

    private final LogFiles files;
    private final LogView view;
    private final Marks marks;
    private final ConsumeQueues queues;
    private final KeyIndex index;
    private final CommitLog log;
    private final Checkpoint checkpoint;
    private final Health health;
    private final Clock clock;
    private volatile long forcingSinceNanos = NOT_FORCING;

    Flusher(
            LogFiles files,
            LogView view,
            Marks marks,
            ConsumeQueues queues,
            KeyIndex index,
            CommitLog log,
            Checkpoint checkpoint,
            Health health,
            Clock clock) {
        this.files = files;
        this.view = view;
        this.marks = marks;
        this.queues = queues;
        this.index = index;
        this.log = log;
        this.checkpoint = checkpoint;
        this.health = health;
        this.clock = clock;
    }

    /**
     * Forces everything that was appended before this call.
     *
     * @return the new flushed position
     * @throws StoreException POISONED when a force failed, now or earlier; the store takes no more appends (promise P1)
     */
    public long flush() {
        refuseWhenPoisoned();
        long target = marks.appended();
        long from = marks.flushed();
        if (target == from) return from;
        forcingSinceNanos = clock.monotonicNanos();
        try {
            for (LogSegment segment : files.all()) {
                if (segment.end() > from && segment.start < target) segment.file.force();
            }
        } catch (StoreException e) {
            throw health.poisonedBy(e);
        } finally {
            forcingSinceNanos = NOT_FORCING;
        }
        marks.flushed(target);
        return target;
    }

    /** Returns why nothing more should be appended for now: the disk has not answered a force for long. Any thread. */
    public @Nullable StoreException stall(long nowNanos) {
        long since = forcingSinceNanos;
        if (since == NOT_FORCING || nowNanos - since < STALL.toNanos()) return null;
        return new StoreException(
                StoreException.Kind.STALLED,
                "the disk has not answered a force for " + (nowNanos - since) / 1_000_000_000
                        + " s, nothing is appended until it does");
    }

    /** Tells whether anything waits for {@link #flush()}. */
    public boolean dirty() {
        return marks.flushed() < marks.appended();
    }

    /**
     * Forces the queues and the key index and then records durably how far they have got, so that a restart derives only the rest.
     *
     * @throws StoreException POISONED when a force failed, now or earlier
     */
    public void checkpoint() {
        write(false);
    }

    /** As {@link #checkpoint()}, saying whether this is the last one before an orderly end. */
    void write(boolean clean) {
        refuseWhenPoisoned();
        // Read before the force: what is dispatched meanwhile counts next time.
        long flushed = marks.flushed();
        long derived = Math.min(marks.dispatched(), flushed);
        try {
            for (ConsumeQueue queue : queues.values()) queue.force();
            index.checkpoint(flushed);
            long newest = log.lastStoreMillis();
            checkpoint.apacheIndexMillis(clean ? index.lastStoreMillis() : index.fullFilesEndMillis());
            checkpoint.write(
                    flushed, derived, clean, newest, storedBefore(flushed, newest), storedBefore(derived, newest));
        } catch (StoreException e) {
            throw health.poisonedBy(e);
        }
    }

    /** Returns a store time that no record before {@code position} exceeds. */
    private long storedBefore(long position, long newest) {
        long there = view.storeMillis(position);
        return there < 0 ? newest : there;
    }

    private void refuseWhenPoisoned() {
        @Nullable StoreException poison = health.poison();
        if (poison != null) throw poison;
    }
}
