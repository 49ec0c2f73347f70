package io.vostok.verticle;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.internal.ContextInternal;
import io.vostok.service.ArrivalBatch;
import io.vostok.service.ArrivalHearer;
import io.vostok.service.PopOwner;
import io.vostok.service.Pops;
import io.vostok.store.DeletionGuard;
import io.vostok.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * Owns what is popped. Sleeps until the next invisible time or wait ends; with nothing in flight and nobody waiting it has no
 * timer. Offsets are committed a moment later, when what they depend on is durable.
 */
public final class PopVerticle extends VerticleBase implements ArrivalHearer, DeletionGuard {
    private static final long SETTLE_MILLIS = 200;
    /** Invisible times are on the monotonic clock, so nothing is gained by looking more often. */
    private static final long MOST_SLEEP_MILLIS = 3_600_000;

    private static final long NONE = -1;

    /** Makes the owner's working part. */
    @FunctionalInterface
    public interface Maker {
        /**
         * Makes it; on the owner's event loop.
         *
         * @param changed runs when there may be something to do
         */
        Pops make(ContextInternal loop, Runnable changed);
    }

    private final Vertx bus;
    private final String address;
    private final DeliveryOptions byReference;
    private final Maker maker;
    private final Clock clock;
    private volatile @Nullable Pops pops;
    /** Of the log; nothing before it is held that must be copied. */
    private volatile long clearedTo;

    private @Nullable Promise<Void> stopping;
    private boolean lookPlanned;
    private long timer = NONE;
    private long timerNanos;
    private long settleTimer = NONE;

    /**
     * @param address where arrivals are sent
     * @param byReference options under which {@link ArrivalBatch} travels
     */
    public PopVerticle(Vertx bus, String address, DeliveryOptions byReference, Maker maker, Clock clock) {
        this.bus = bus;
        this.address = address;
        this.byReference = byReference;
        this.maker = maker;
        this.clock = clock;
    }

    @Override
    public boolean tell(ArrivalBatch arrivals) {
        @Nullable Pops running = pops;
        if (running == null || !(running.someWait() || running.expects(arrivals))) return false;
        bus.eventBus().send(address, arrivals, byReference);
        return true;
    }

    /** What is held of it comes again first; see {@link Pops#makeWay}. */
    @Override
    public boolean letsGo(long endPosition) {
        @Nullable Pops running = pops;
        if (running == null) return false;
        if (clearedTo >= endPosition || !running.someHeld()) return true;
        context.runOnContext(turn -> {
            if (running.makeWay(endPosition)) clearedTo = Math.max(clearedTo, endPosition);
        });
        return false;
    }

    @Override
    public Future<?> start() {
        Pops made = maker.make((ContextInternal) context, this::lookSoon);
        pops = made;
        vertx.eventBus().<ArrivalBatch>localConsumer(address, message -> made.arrived(message.body()));
        lookSoon();
        return Future.succeededFuture();
    }

    /** Returns the event loop's context; once deployed. */
    public ContextInternal loop() {
        return (ContextInternal) context;
    }

    /** Returns the owner of what is popped; once deployed. */
    public PopOwner owner() {
        return running();
    }

    private Pops running() {
        @Nullable Pops running = pops;
        if (running == null) throw new IllegalStateException("not deployed");
        return running;
    }

    /** Answers who waits, gives out nothing more; complete when the log has answered. */
    @Override
    public Future<?> stop() {
        Promise<Void> stopped = Promise.promise();
        stopping = stopped;
        vertx.cancelTimer(timer);
        vertx.cancelTimer(settleTimer);
        running().release();
        completeStop(stopped);
        return stopped.future();
    }

    /** Commits all that is durable. Only after {@link #stop} and after the log was flushed. */
    public void settleLast() {
        running().settle();
    }

    private void completeStop(Promise<Void> stopped) {
        if (running().close()) stopped.tryComplete();
    }

    private void lookSoon() {
        if (lookPlanned) return;
        lookPlanned = true;
        context.runOnContext(turn -> look());
    }

    private void look() {
        lookPlanned = false;
        Pops running = running();
        @Nullable Promise<Void> stopped = stopping;
        if (stopped != null) {
            running.go(); // Nothing new is begun; what was begun is written to its end.
            completeStop(stopped);
            return;
        }
        running.go();
        arm(running);
        if (settleTimer == NONE && running.unsettled()) {
            settleTimer = vertx.setTimer(SETTLE_MILLIS, id -> {
                settleTimer = NONE;
                running.settle();
                lookSoon();
            });
        }
    }

    private void arm(Pops running) {
        @Nullable Long next = running.nextNanos();
        if (timer != NONE) {
            if (next != null && next == timerNanos) return;
            vertx.cancelTimer(timer);
            timer = NONE;
        }
        if (next == null) return;
        long millis = (next - clock.monotonicNanos() + 999_999) / 1_000_000;
        if (millis <= 0) {
            lookSoon();
            return;
        }
        timerNanos = next;
        timer = vertx.setTimer(Math.min(millis, MOST_SLEEP_MILLIS), id -> {
            timer = NONE;
            look();
        });
    }
}
