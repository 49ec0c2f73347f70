package io.vostok.verticle;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.internal.ContextInternal;
import io.vostok.service.ArrivalBatch;
import io.vostok.service.LoopPulls;

/** Holds the waiting pulls of one event loop and wakes them by the bells of dispatch, or when their time is over. */
public final class PullVerticle extends VerticleBase {
    private final LoopPulls pulls;

    public PullVerticle(LoopPulls pulls) {
        this.pulls = pulls;
    }

    /** Returns the event loop's context; once deployed. */
    public ContextInternal loop() {
        return (ContextInternal) context;
    }

    @Override
    public Future<?> start() {
        vertx.eventBus().<ArrivalBatch>localConsumer(pulls.address(), message -> pulls.arrived(message.body()));
        return Future.succeededFuture();
    }

    /** Answers what still waits, so that no client hangs on a broker that stops. */
    @Override
    public Future<?> stop() {
        pulls.release();
        return Future.succeededFuture();
    }
}
