package io.vostok.service;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Asks the owner of redrives, from one event loop; futures complete on that loop. */
public final class LocalRedriveAdmin implements RedriveAdmin {
    private final ContextInternal caller;
    private final Context ownerContext;
    private final Redrives owner;

    /** @param caller context of the asking event loop */
    public LocalRedriveAdmin(ContextInternal caller, Context ownerContext, Redrives owner) {
        this.caller = caller;
        this.ownerContext = ownerContext;
        this.owner = owner;
    }

    @Override
    public Future<@Nullable Progress> start(Wish wish) {
        return ask(answer -> owner.start(wish, answer));
    }

    @Override
    public Future<Preview> preview(Wish wish) {
        return ask(answer -> owner.preview(wish, answer));
    }

    @Override
    public Future<@Nullable Progress> progress(String group) {
        return ask(answer -> answer.complete(owner.progress(group)));
    }

    @Override
    public Future<@Nullable Progress> stop(String group) {
        return ask(answer -> owner.stop(group, answer));
    }

    @Override
    public Future<List<Boolean>> redriven(String group, List<Place> places) {
        return ask(answer -> answer.complete(owner.redriven(group, places)));
    }

    private <T extends @Nullable Object> Future<T> ask(Consumer<Promise<T>> question) {
        Promise<T> answer = caller.promise();
        ownerContext.runOnContext(now -> {
            try {
                question.accept(answer);
            } catch (RuntimeException failure) {
                answer.tryFail(failure);
            }
        });
        return answer.future();
    }
}
