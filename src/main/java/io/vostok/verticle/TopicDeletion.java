package io.vostok.verticle;

import io.vertx.core.Future;
import io.vostok.model.TopicName;
import io.vostok.service.TopicRemoval;
import io.vostok.store.StoreException;
import io.vostok.store.StoreException.Kind;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Deletes topics on the housekeeping thread, while nothing is dispatched: as long as one small file takes to be written and
 * the topic's files to go. Nothing else of the housekeeping is waited for meanwhile.
 */
public final class TopicDeletion implements TopicRemoval {
    /** An event loop answers at once unless it is about to end. */
    private static final int PATIENCE_SECONDS = 10;

    private final HousekeepingVerticle keeper;
    private final DispatchVerticle dispatch;
    private final CommitLogVerticle writer;

    public TopicDeletion(HousekeepingVerticle keeper, DispatchVerticle dispatch, CommitLogVerticle writer) {
        this.keeper = keeper;
        this.dispatch = dispatch;
        this.writer = writer;
    }

    @Override
    public Future<Void> remove(TopicName topic) {
        return keeper.run(housekeeping -> {
            try {
                await(dispatch.pause());
                housekeeping.deleteTopic(topic, await(writer.forget(topic)));
            } finally {
                dispatch.goOn();
            }
        });
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw new StoreException(Kind.FAILED, "the broker stops, the topic is not deleted", stopping);
        } catch (ExecutionException | TimeoutException failure) {
            throw new StoreException(Kind.FAILED, "the topic is not deleted: " + failure.getMessage(), failure);
        }
    }
}
