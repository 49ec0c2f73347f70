package io.vostok.verticle;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.internal.ContextInternal;
import io.vostok.broker.retry.RedriveRules;
import io.vostok.service.Appending;
import io.vostok.service.Redrives;
import io.vostok.service.Registry;
import io.vostok.service.Tables;
import io.vostok.store.ConsumeQueues;
import io.vostok.store.LogView;
import io.vostok.store.Watermarks;
import io.vostok.store.meta.RedrivenFile;
import io.vostok.time.Clock;
import org.jspecify.annotations.Nullable;

/** Sends dead letters again, when an operator wants it: on a worker thread, because they may be no longer in memory. */
public final class RedriveVerticle extends VerticleBase implements Redrives.Turns {
    private static final long LOOK_MILLIS = 10;

    private final Tables tables;
    private final Registry registry;
    private final ConsumeQueues queues;
    private final LogView view;
    private final Watermarks marks;
    private final Appending appending;
    private final RedriveRules rules;
    private final RedrivenFile file;
    private final Clock clock;
    private @Nullable Redrives redrives;

    public RedriveVerticle(
            Tables tables,
            Registry registry,
            ConsumeQueues queues,
            LogView view,
            Watermarks marks,
            Appending appending,
            RedriveRules rules,
            RedrivenFile file,
            Clock clock) {
        this.tables = tables;
        this.registry = registry;
        this.queues = queues;
        this.view = view;
        this.marks = marks;
        this.appending = appending;
        this.rules = rules;
        this.file = file;
        this.clock = clock;
    }

    @Override
    public Future<?> start() {
        redrives = new Redrives(
                tables,
                registry,
                queues,
                view,
                appending.client(vertx, (ContextInternal) context),
                appending,
                rules,
                file,
                marks::flushed,
                clock,
                this);
        return Future.succeededFuture();
    }

    /** Returns the context on which the owner is to be asked; once deployed. */
    public Context ownContext() {
        return context;
    }

    /** Returns the owner of redrives; once deployed. */
    public Redrives owner() {
        @Nullable Redrives made = redrives;
        if (made == null) throw new IllegalStateException("not deployed yet");
        return made;
    }

    @Override
    public void soon(Runnable turn) {
        context.runOnContext(now -> turn.run());
    }

    @Override
    public void later(long millis, Runnable turn) {
        vertx.setTimer(millis, id -> turn.run());
    }

    /** Sends nothing more; complete when the log has answered what was sent. */
    @Override
    public Future<?> stop() {
        Promise<Void> stopped = Promise.promise();
        look(stopped);
        return stopped.future();
    }

    private void look(Promise<Void> stopped) {
        if (owner().stopAll() == 0) stopped.complete();
        else vertx.setTimer(LOOK_MILLIS, id -> look(stopped));
    }

    /** Notes what is durable. Blocks; only after {@link #stop} and after the log was flushed. */
    public void saveLast() {
        owner().saveLast();
    }
}
