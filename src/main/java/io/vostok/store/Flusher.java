package io.vostok.store;

import io.vostok.store.index.KeyIndex;
import io.vostok.time.Clock;
import java.time.Duration;
import java.util.Collections;
import java.util.Iterator;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Makes the log and the derived files durable. Every call blocks on the disk: the log by the flush thread, checkpoints by the
 * housekeeping thread only.
 */
public final class Flusher {
    /** A disk that takes longer for one force is as good as gone: longer than any queue of writes on a slow disk. */
    private static final Duration STALL = Duration.ofSeconds(10);

    private static final long NOT_FORCING = Long.MIN_VALUE;
    /**
     * Keys fall on all slots of the index: under load each force writes 20 MB, however little was added. What the index lacks
     * after a crash is indexed while the broker serves.
     */
    private static final Duration INDEX_PAUSE = Duration.ofSeconds(5);

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
    private final AtomicLong forces = new AtomicLong();
    /** The checkpoint that is under way. */
    private @Nullable Round round;

    private long indexForcedNanos;

    /** What a checkpoint will say once the queues that are left have been forced. */
    private record Round(long flushed, long derived, Iterator<ConsumeQueue> left) {}

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
        this.indexForcedNanos = clock.monotonicNanos();
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
        forces.incrementAndGet();
        return target;
    }

    /** Returns how often {@link #flush()} has made something durable. Any thread. */
    public long forces() {
        return forces.get();
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
        while (!forceQueues(Long.MAX_VALUE)) {
            // What was begun in parts is ended; it counts for what was dispatched when it began.
        }
        forceIndex();
        record(false);
    }

    /**
     * Goes on with a checkpoint, or begins one: forces a queue at least, and more as long as {@code patienceNanos} last. With
     * very many queues a checkpoint takes minutes, and other work must not wait for it. The key index is forced now and then only.
     *
     * @return true when it is done and recorded
     * @throws StoreException POISONED when a force failed, now or earlier
     */
    public boolean checkpointPart(long patienceNanos) {
        if (!forceQueues(patienceNanos)) return false;
        if (clock.monotonicNanos() - indexForcedNanos >= INDEX_PAUSE.toNanos()) forceIndex();
        record(false);
        return true;
    }

    /**
     * A checkpoint that somebody waits for, at the start or at the orderly end. When the queues take longer to force than
     * {@code patience}, it says no more of them than the one before: what it lacks, another start would derive.
     */
    void checkpointWithin(Duration patience, boolean clean) {
        long begun = clock.monotonicNanos();
        round = null; // what has been dispatched since counts too
        while (!forceQueues(patience.toNanos() - (clock.monotonicNanos() - begun))) {
            if (clock.monotonicNanos() - begun < patience.toNanos()) continue;
            round = new Round(marks.flushed(), checkpoint.state().derived(), Collections.emptyIterator());
        }
        forceIndex();
        record(clean);
    }

    private void forceIndex() {
        try {
            index.checkpoint(Objects.requireNonNull(round).flushed);
        } catch (StoreException e) {
            throw health.poisonedBy(e);
        }
        indexForcedNanos = clock.monotonicNanos();
    }

    private boolean forceQueues(long patienceNanos) {
        refuseWhenPoisoned();
        long begun = clock.monotonicNanos();
        Round current = round;
        if (current == null) {
            // Read before the force: what is dispatched meanwhile counts next time.
            long flushed = marks.flushed();
            current = new Round(
                    flushed,
                    Math.min(marks.dispatched(), flushed),
                    queues.values().iterator());
            round = current;
        }
        try {
            while (current.left.hasNext()) {
                if (!current.left.next().force()) continue;
                if (clock.monotonicNanos() - begun >= patienceNanos) break;
            }
        } catch (StoreException e) {
            throw health.poisonedBy(e);
        }
        return !current.left.hasNext();
    }

    private void record(boolean clean) {
        Round done = Objects.requireNonNull(round);
        round = null;
        try {
            long newest = log.lastStoreMillis();
            checkpoint.apacheIndexMillis(clean ? index.lastStoreMillis() : index.fullFilesEndMillis());
            if (!clean && checkpoint.says(done.flushed, done.derived, newest))
                return; // an idle broker leaves the disk alone
            checkpoint.write(
                    done.flushed,
                    done.derived,
                    clean,
                    newest,
                    storedBefore(done.flushed, newest),
                    storedBefore(done.derived, newest));
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
