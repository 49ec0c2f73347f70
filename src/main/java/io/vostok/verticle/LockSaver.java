package io.vostok.verticle;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vostok.broker.session.QueueLocks;
import io.vostok.store.meta.QueueLocksFile;
import io.vostok.time.Clock;
import io.vostok.wire.body.QueueLockTable;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes who holds which queue off the event loop, one write at a time: what changes meanwhile goes with the next. On the
 * event loop of SessionVerticle only.
 */
final class LockSaver {
    private static final Logger LOG = LoggerFactory.getLogger(LockSaver.class);

    /** An answer that waits until change number {@code change} is durable. */
    private record Waiting(long change, Runnable answer) {}

    private final Vertx vertx;
    private final QueueLocks locks;
    private final QueueLocksFile file;
    private final Clock clock;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private @Nullable Promise<Void> saving;
    private long saved;
    private boolean failing;

    LockSaver(Vertx vertx, QueueLocks locks, QueueLocksFile file, Clock clock) {
        this.vertx = vertx;
        this.locks = locks;
        this.file = file;
        this.clock = clock;
        this.saved = locks.changes();
    }

    /** Runs {@code answer} when the locks as they are now are durable; at once when they are. */
    void whenSaved(Runnable answer) {
        if (locks.changes() == saved) {
            answer.run();
        } else {
            waiting.add(new Waiting(locks.changes(), answer));
            save();
        }
    }

    /** Writes what has changed, if anything has. */
    void save() {
        if (saving != null || locks.changes() == saved) return;
        long change = locks.changes();
        QueueLockTable table = new QueueLockTable(locks.held(clock.monotonicNanos()));
        Promise<Void> done = Promise.promise();
        saving = done;
        vertx.<Void>executeBlocking(() -> {
                    file.save(table);
                    return null;
                })
                .onComplete(written -> {
                    saving = null;
                    if (written.succeeded()) saved = change;
                    else if (!failing) {
                        // Consumers go on: only a kill before the disk takes files again could give a queue to two.
                        LOG.error(
                                "queue locks not written reason=\"{}\" effect=\"a restart does not know them\"",
                                written.cause().getMessage());
                    }
                    failing = written.failed();
                    for (@Nullable Waiting next = waiting.peek();
                            next != null && next.change() <= change;
                            next = waiting.peek()) {
                        waiting.remove();
                        next.answer().run();
                    }
                    done.complete();
                    if (!waiting.isEmpty() || !failing) save();
                });
    }

    /** Completes when no write is under way. */
    Future<Void> idle() {
        @Nullable Promise<Void> now = saving;
        return now == null ? Future.succeededFuture() : now.future().compose(done -> idle());
    }
}
