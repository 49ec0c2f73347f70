package io.vostok.service;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The way from one event loop to the owner of some state, and back.
 *
 * @param caller context of the asking event loop
 * @param owner the context on which the owner lives
 */
record OwnerCalls(ContextInternal caller, Context owner) {
    /** Runs {@code question} on the owner's context; the future completes on the caller's, and fails with what it throws. */
    <T extends @Nullable Object> Future<T> ask(Consumer<Promise<T>> question) {
        Promise<T> answer = caller.promise();
        owner.runOnContext(now -> {
            try {
                question.accept(answer);
            } catch (RuntimeException failure) {
                answer.tryFail(failure);
            }
        });
        return answer.future();
    }
}
