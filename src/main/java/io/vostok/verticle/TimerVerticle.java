package io.vostok.verticle;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.internal.ContextInternal;
import io.vostok.broker.delay.DelayRules;
import io.vostok.bus.Bell;
import io.vostok.service.Appending;
import io.vostok.service.ArrivalBatch;
import io.vostok.service.ArrivalHearer;
import io.vostok.service.DelayedDelivery;
import io.vostok.service.DueDelivery;
import io.vostok.service.LogClient;
import io.vostok.service.TimedDelivery;
import io.vostok.service.TimerRequests;
import io.vostok.service.TimersClient;
import io.vostok.store.DeletionGuard;
import io.vostok.store.LogView;
import io.vostok.store.StoreException;
import io.vostok.store.Watermarks;
import io.vostok.store.meta.DelayOffsetsFile;
import io.vostok.store.timer.DelayQueues;
import io.vostok.store.timer.Timers;
import io.vostok.time.Clock;
import io.vostok.wire.body.DelayOffsetTable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers delayed messages when they are due, those of the levels and those with a time of their own, the earliest first.
 * Sleeps until the next one is, or until one is parked; with nothing pending it has no timer at all. On a worker thread,
 * because what has waited for days is no longer in memory; how far it got is written on another, a second after it changed.
 */
public final class TimerVerticle extends VerticleBase implements ArrivalHearer, DeletionGuard {
    private static final Logger LOG = LoggerFactory.getLogger(TimerVerticle.class);
    private static final long SAVE_MILLIS = 1_000;
    /** Bounds one turn, so that answers and arrivals are heard between. */
    private static final int MOST_PER_TURN = 128;

    private static final int MOST_BYTES_PER_TURN = 1 << 20;
    private static final int ENTRIES_PER_TURN = 2_048;
    private static final long NONE = -1;

    private final DelayQueues queues;
    private final Timers timers;
    private final DelayRules rules;
    private final LogView view;
    private final Watermarks marks;
    private final DelayOffsetsFile file;
    private final Appending appending;
    private final Clock clock;
    private final Bell parked;
    private @Nullable DelayedDelivery delayed;
    private @Nullable TimedDelivery timed;
    private @Nullable TimerRequests requests;
    private @Nullable Promise<Void> stopping;
    /** False from the beginning of the stop on: a ring must not meet a worker that has ended. */
    private volatile boolean heard = true;

    private boolean lookPlanned;
    private boolean saving;
    private boolean saveFailing;
    private long timer = NONE;
    private long saveTimer = NONE;

    /** @param parked rung and heard by this verticle only */
    public TimerVerticle(
            DelayQueues queues,
            Timers timers,
            DelayRules rules,
            LogView view,
            Watermarks marks,
            DelayOffsetsFile file,
            Appending appending,
            Clock clock,
            Bell parked) {
        this.queues = queues;
        this.timers = timers;
        this.rules = rules;
        this.view = view;
        this.marks = marks;
        this.file = file;
        this.appending = appending;
        this.clock = clock;
        this.parked = parked;
    }

    @Override
    public boolean tell(ArrivalBatch arrivals) {
        if (heard && (arrivals.touches(DelayQueues.TOPIC) || arrivals.touches(Timers.TOPIC))) parked.ring();
        return false;
    }

    @Override
    public boolean letsGo(long endPosition) {
        boolean free = DeletionGuard.all(timers, queues).letsGo(endPosition);
        if (!free && heard) parked.ring();
        return free;
    }

    @Override
    public Future<?> start() {
        LogClient log = appending.client(vertx, (ContextInternal) context);
        delayed = new DelayedDelivery(queues, rules, view, log, appending, clock, this::answered);
        timed = new TimedDelivery(timers, rules, view, log, appending, clock, this::answered);
        requests = new TimerRequests(queues, timers, timed, view, context);
        parked.hear(this::look);
        look();
        return Future.succeededFuture();
    }

    /** Returns the context on which the calls of {@link #owner} must run; once deployed. */
    public Context ownContext() {
        return context;
    }

    /** Returns what answers administrators; once deployed. */
    public TimersClient.Owner owner() {
        @Nullable TimerRequests made = requests;
        if (made == null) throw new IllegalStateException("not deployed yet");
        return made;
    }

    /** Returns how many messages wait for a time of their own. Any thread. */
    public Future<Long> pending() {
        Promise<Long> pending = Promise.promise();
        context.runOnContext(turn -> pending.complete(timers.pending()));
        return pending.future();
    }

