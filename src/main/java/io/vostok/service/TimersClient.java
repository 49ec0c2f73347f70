package io.vostok.service;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vostok.store.timer.PendingTimers;
import java.util.Set;

/** Asks the owner of what waits for its time, from one event loop; futures complete on that loop. */
public final class TimersClient {
    /** What TimerVerticle does with these calls, on its own context. */
    public interface Owner {
        /** Tells a stretch of the index; see {@link io.vostok.store.timer.Timers#pending}. */
        void pending(long bucket, int index, Promise<PendingTimers> answer);

        /** Tells one entry of the index; fails with {@link Registry.RefusedException} when it waits no more. */
        void find(Place place, Promise<PendingTimers.Each> answer);

        /** Tells whom the recalls of a bucket name: each as its time, a space, and its key. */
        void recalls(long bucket, Promise<Set<String>> answer);

        /** Tells how much waits. */
        void waiting(Promise<Waiting> answer);

        /** Puts a message into its queue before its time; fails with {@link Registry.RefusedException}. */
        void deliver(Place place, Promise<Void> done);
    }

    /** Where an entry of the index is, and which it must be. */
    public record Place(int entry, long offset, long position) {}

    /**
     * How much waits.
     *
     * @param timed messages with a time of their own, recalls included
     * @param deliveredTo of each delay level the offset below which everything is delivered
     */
    @SuppressWarnings("ArrayRecordComponent") // made for one answer, compared by nobody
    public record Waiting(long timed, long[] deliveredTo) {}

    private final OwnerCalls calls;
    private final Owner owner;

    /** @param caller context of the asking event loop */
    public TimersClient(ContextInternal caller, Context ownerContext, Owner owner) {
        this.calls = new OwnerCalls(caller, ownerContext);
        this.owner = owner;
    }

    Future<PendingTimers> pending(long bucket, int index) {
        return calls.ask(answer -> owner.pending(bucket, index, answer));
    }

    Future<PendingTimers.Each> find(Place place) {
        return calls.ask(answer -> owner.find(place, answer));
    }

    Future<Set<String>> recalls(long bucket) {
        return calls.ask(answer -> owner.recalls(bucket, answer));
    }

    Future<Waiting> waiting() {
        return calls.ask(owner::waiting);
    }

    Future<Void> deliver(Place place) {
        return calls.ask(done -> owner.deliver(place, done));
    }
}
