package io.vostok.service;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.internal.ContextInternal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Asks the owner of redrives, from one event loop; futures complete on that loop. */
public final class LocalRedriveAdmin implements RedriveAdmin {
    private final OwnerCalls calls;
    private final Redrives owner;

    /** @param caller context of the asking event loop */
    public LocalRedriveAdmin(ContextInternal caller, Context ownerContext, Redrives owner) {
        this.calls = new OwnerCalls(caller, ownerContext);
        this.owner = owner;
    }

    @Override
    public Future<@Nullable Progress> start(Wish wish) {
        return calls.ask(answer -> owner.start(wish, answer));
    }

    @Override
    public Future<Preview> preview(Wish wish) {
        return calls.ask(answer -> owner.preview(wish, answer));
    }

    @Override
    public Future<@Nullable Progress> progress(String group) {
        return calls.ask(answer -> answer.complete(owner.progress(group)));
    }

    @Override
    public Future<@Nullable Progress> stop(String group) {
        return calls.ask(answer -> owner.stop(group, answer));
    }

    @Override
    public Future<List<Boolean>> redriven(String group, List<Place> places) {
        return calls.ask(answer -> answer.complete(owner.redriven(group, places)));
    }
}