    /** Hands out nothing more; complete when the log has answered what was handed out. */
    @Override
    public Future<?> stop() {
        Promise<Void> stopped = Promise.promise();
        heard = false;
        stopping = stopped;
        vertx.cancelTimer(timer);
        vertx.cancelTimer(saveTimer);
        completeStop(stopped);
        return stopped.future();
    }

    /**
     * Writes how far everything is delivered. Blocks; only after {@link #stop} and after the log was flushed.
     *
     * @throws StoreException when it could not be written: what was delivered since the last time comes again
     */
    public void saveLast() {
        while (queues.unsaved()) {
            @Nullable DelayOffsetTable table = queues.toSave(marks.flushed(), clock.wallMillis());
            if (table == null) break; // The log could not be flushed.
            file.save(table);
        }
        while (timers.unsaved()) {
            Timers.@Nullable Save save = timers.toSave(marks.flushed());
            if (save == null) break;
            save.run();
            timers.saved(save);
        }
    }

    private void answered() {
        @Nullable Promise<Void> stopped = stopping;
        if (stopped != null) {
            completeStop(stopped);
        } else if (!lookPlanned) {
            lookPlanned = true;
            context.runOnContext(now -> look());
        }
    }

    private void completeStop(Promise<Void> stopped) {
        if (queues.waiting() > 0 || timers.waiting() > 0 || saving) return;
        // Behind what is queued already: the worker thread ends with the verticle.
        context.runOnContext(last -> stopped.tryComplete());
    }

    private void look() {
        lookPlanned = false;
        DelayedDelivery levels = delayed;
        TimedDelivery times = timed;
        if (levels == null || times == null || stopping != null) return;
        boolean more = timers.work(ENTRIES_PER_TURN, clock.wallMillis(), clock.monotonicNanos());
        deliver(levels, times);
        if (more) answered();
        arm();
        saveSoon();
    }

    /** Delivers what is due, as far as one turn may go. */
    private void deliver(DelayedDelivery levels, TimedDelivery times) {
        int bytes = 0;
        for (int i = 0; i < MOST_PER_TURN && bytes < MOST_BYTES_PER_TURN; i++) {
            long levelDue = levels.nextDueMillis();
            long timeDue = times.nextDueMillis();
            DueDelivery earliest = levelDue < timeDue ? levels : times;
            if (Math.min(levelDue, timeDue) == Long.MAX_VALUE) {
                int rolled = times.rollNext();
                if (rolled == 0) rolled = levels.rollNext();
                if (rolled == 0) return;
                bytes += rolled;
            } else {
                bytes += earliest.deliverNext();
            }
        }
        answered(); // What is left comes with the next turn.
    }

    private void arm() {
        if (timer != NONE) vertx.cancelTimer(timer);
        timer = NONE;
        long nowMillis = clock.wallMillis();
        long nowNanos = clock.monotonicNanos();
        long sleep = Math.min(queues.sleepMillis(nowMillis, nowNanos), timers.sleepMillis(nowMillis, nowNanos));
        if (sleep == 0) {
            answered(); // One turn is over; what is left comes with the next.
        } else if (sleep != Long.MAX_VALUE) {
            timer = vertx.setTimer(sleep, id -> {
                timer = NONE;
                look();
            });
        }
    }

    private void saveSoon() {
        if (saving || saveTimer != NONE || stopping != null || !(queues.unsaved() || timers.unsaved())) return;
        saveTimer = vertx.setTimer(SAVE_MILLIS, id -> {
            saveTimer = NONE;
            save();
        });
    }

    private void save() {
        @Nullable DelayOffsetTable table = queues.toSave(marks.flushed(), clock.wallMillis());
        Timers.@Nullable Save save = timers.toSave(marks.flushed());
        if (table == null && save == null) {
            saveSoon();
            return;
        }
        saving = true;
        vertx.executeBlocking(() -> {
                    if (save != null) save.run();
                    if (table != null) file.save(table);
                    return true;
                })
                .onComplete(done -> saved(table, save, done.cause()));
    }

    private void saved(@Nullable DelayOffsetTable table, Timers.@Nullable Save save, @Nullable Throwable failure) {
        saving = false;
        if (failure == null) {
            if (save != null) timers.saved(save);
        } else {
            if (table != null) queues.notSaved();
            if (save != null) timers.notSaved(save);
            if (!saveFailing) LOG.warn("progress of delayed messages not written reason=\"{}\"", failure.toString());
        }
        saveFailing = failure != null;
        @Nullable Promise<Void> stopped = stopping;
        if (stopped != null) {
            completeStop(stopped);
        } else {
            look();
        }
    }
}
