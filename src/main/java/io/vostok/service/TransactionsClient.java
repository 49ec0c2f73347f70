package io.vostok.service;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vostok.broker.transaction.EndTransaction;
import io.vostok.store.transaction.PendingHalves;
import org.jspecify.annotations.Nullable;

/** Asks the owner of half messages, from one event loop; futures complete on that loop. */
public final class TransactionsClient {
    /** What TransactionVerticle does with these calls, on its own event loop. */
    public interface Owner {
        /**
         * Commits or rolls back.
         *
         * @param done completes with null when it is carried out, with the message's unique id when it was decided before;
         *     fails with {@link Registry.RefusedException}
         */
        void end(EndTransaction end, Promise<@Nullable String> done);

        /** Tells whether the half message at {@code offset} is undecided and nobody's word on it is under way. */
        void undecided(long offset, Promise<Boolean> answer);

        /** Lets checks begin anew for the half message, or the one that was given up, at a position of the log. */
        void resume(long position, Promise<Void> done);

        /** Tells half messages that are pending from an offset on. */
        void pending(long from, int most, Promise<PendingHalves> answer);

        /**
         * Commits or rolls back in the name of an operator.
         *
         * @param done fails with {@link Registry.RefusedException} also when nothing is pending there
         */
        void decide(long offset, long position, EndTransaction.Outcome outcome, Promise<@Nullable String> done);
    }

    private final OwnerCalls calls;
    private final Owner owner;

    /** @param caller context of the asking event loop */
    public TransactionsClient(ContextInternal caller, Context ownerContext, Owner owner) {
        this.calls = new OwnerCalls(caller, ownerContext);
        this.owner = owner;
    }

    Future<@Nullable String> end(EndTransaction end) {
        return calls.ask(done -> owner.end(end, done));
    }

    /** Whoever asks on the event loop on which an {@link #end} came before hears what that made of the half message. */
    Future<Boolean> undecided(long offset) {
        return calls.ask(answer -> owner.undecided(offset, answer));
    }

    Future<Void> resume(long position) {
        return calls.ask(done -> owner.resume(position, done));
    }

    Future<PendingHalves> pending(long from, int most) {
        return calls.ask(answer -> owner.pending(from, most, answer));
    }

    Future<@Nullable String> decide(long offset, long position, EndTransaction.Outcome outcome) {
        return calls.ask(done -> owner.decide(offset, position, outcome, done));
    }
}
