package io.vostok.front.http;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import io.vostok.broker.send.Send;
import io.vostok.broker.topic.TopicRules;
import io.vostok.model.PropertiesEditor;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import io.vostok.service.Broker;
import io.vostok.service.Endpoint;
import io.vostok.service.Peer;
import io.vostok.service.RequestReply;
import io.vostok.service.SendListener;
import io.vostok.service.Sent;
import io.vostok.time.Clock;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Hands drafts to the broker as sends, and shows what became of them. One per event loop. */
final class Sending {
    static final String PRODUCER_GROUP = "HTTP_PRODUCER";

    private final Broker broker;
    private final Clock clock;
    private final int usualQueues;
    private final PropertiesEditor editor = new PropertiesEditor();

    /** @param usualQueues of a topic that a send creates */
    Sending(Broker broker, Clock clock, int usualQueues) {
        this.broker = broker;
        this.clock = clock;
        this.usualQueues = usualQueues;
    }

    /** @throws Problem.Found when nothing is sent to that topic over HTTP */
    void store(String topic, Draft draft, String producerGroup, Endpoint bornHost, SendListener listener) {
        Send send = send(topic, draft, producerGroup);
        broker.send(send, editor, ByteBuffer.wrap(draft.body().getBytes()), bornHost, listener);
    }

    /** Sends a request; completes with its reply. */
    Future<RequestReply> request(String topic, Draft draft, Endpoint bornHost, Duration patience) {
        Send send = send(topic, draft, PRODUCER_GROUP);
        return broker.request(send, editor, ByteBuffer.wrap(draft.body().getBytes()), bornHost, patience);
    }

    /** Sends a reply to the requester that its properties name. */
    void reply(
            String topic, Draft draft, String producerGroup, Peer replier, Endpoint bornHost, SendListener listener) {
        Send send = send(topic, draft, producerGroup);
        broker.reply(send, editor, ByteBuffer.wrap(draft.body().getBytes()), replier, bornHost, listener);
    }

    private Send send(String topic, Draft draft, String producerGroup) {
        @Nullable Topic known = broker.topic(topic);
        // What a client may not say: a topic of the broker's own making, whatever its rules would do with it.
        if (topic.startsWith(TopicName.RETRY_PREFIX) || topic.startsWith(TopicName.DLQ_PREFIX)) {
            throw new Problem.Found(Problem.forbidden(
                    "topic `" + topic + "` belongs to a consumer group; nothing is sent to it over HTTP",
                    "send to the topic that the group consumes"));
        }
        int queues = known == null ? usualQueues : Math.max(1, known.writeQueues());
        draft.writeTo(editor);
        return new Send(
                producerGroup,
                topic,
                TopicRules.TEMPLATE,
                usualQueues,
                queue(draft, queues),
                0,
                clock.wallMillis(),
                0,
                0,
                false,
                -1,
                false);
    }

    /** As Apache's SelectMessageQueueByHash with a text: the same group goes to the same queue from either side. */
    private static int queue(Draft draft, int queues) {
        @Nullable Integer chosen = draft.queue();
        if (chosen != null) return chosen;
        @Nullable String group = draft.messageGroup();
        if (group == null) return -1;
        int hash = group.hashCode();
        return hash == Integer.MIN_VALUE ? 0 : Math.abs(hash) % queues;
    }

    static int status(Sent sent) {
        return sent.flushTimedOut() ? 202 : 201;
    }

    static JsonObject toJson(String topic, Sent sent) {
        JsonObject result = new JsonObject()
                .put("id", sent.messageId())
                .put("uniqueId", sent.transactionId())
                .put("topic", topic)
                .put("queue", sent.queueId())
                .put("offset", sent.queueOffset())
                .put("sendStatus", sent.flushTimedOut() ? "FLUSH_DISK_TIMEOUT" : "SEND_OK");
        if (sent.recallHandle() != null) result.put("recallHandle", sent.recallHandle());
        return result;
    }

    static String messagePath(String topic, String id) {
        return "/api/v1/topics/" + topic.replace("%", "%25").replace("|", "%7C") + "/messages/" + id;
    }

    static Endpoint bornHost(RoutingContext request) {
        @Nullable SocketAddress remote = request.request().remoteAddress();
        if (remote == null || remote.hostAddress() == null) {
            return Endpoint.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        }
        return Endpoint.of(new InetSocketAddress(remote.hostAddress(), remote.port()));
    }
}
