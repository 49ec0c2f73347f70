package io.vostok.service;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vostok.broker.session.ProducerView;
import io.vostok.wire.body.HeartbeatData;
import io.vostok.wire.body.LockBatch;
import io.vostok.wire.body.LockBatchResult;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Asks the owner of sessions and queue locks, from one event loop; futures complete on that loop. */
public final class SessionsClient {
    /** What SessionVerticle does with these calls, on its own event loop. */
    public interface Owner {
        /** Completes with whether the client must send its subscriptions in full. */
        void heartbeat(HeartbeatData heartbeat, Peer peer, int language, int version, Promise<Boolean> done);

        void unregister(@Nullable String producerGroup, @Nullable String consumerGroup, Peer peer);

        void closed(Peer peer);

        /** Returns the live client with this id that is registered as a producer of any group, or null. */
        @Nullable
        Peer producer(String clientId);

        /** Returns the live clients that produce under this group, in the order in which they came. */
        List<Peer> producersOf(String group);

        /** Returns the live producers of every group that has one. */
        Map<String, List<ProducerView>> producers();

        /** Completes with the queues that the client has now, once that survives the broker's end. */
        void lock(LockBatch request, Promise<LockBatchResult> done);

        void unlock(LockBatch request);
    }

    private final OwnerCalls calls;
    private final Owner owner;

    /** @param caller context of the asking event loop */
    public SessionsClient(ContextInternal caller, Context ownerContext, Owner owner) {
        this.calls = new OwnerCalls(caller, ownerContext);
        this.owner = owner;
    }

    Future<Boolean> heartbeat(HeartbeatData heartbeat, Peer peer, int language, int version) {
        return calls.ask(done -> owner.heartbeat(heartbeat, peer, language, version, done));
    }

    Future<Void> unregister(@Nullable String producerGroup, @Nullable String consumerGroup, Peer peer) {
        return calls.ask(done -> {
            owner.unregister(producerGroup, consumerGroup, peer);
            done.complete();
        });
    }

    void closed(Peer peer) {
        calls.owner().runOnContext(now -> owner.closed(peer));
    }

    Future<@Nullable Peer> producer(String clientId) {
        return calls.ask(done -> done.complete(owner.producer(clientId)));
    }

    Future<Map<String, List<Peer>>> producersOf(Set<String> groups) {
        return calls.ask(done -> {
            Map<String, List<Peer>> found = new HashMap<>();
            for (String group : groups) found.put(group, owner.producersOf(group));
            done.complete(found);
        });
    }

    Future<Map<String, List<ProducerView>>> producers() {
        return calls.ask(done -> done.complete(owner.producers()));
    }

    Future<LockBatchResult> lock(LockBatch request) {
        return calls.ask(done -> owner.lock(request, done));
    }

    Future<Void> unlock(LockBatch request) {
        return calls.ask(done -> {
            owner.unlock(request);
            done.complete();
        });
    }
}
