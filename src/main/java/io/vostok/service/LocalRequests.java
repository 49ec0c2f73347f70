package io.vostok.service;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.send.Send;
import io.vostok.model.MessageProperties;
import io.vostok.model.PropertiesEditor;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Requests of clients without a connection of their own, of one event loop: the broker is their requester. */
final class LocalRequests {
    private final ContextInternal loop;
    private final LocalSends sends;
    private final WaitingRequests waiting;

    LocalRequests(ContextInternal loop, LocalSends sends, WaitingRequests waiting) {
        this.loop = loop;
        this.sends = sends;
        this.waiting = waiting;
    }

    /** Completes with the reply; fails with {@link Registry.RefusedException}, NO_ANSWER when none came in time. */
    Future<RequestReply> request(
            Send send, PropertiesEditor properties, ByteBuffer body, Endpoint bornHost, Duration patience) {
        Waiting request = new Waiting(UUID.randomUUID().toString());
        @Nullable Refused full = waiting.open(request.id, reply -> loop.runOnContext(now -> request.replied(reply)));
        if (full != null) return loop.failedFuture(new Registry.RefusedException(full));
        properties.put(MessageProperties.CORRELATION_ID, request.id);
        properties.put(MessageProperties.REPLY_TO_CLIENT, waiting.clientId());
        properties.put(MessageProperties.TTL, patience.toMillis());
        long timer = loop.setTimer(
                Math.max(1, patience.toMillis()),
                id -> request.refused(new Refused(
                        Refusal.NO_ANSWER,
                        "no reply came within " + patience.toMillis()
                                + " ms; whether a consumer got the request is not known")));
        sends.send(send, properties, body, bornHost, request);
        return request.done.future().onComplete(over -> {
            loop.owner().cancelTimer(timer);
            waiting.close(request.id);
        });
    }

    /** One request: it is over when it was stored and its reply is there, in whatever order they are heard of. */
    private final class Waiting implements SendListener {
        private final String id;
        private final Promise<RequestReply> done = loop.promise();
        private @Nullable Sent stored;
        private WaitingRequests.@Nullable Reply reply;

        Waiting(String id) {
            this.id = id;
        }

        @Override
        public void sent(Sent sent) {
            stored = sent;
            complete();
        }

        @Override
        public void refused(Refused refused) {
            done.tryFail(new Registry.RefusedException(refused));
        }

        void replied(WaitingRequests.Reply came) {
            reply = came;
            complete();
        }

        private void complete() {
            Sent request = stored;
            WaitingRequests.Reply came = reply;
            if (request == null || came == null) return;
            done.tryComplete(new RequestReply(
                    id, request, came.properties(), came.body(), came.sysFlag(), came.bornMillis(), came.replier()));
        }
    }
}
