package io.vostok.verticle;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vostok.bus.Bell;
import io.vostok.service.ArrivalBatch;
import io.vostok.service.ArrivalHearer;
import io.vostok.store.Dispatcher;
import io.vostok.store.StoreException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds the consume queues and the key index behind the confirmed mark and tells the waiting pulls what has arrived.
 *
 * <p>Runs on the context of {@link CommitLogVerticle}, which starts it and has it look before it answers: so a producer
 * finds in its queue whatever it was told is stored (decision 0007).
 */
public final class DispatchVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(DispatchVerticle.class);

    /** Bounds one turn on the event loop to well under a millisecond. */
    private static final int RECORDS_PER_TURN = 512;

    /** Bounds what answers wait for: more than one tick brings, so it is met only while an older rest is made up for. */
    private static final int TURNS_BEFORE_ANSWERS = 32;

    private static final long RETRY_MILLIS = 1_000;

    private final Dispatcher dispatcher;
    private final Bell confirmed;
    private final Bell room;
    private final List<ArrivalHearer> hearers;
    private ArrivalBatch arrivals = new ArrivalBatch();
    private boolean going;
    private boolean failing;
    private boolean stopped;
    private int pauses;

    /**
     * @param confirmed heard: the confirmed mark has moved
     * @param room rung: the key index needs room
     * @param hearers are told what has arrived: the waiting pulls of every event loop, and whoever else waits
     */
    public DispatchVerticle(Dispatcher dispatcher, Bell confirmed, Bell room, List<? extends ArrivalHearer> hearers) {
        this.dispatcher = dispatcher;
        this.confirmed = confirmed;
        this.room = room;
        this.hearers = List.copyOf(hearers);
    }

    @Override
    public Future<?> start() {
        confirmed.hear(this::go);
        if (dispatcher.behind()) go();
        return Future.succeededFuture();
    }

    /** Whoever closes the store dispatches the rest; two must never do it at a time. */
    @Override
    public Future<?> stop() {
        stopped = true;
        return Future.succeededFuture();
    }

    /**
     * Puts everything confirmed into its queue before this returns, unless a queue cannot be written or too much is left
     * from before. On the context of this verticle.
     */
    void beforeAnswers() {
        if (pauses > 0) return; // dispatched when the pause is over, which is as long as a few files take to go
        boolean more = false;
        for (int turn = 0; turn < TURNS_BEFORE_ANSWERS && dispatcher.behind(); turn++) {
            if (stopped || failing) break;
            more = dispatch();
        }
        if (more || failing) go();
    }

    /**
     * Indexes what recovery left, beside everything else. Once the broker serves: a start has more to do, and messages are found
     * in their queues without it. Any thread.
     */
    public void indexRest() {
        context.runOnContext(now -> go());
    }

    /** From the completion of the future on nothing is dispatched, until as many calls of {@link #goOn}. Any thread. */
    Future<Boolean> pause() {
        Promise<Boolean> paused = Promise.promise();
        context.runOnContext(now -> {
            pauses++;
            paused.complete(true);
        });
        return paused.future();
    }

    /** Ends a pause. Any thread. */
    void goOn() {
        context.runOnContext(now -> {
            pauses--;
            go();
        });
    }

    private void go() {
        if (going || pauses > 0) return;
        going = true;
        turn();
    }

    private void turn() {
        if (stopped) return;
        if (pauses > 0) {
            going = false; // whoever paused looks again
            return;
        }
        boolean more = dispatch();
        if (failing) {
            vertx.setTimer(RETRY_MILLIS, id -> turn());
        } else if (more) {
            context.runOnContext(next -> turn());
        } else {
            going = false;
        }
    }

    /** Returns whether something is left that could be done at once. */
    private boolean dispatch() {
        boolean more = false;
        try {
            more = dispatcher.dispatch(RECORDS_PER_TURN, arrivals);
            failing = false;
        } catch (StoreException failure) {
            if (!failing) LOG.error("queues cannot be written, consumers see nothing new: {}", failure.getMessage());
            failing = true;
        } catch (RuntimeException bug) {
            if (!failing) LOG.error("queues cannot be written, consumers see nothing new", bug);
            failing = true;
        }
        tell();
        if (dispatcher.indexWantsRoom()) room.ring();
        return more;
    }

    private void tell() {
        if (arrivals.size() == 0) return;
        boolean told = false;
        for (ArrivalHearer hearer : hearers) told |= hearer.tell(arrivals);
        if (told) {
            arrivals = new ArrivalBatch();
        } else {
            arrivals.clear();
        }
    }
}
