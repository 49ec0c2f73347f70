package io.vostok.store;

import io.vostok.model.TopicName;
import io.vostok.store.StoreException.Kind;
import io.vostok.store.file.Disk;
import io.vostok.store.index.KeyIndex;
import io.vostok.store.meta.DeletedTopics;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/** Makes room ahead of the writer and takes away what is too old. The housekeeping thread only; every call may block. */
public final class Housekeeping {
    private static final int STEP_BYTES = 4 << 20;
    private static final int RESERVE_BYTES = 4 << 20;
    private static final int SEGMENTS_PER_ROUND = 10;

    private final StoreSettings settings;
    private Duration retention;
    private int deleteHour;
    private final Disk disk;
    private final LogFiles files;
    private final LogView view;
    private final Marks marks;
    private final ConsumeQueues queues;
    private final QueueStarts starts;
    private final KeyIndex index;
    private final DeletedTopics deletedTopics;
    private final Checkpoint checkpoint;
    private final Health health;
    private final StoreEvents events;
    private boolean reserveMissed;
    private boolean started;

    Housekeeping(
            StoreSettings settings,
            Disk disk,
            LogFiles files,
            LogView view,
            Marks marks,
            ConsumeQueues queues,
            QueueStarts starts,
            KeyIndex index,
            DeletedTopics deletedTopics,
            Checkpoint checkpoint,
            Health health,
            StoreEvents events) {
        this.settings = settings;
        this.retention = settings.retention();
        this.deleteHour = settings.deleteHour();
        this.disk = disk;
        this.files = files;
        this.view = view;
        this.marks = marks;
        this.queues = queues;
        this.starts = starts;
        this.index = index;
        this.deletedTopics = deletedTopics;
        this.checkpoint = checkpoint;
        this.health = health;
        this.events = events;
    }

    /**
     * Gives the log disk blocks ahead of its end, and the next segment before it is needed.
     *
     * <p>A full or read-only disk is remembered: {@link CommitLog#refusal()} names it until a later call succeeds.
     */
    public void makeRoom() {
        if (health.poison() != null) return;
        try {
            long from = marks.appended();
            makeRoom(from, from + settings.touchAheadBytes());
            started = true;
        } catch (StoreException e) {
            if (e.kind() == Kind.POISONED) {
                health.poisonedBy(e);
            } else {
                health.noRoom(e);
            }
            return;
        }
        double used = disk.usedRatio();
        if (used >= settings.diskFullRatio()) {
            health.noRoom(new StoreException(
                    Kind.DISK_FULL,
                    "the disk is " + Math.round(used * 100) + " % full, appends stop at "
                            + Math.round(settings.diskFullRatio() * 100) + " % (store.diskFullRatio)"));
        } else {
            health.roomAgain();
            keepReserve();
        }
    }

    /**
     * Makes the key index' next file, or room in it, when keys wait for it or soon will.
     *
     * @return true when keys have waited and can be indexed now: {@link Dispatcher#dispatch} goes on with them
     */
    public boolean makeIndexRoom(long nowMillis) {
        if (health.poison() != null) return false;
        try {
            return index.makeRoom(nowMillis);
        } catch (StoreException e) {
            throw health.poisonedBy(e);
        }
    }

    /** A little that is given up when a store must be opened on a full disk. */
    private void keepReserve() {
        try {
            disk.keepReserve(RESERVE_BYTES);
        } catch (StoreException e) {
            if (!reserveMissed) events.warn("no reserve kept reason=\"" + e.getMessage() + "\"");
            reserveMissed = true;
            return;
        }
        reserveMissed = false;
    }

    private void makeRoom(long from, long to) {
        long position = from;
        while (position < to) {
            @Nullable LogSegment found = files.find(position);
            LogSegment segment = found != null ? found : files.make(position);
            int used = segment.at(position);
            int wanted = (int) (Math.min(to, segment.end()) - segment.start);
            while (segment.room() < wanted) {
                int before = Math.max(segment.room(), used);
                segment.makeRoom(used, (int) Math.min(wanted, (long) before + STEP_BYTES));
                // Not the room of the start: a broker that has nothing to store needs no memory for it.
                if (started) segment.file.touch(before, segment.room());
            }
            position = segment.end();
        }
    }

    /**
     * Deletes whole segments by age and by disk use (storage reference 7), then corrects the queues' smallest offsets and
     * deletes queue files that point to nothing. Never the segment that is written, nor one whose
     * records are not durably in their queues: it takes a checkpoint to free it.
     *
     * @param guard may keep a segment for a while
     * @return true when more could be done at once
     */
    public boolean clean(long nowMillis, DeletionGuard guard) {
        return clean(nowMillis, false, guard);
    }

    /** As {@link #clean}, at any hour. */
    public boolean cleanNow(long nowMillis, DeletionGuard guard) {
        return clean(nowMillis, true, guard);
    }

    /** Deletes queue files that point to nothing any more, and corrects the smallest offsets. */
    public void cleanQueues() {
        correctQueues();
    }

    /**
     * Deletes a topic's queues and sees to it that its records in the log never come back. Nothing of the topic may be
     * dispatched meanwhile.
     *
     * @param before what {@link CommitLog#forget} returned
     * @throws StoreException when that could not be written: the topic's queues are still there
     */
    public void deleteTopic(TopicName topic, long before) {
        deletedTopics.add(topic, before, view.firstPosition());
        queues.delete(topic);
        events.info("topic deleted topic=" + topic + " recordsBefore=" + before);
    }

    /** Takes other settings of retention. */
    public void retention(Duration newRetention, int newDeleteHour) {
        retention = newRetention;
        deleteHour = newDeleteHour;
    }

    private boolean clean(long nowMillis, boolean atAnyHour, DeletionGuard guard) {
        double used = disk.usedRatio();
        boolean force = used >= settings.diskForceRatio();
        boolean due = force || atAnyHour || used >= settings.diskCleanRatio() || isDeleteHour(nowMillis);
        int gone = 0;
        while (due && gone < SEGMENTS_PER_ROUND && deleteOldest(nowMillis, force, guard)) {
            gone++;
            if (force) force = disk.usedRatio() >= settings.diskForceRatio();
        }
        if (gone > 0) correctQueues();
        return gone == SEGMENTS_PER_ROUND;
    }

    private boolean isDeleteHour(long nowMillis) {
        if (deleteHour < 0) return true;
        return Instant.ofEpochMilli(nowMillis).atZone(ZoneId.systemDefault()).getHour() == deleteHour;
    }

    private boolean deleteOldest(long nowMillis, boolean regardlessOfAge, DeletionGuard guard) {
        LogSegment[] all = files.all();
        if (all.length < 2) return false;
        LogSegment oldest = all[0];
        // Not before the queues that were derived from it are durable: nothing could derive their offsets again.
        long settled = checkpoint.state().derived();
        if (oldest.end() > settled) return false;
        long ageMillis = nowMillis - files.modifiedMillis(oldest);
        if (!regardlessOfAge && ageMillis <= retention.toMillis()) return false;
        if (!guard.letsGo(oldest.end())) return false;
        starts.note(oldest.end(), queues.values());
        files.remove(oldest);
        events.info("log segment deleted start=" + oldest.start + " ageMillis=" + ageMillis + " reason="
                + (regardlessOfAge ? "disk" : "age"));
        return true;
    }

    private void correctQueues() {
        long first = view.firstPosition();
        for (ConsumeQueue queue : queues.values()) {
            queue.correctMin();
            queue.deleteBelow(first);
        }
        index.deleteBelow(first);
    }
}
