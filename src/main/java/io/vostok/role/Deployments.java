package io.vostok.role;

import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The verticles of one role: starts them one after the other, stops them in reverse. Blocks; not for event loops. */
final class Deployments {
    private static final Logger LOG = LoggerFactory.getLogger(Deployments.class);
    private static final int PATIENCE_SECONDS = 30;

    private final Vertx vertx;
    private final IdentityHashMap<Deployable, String> ids = new IdentityHashMap<>();
    private final Deque<Deployable> order = new ArrayDeque<>();

    Deployments(Vertx vertx) {
        this.vertx = vertx;
    }

    /** Starts a verticle on an event loop. */
    void start(Deployable verticle) {
        start(verticle, new DeploymentOptions());
    }

    /** Starts a verticle on a worker thread of its own, where it may block. */
    void startWorker(Deployable verticle, String threadName) {
        startWorker(verticle, threadName, 1);
    }

    /** As {@link #startWorker(Deployable, String)}, with {@code threads - 1} more for what it executes beside itself. */
    void startWorker(Deployable verticle, String threadName, int threads) {
        start(
                verticle,
                new DeploymentOptions()
                        .setThreadingModel(ThreadingModel.WORKER)
                        .setWorkerPoolName(threadName)
                        .setWorkerPoolSize(threads)
                        .setMaxWorkerExecuteTime(1)
                        .setMaxWorkerExecuteTimeUnit(TimeUnit.HOURS));
    }

    private void start(Deployable verticle, DeploymentOptions options) {
        ids.put(
                verticle,
                await("start " + verticle.getClass().getSimpleName(), vertx.deployVerticle(verticle, options)));
        order.push(verticle);
    }

    /** Stops one verticle; nothing happens when it never started. */
    void undeploy(@Nullable Deployable verticle) {
        if (verticle == null) return;
        @Nullable String id = ids.remove(verticle);
        order.remove(verticle);
        if (id == null) return;
        try {
            await("stop " + verticle.getClass().getSimpleName(), vertx.undeploy(id));
        } catch (IllegalStateException failure) {
            // The others still have to stop.
            LOG.warn("{}", failure.getMessage());
        }
    }

    /** Stops all that still run, the last started first. */
    void undeployAll() {
        while (!order.isEmpty()) undeploy(order.peek());
    }

    /** Waits for {@code future}. @throws IllegalStateException when it fails or takes too long */
    <T> T await(String what, Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | InterruptedException | TimeoutException failure) {
            throw failed(what, failure);
        }
    }

    /** Waits for the end of a shutdown whose failure nobody could act on. */
    static void awaitQuietly(Future<?> future) {
        try {
            future.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | InterruptedException | TimeoutException failure) {
            LOG.warn("{}", failed("stop", failure).getMessage());
        }
    }

    /** Returns the failure to throw; one that names its own cause well is thrown as it is. */
    static RuntimeException failed(String what, Exception failure) {
        if (failure instanceof InterruptedException) Thread.currentThread().interrupt();
        @Nullable Throwable cause = failure.getCause();
        if (cause instanceof RuntimeException own) return own;
        return new IllegalStateException("could not " + what + ": " + (cause == null ? failure : cause), failure);
    }
}
