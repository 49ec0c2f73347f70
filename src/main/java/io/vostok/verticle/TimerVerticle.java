package io.vostok.verticle;

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
import io.vostok.service.LogClient;
import io.vostok.store.LogView;
import io.vostok.store.StoreException;
import io.vostok.store.Watermarks;
import io.vostok.store.meta.DelayOffsetsFile;
import io.vostok.store.timer.DelayQueues;
import io.vostok.time.Clock;
import io.vostok.wire.body.DelayOffsetTable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers delayed messages when they are due. Sleeps until the next one is, or until one is parked; with nothing pending
 * it has no timer at all. How far it got is written off the event loop, a second after it changed.
 */
public final class TimerVerticle extends VerticleBase implements ArrivalHearer {
    private static final Logger LOG = LoggerFactory.getLogger(TimerVerticle.class);
    private static final long SAVE_MILLIS = 1_000;
    private static final long NONE = -1;

    private final DelayQueues queues;
    private final DelayRules rules;
    private final LogView view;
    private final Watermarks marks;
    private final DelayOffsetsFile file;
    private final Appending appending;
    private final Clock clock;
    private final Bell parked;
    private @Nullable DelayedDelivery delivery;
    private @Nullable Promise<Void> stopping;
    private boolean lookPlanned;
    private boolean saving;
    private boolean saveFailing;
    private long timer = NONE;
    private long saveTimer = NONE;

    /** @param parked rung and heard by this verticle only */
    public TimerVerticle(
            DelayQueues queues,
            DelayRules rules,
            LogView view,
            Watermarks marks,
            DelayOffsetsFile file,
            Appending appending,
            Clock clock,
            Bell parked) {
        this.queues = queues;
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
        if (arrivals.touches(DelayQueues.TOPIC)) parked.ring();
        return false;
    }

    @Override
    public Future<?> start() {
        LogClient log = appending.client(vertx, (ContextInternal) context);
        delivery = new DelayedDelivery(
                queues, rules, view, log, appending.storeHost(), appending.recordCrc(), clock, this::answered);
        parked.hear(this::look);
        look();
        return Future.succeededFuture();
    }

    /** Hands out nothing more; complete when the log has answered what was handed out. */
    @Override
    public Future<?> stop() {
        Promise<Void> stopped = Promise.promise();
        stopping = stopped;
        vertx.cancelTimer(timer);
        vertx.cancelTimer(saveTimer);
        completeStop(stopped);
        return stopped.future();
    }

    /**
     * Writes how far each level is delivered. Blocks; only after {@link #stop} and after the log was flushed.
     *
     * @throws StoreException when it could not be written: what was delivered since the last time comes again
     */
    public void saveLast() {
        while (queues.unsaved()) {
            @Nullable DelayOffsetTable table = queues.toSave(marks.flushed(), clock.wallMillis());
            if (table == null) return; // The log could not be flushed.
            file.save(table);
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
        if (queues.waiting() == 0 && !saving) stopped.tryComplete();
    }

    private void look() {
        lookPlanned = false;
        DelayedDelivery ready = delivery;
        if (ready == null || stopping != null) return;
        ready.deliver();
        arm();
        saveSoon();
    }

    private void arm() {
        if (timer != NONE) vertx.cancelTimer(timer);
        timer = NONE;
        long sleep = queues.sleepMillis(clock.wallMillis(), clock.monotonicNanos());
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
        if (saving || saveTimer != NONE || stopping != null || !queues.unsaved()) return;
        saveTimer = vertx.setTimer(SAVE_MILLIS, id -> {
            saveTimer = NONE;
            save();
        });
    }

    private void save() {
        @Nullable DelayOffsetTable table = queues.toSave(marks.flushed(), clock.wallMillis());
        if (table == null) {
            saveSoon();
            return;
        }
        saving = true;
        vertx.executeBlocking(() -> {
                    file.save(table);
                    return true;
                })
                .onComplete(done -> {
                    saving = false;
                    if (done.failed()) {
                        queues.notSaved();
                        if (!saveFailing) LOG.warn("delay offsets not written reason=\"{}\"", done.cause());
                    }
                    saveFailing = done.failed();
                    @Nullable Promise<Void> stopped = stopping;
                    if (stopped != null) completeStop(stopped);
                    else saveSoon();
                });
    }
}
