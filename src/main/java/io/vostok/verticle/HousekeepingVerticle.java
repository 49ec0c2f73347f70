package io.vostok.verticle;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vostok.bus.Bell;
import io.vostok.metrics.Meter;
import io.vostok.metrics.Traffic;
import io.vostok.service.StoreKeeper;
import io.vostok.store.DeletionGuard;
import io.vostok.store.Flusher;
import io.vostok.store.Housekeeping;
import io.vostok.store.StoreException;
import io.vostok.store.meta.ConsumerOffsets;
import io.vostok.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work on files that nobody waits for, on a worker thread of its own: room ahead of the writer, checkpoints, durable
 * consumer offsets, retention; samples for the rates of {@link Traffic}.
 */
public final class HousekeepingVerticle extends VerticleBase implements StoreKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(HousekeepingVerticle.class);
    private static final Duration CLEAN_INTERVAL = Duration.ofSeconds(10);
    private static final Duration CHECKPOINT_PART = Duration.ofMillis(50);

    private final Housekeeping housekeeping;
    private final Flusher flusher;
    private final ConsumerOffsets offsets;
    private final DeletionGuard guard;
    private final Traffic traffic;
    private final Clock clock;
    private final Bell room;
    private final Bell confirmed;
    private final Duration checkpointInterval;
    private final Duration offsetsInterval;
    private boolean checkpointing;
    private boolean stopped;

    /**
     * @param guard is asked before a file of the log is deleted
     * @param room heard: the room of the log or of the key index gets low
     * @param confirmed rung: keys that waited for room can be indexed
     */
    public HousekeepingVerticle(
            Housekeeping housekeeping,
            Flusher flusher,
            ConsumerOffsets offsets,
            DeletionGuard guard,
            Traffic traffic,
            Clock clock,
            Bell room,
            Bell confirmed,
            Duration checkpointInterval,
            Duration offsetsInterval) {
        this.housekeeping = housekeeping;
        this.flusher = flusher;
        this.offsets = offsets;
        this.guard = guard;
        this.traffic = traffic;
        this.clock = clock;
        this.room = room;
        this.confirmed = confirmed;
        this.checkpointInterval = checkpointInterval;
        this.offsetsInterval = offsetsInterval;
    }

    @Override
    public Future<?> start() {
        room.hear(this::makeRoom);
        vertx.setPeriodic(CLEAN_INTERVAL.toMillis(), id -> attempt("clean up", this::clean));
        vertx.setPeriodic(checkpointInterval.toMillis(), id -> {
            if (!checkpointing) checkpoint();
        });
        vertx.setPeriodic(offsetsInterval.toMillis(), id -> attempt("make consumer offsets durable", offsets::force));
        vertx.setPeriodic(Meter.SAMPLE_SECONDS * 1_000L, id -> sample());
        makeRoom(); // so that the first append finds it
        return Future.succeededFuture();
    }

    @Override
    public Future<Void> cleanLog() {
        return run(store -> {
            while (store.cleanNow(clock.wallMillis(), guard)) {
                // One segment at a time, until nothing is due.
            }
        });
    }

    @Override
    public Future<Void> cleanQueues() {
        return run(Housekeeping::cleanQueues);
    }

    @Override
    public Future<Void> retention(Duration retention, int deleteHour) {
        return run(store -> store.retention(retention, deleteHour));
    }

    /** Does some work on this verticle's thread. Any thread. */
    Future<Void> run(Consumer<Housekeeping> work) {
        Promise<Void> done = Promise.promise();
        context.runOnContext(now -> {
            try {
                work.accept(housekeeping);
                done.complete();
            } catch (RuntimeException failure) {
                done.fail(failure);
            }
        });
        return done.future();
    }

    private void sample() {
        long millis = clock.wallMillis();
        traffic.sample(
                clock.monotonicNanos(),
                Instant.ofEpochMilli(millis)
                        .atZone(ZoneId.systemDefault())
                        .toLocalDate()
                        .toEpochDay());
    }

    /** In parts: with very many queues it takes long, and the writer waits for room. */
    private void checkpoint() {
        checkpointing = true;
        boolean done = true;
        try {
            done = flusher.checkpointPart(CHECKPOINT_PART.toNanos());
        } catch (StoreException failure) {
            LOG.warn("could not write a checkpoint: {}", failure.getMessage());
        }
        checkpointing = !done;
        // A fifth of the time: forcing many small files keeps a disk from everything else, the log's forces included.
        if (!done && !stopped) vertx.setTimer(4 * CHECKPOINT_PART.toMillis(), id -> checkpoint());
    }

    /** Ends after the work under way: a thread that is interrupted in a force would take it for one that failed. */
    @Override
    public Future<?> stop() {
        stopped = true;
        return Future.succeededFuture();
    }

    private void makeRoom() {
        attempt("make room", housekeeping::makeRoom);
        attempt("make room for keys", () -> {
            if (housekeeping.makeIndexRoom(clock.wallMillis())) confirmed.ring();
        });
    }

    private void clean() {
        // A disk that was full may have room again: look even when nobody appends.
        makeRoom();
        while (housekeeping.clean(clock.wallMillis(), guard)) {
            // One segment at a time, until nothing is due.
        }
    }

    private static void attempt(String what, Runnable work) {
        try {
            work.run();
        } catch (StoreException failure) {
            LOG.warn("could not {}: {}", what, failure.getMessage());
        }
    }
}
