package io.vostok.service;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.send.Send;
import io.vostok.model.MessageProperties;
import io.vostok.model.PropertiesEditor;
import io.vostok.time.Clock;
import io.vostok.wire.RequestCode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Replies of request-reply on one event loop (remoting reference 4.9): pushed to the requester over the connection it
 * produces on, then stored in the reply topic. Used only on that loop.
 */
final class LocalReplies {
    /** How long a requester may take to say that it has the reply. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    /** Replies that may wait for their requesters; each keeps a copy of its message. */
    private static final int MOST_WAITING = 1_024;

    private final SessionsClient sessions;
    private final LocalSends sends;
    private final WaitingRequests requests;
    private final Clock clock;
    private final String storeHost;
    private int waiting;

    /** @param storeHost this broker as {@code ip:port} */
    LocalReplies(SessionsClient sessions, LocalSends sends, WaitingRequests requests, Clock clock, String storeHost) {
        this.sessions = sessions;
        this.sends = sends;
        this.requests = requests;
        this.clock = clock;
        this.storeHost = storeHost;
    }

    /** Pushes and stores a reply; {@code properties} and {@code body} are copied before this returns. */
    void reply(
            Send send,
            PropertiesEditor properties,
            ByteBuffer body,
            Peer replier,
            Endpoint bornHost,
            SendListener listener) {
        @Nullable String requester = properties.get(MessageProperties.REPLY_TO_CLIENT);
        if (requester == null) {
            listener.refused(new Refused(
                    Refusal.INVALID_ARGUMENT, "the reply does not say to whom (property REPLY_TO_CLIENT is missing)"));
            return;
        }
        if (waiting == MOST_WAITING) {
            listener.refused(
                    new Refused(Refusal.BUSY, MOST_WAITING + " replies wait for their requesters; send again later"));
            return;
        }
        long now = clock.wallMillis();
        properties.put(MessageProperties.PUSH_REPLY_TIME, now);
        byte[] text = properties.toBytes();
        byte[] copy = new byte[body.remaining()];
        body.duplicate().get(copy);
        if (requester.equals(requests.clientId())) {
            handOver(send, text, copy, replier, bornHost, listener);
            return;
        }
        waiting++;
        sessions.producer(requester)
                .compose(peer -> peer == null
                        ? io.vertx.core.Future.failedFuture(
                                "requester `" + requester + "` is not connected to this broker; it must send its"
                                        + " heartbeats to every broker of the reply topic")
                        : peer.ask(
                                RequestCode.PUSH_REPLY_MESSAGE_TO_CLIENT,
                                fields(send, text, replier, now),
                                copy,
                                PATIENCE))
                .onComplete(pushed -> {
                    waiting--;
                    if (pushed.failed()) {
                        listener.refused(new Refused(
                                Refusal.FAILED, String.valueOf(pushed.cause().getMessage())));
                    } else if (pushed.result().code() != 0) {
                        listener.refused(new Refused(
                                Refusal.FAILED,
                                "requester `" + requester + "` refused the reply: "
                                        + pushed.result().remark()));
                    } else {
                        store(send, text, copy, bornHost, listener);
                    }
                });
    }

    /** The requester is this process itself. */
    private void handOver(
            Send send, byte[] properties, byte[] body, Peer replier, Endpoint bornHost, SendListener listener) {
        @Nullable String id = MessageProperties.get(properties, 0, properties.length, MessageProperties.CORRELATION_ID);
        WaitingRequests.Reply reply =
                new WaitingRequests.Reply(properties, body, send.sysFlag(), send.bornMillis(), replier.address());
        if (id == null || !requests.answer(id, reply)) {
            listener.refused(new Refused(Refusal.FAILED, "request `" + id + "` does not wait for a reply any more"));
            return;
        }
        store(send, properties, body, bornHost, listener);
    }

    private void store(Send send, byte[] properties, byte[] body, Endpoint bornHost, SendListener listener) {
        PropertiesEditor editor = new PropertiesEditor().load(properties, 0, properties.length);
        sends.send(send, editor, ByteBuffer.wrap(body), bornHost, stored(send, listener));
    }

    private Map<String, String> fields(Send send, byte[] properties, Peer replier, long now) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("producerGroup", send.producerGroup());
        fields.put("topic", send.topic());
        fields.put("defaultTopic", send.defaultTopic());
        fields.put("defaultTopicQueueNums", Integer.toString(send.defaultQueues()));
        fields.put("queueId", Integer.toString(send.queueId()));
        fields.put("sysFlag", Integer.toString(send.sysFlag()));
        fields.put("bornTimestamp", Long.toString(send.bornMillis()));
        fields.put("flag", Integer.toString(send.flag()));
        fields.put("properties", new String(properties, StandardCharsets.UTF_8));
        fields.put("reconsumeTimes", Integer.toString(send.reconsumeTimes()));
        fields.put("unitMode", Boolean.toString(send.unitMode()));
        fields.put("bornHost", replier.address());
        fields.put("storeHost", storeHost);
        fields.put("storeTimestamp", Long.toString(now));
        return fields;
    }

    /** The requester has the reply: that it could not be stored as well is no failure of the reply. */
    private static SendListener stored(Send send, SendListener listener) {
        return new SendListener() {
            @Override
            public void sent(Sent sent) {
                listener.sent(sent);
            }

            @Override
            public void refused(Refused refused) {
                listener.sent(new Sent("0", Math.max(0, send.queueId()), 0, "", null, false));
            }
        };
    }
}
