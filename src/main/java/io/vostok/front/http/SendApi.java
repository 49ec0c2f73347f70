package io.vostok.front.http;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import io.vostok.broker.Refused;
import io.vostok.broker.send.Send;
import io.vostok.broker.topic.TopicRules;
import io.vostok.model.PropertiesEditor;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import io.vostok.service.Broker;
import io.vostok.service.Endpoint;
import io.vostok.service.SendListener;
import io.vostok.service.Sent;
import io.vostok.time.Clock;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Sends over HTTP: a body as it is, messages written as JSON, CloudEvents. One per event loop. */
final class SendApi {
    static final String OPERATION = "sendMessages";
    static final String RECALL = "recallMessage";
    private static final String PRODUCER_GROUP = "HTTP_PRODUCER";
    private static final String JSON = JsonBodies.JSON;

    private final Broker broker;
    private final Bodies bodies;
    private final JsonBodies json;
    private final Clock clock;
    private final HttpSettings settings;
    private final PropertiesEditor editor = new PropertiesEditor();

    SendApi(Broker broker, Bodies bodies, JsonBodies json, Clock clock, HttpSettings settings) {
        this.broker = broker;
        this.bodies = bodies;
        this.json = json;
        this.clock = clock;
        this.settings = settings;
    }

    /** Stores one message or several. */
    void send(RoutingContext request, Contract contract) {
        String topic = request.pathParam("topic");
        bodies.read(request, body -> {
            @Nullable String contentType = request.request().getHeader("content-type");
            String mediaType = JsonBodies.mediaType(contentType);
            if (CloudEvents.isBinary(request.request().headers())) {
                Draft.Builder draft = fromQuery(request);
                CloudEvents.binary(request.request().headers(), contentType, draft);
                sendOne(request, topic, draft.build(body));
            } else if (mediaType.equals(CloudEvents.STRUCTURED)) {
                Object event = JsonBodies.parse(body);
                contract.checkBody(OPERATION, mediaType, event);
                Draft.Builder draft = fromQuery(request);
                sendOne(request, topic, draft.build(CloudEvents.structured((JsonObject) event, body, draft)));
            } else if (mediaType.equals(CloudEvents.BATCH)) {
                Object events = JsonBodies.parse(body);
                contract.checkBody(OPERATION, mediaType, events);
                sendAll(request, topic, (JsonArray) events, event -> {
                    Draft.Builder draft = fromQuery(request);
                    return draft.build(CloudEvents.structured(event, event.toBuffer(), draft));
                });
            } else if (mediaType.equals(JSON)) {
                Object messages = JsonBodies.parse(body);
                contract.checkBody(OPERATION, mediaType, messages);
                refuseQuery(request);
                if (messages instanceof JsonArray array) {
                    sendAll(request, topic, array, this::fromJson);
                } else {
                    Draft.Builder draft = draftOf((JsonObject) messages);
                    draft.uniqueId(request.request().getHeader("idempotency-key"));
                    sendOne(request, topic, draft.build(bodyOf((JsonObject) messages, draft)));
                }
            } else {
                Draft.Builder draft = fromQuery(request);
                if (!mediaType.equals(JsonBodies.FORM)) draft.contentType(contentType);
                sendOne(request, topic, draft.build(body));
            }
        });
    }

    private Draft.Builder fromQuery(RoutingContext request) {
        Query query = new Query(request);
        return new Draft.Builder(settings.delayLevels())
                .keys(query.text("key"))
                .tag(query.text("tag"))
                .uniqueId(request.request().getHeader("idempotency-key"))
                .messageGroup(query.text("messageGroup"))
                .queue(query.text("queue") == null ? null : query.integer("queue", 0))
                .deliver(query.text("delay"), query.text("deliverAt"))
                .properties(query.entries("properties"));
    }

    /** What a message says in JSON is not said a second time beside it. */
    private static void refuseQuery(RoutingContext request) {
        MultiMap query = request.queryParams();
        if (query.isEmpty()) return;
        throw new Problem.Found(Problem.badRequest("a message written as JSON says `"
                + query.names().iterator().next() + "` in its JSON; query parameters are for other bodies"));
    }

    private Draft fromJson(JsonObject message) {
        Draft.Builder draft = draftOf(message);
        return draft.build(bodyOf(message, draft));
    }

    private Draft.Builder draftOf(JsonObject message) {
        Map<String, String> properties = new LinkedHashMap<>();
        JsonObject given = message.getJsonObject("properties", new JsonObject());
        for (String name : given.fieldNames()) properties.put(name, given.getString(name));
        return new Draft.Builder(settings.delayLevels())
                .keys(message.getString("key"))
                .tag(message.getString("tag"))
                .uniqueId(message.getString("idempotencyKey"))
                .messageGroup(message.getString("messageGroup"))
                .queue(message.getInteger("queue"))
                .contentType(message.getString("contentType"))
                .deliver(message.getString("delay"), message.getString("deliverAt"))
                .properties(properties);
    }

    /** A text is the body; any other JSON value is stored as JSON. */
    private static Buffer bodyOf(JsonObject message, Draft.Builder draft) {
        @Nullable String base64 = message.getString("bodyBase64");
        if ((base64 == null) == !message.containsKey("body")) {
            throw new Problem.Found(Problem.badRequest("a message has body or bodyBase64, and not both"));
        }
        if (base64 != null) {
            try {
                return Buffer.buffer(Base64.getDecoder().decode(base64));
            } catch (IllegalArgumentException e) {
                throw new Problem.Found(Problem.badRequest("bodyBase64 is no base64: " + e.getMessage()));
            }
        }
        @Nullable Object body = message.getValue("body");
        if (body instanceof String text) return Buffer.buffer(text);
        if (!message.containsKey("contentType")) draft.contentType(JSON);
        return Json.encodeToBuffer(body);
    }

    /** Keeps a message that waits for its time from being delivered. */
    void recall(RoutingContext request) {
        String topic = request.pathParam("topic");
        json.read(
                request,
                RECALL,
                body -> Answers.when(
                        request,
                        broker.recall(PRODUCER_GROUP, topic, body.getString("recallHandle"), bornHost(request)),
                        uniqueId -> Answers.json(request, 200, new JsonObject().put("uniqueId", uniqueId))));
    }

    private void sendOne(RoutingContext request, String topic, Draft draft) {
        store(topic, draft, bornHost(request), new SendListener() {
            @Override
            public void sent(Sent sent) {
                JsonObject result = toJson(topic, sent);
                request.response().putHeader("location", messagePath(topic, sent.messageId()));
                Answers.json(request, status(sent), result);
            }

            @Override
            public void refused(Refused refused) {
                Answers.problem(request, Problem.of(refused));
            }
        });
    }

    /** Makes a draft of one element; its problem concerns that element only. */
    private interface Reading {
        Draft read(JsonObject element);
    }

    private void sendAll(RoutingContext request, String topic, JsonArray elements, Reading reading) {
        if (request.request().getHeader("idempotency-key") != null) {
            throw new Problem.Found(Problem.badRequest(
                    "one Idempotency-Key cannot be the unique id of several messages; each may have its own"));
        }
        Endpoint bornHost = bornHost(request);
        Results results = new Results(elements.size(), all -> Answers.json(request, 200, all));
        for (int i = 0; i < elements.size(); i++) {
            int index = i;
            try {
                store(topic, reading.read(elements.getJsonObject(i)), bornHost, new SendListener() {
                    @Override
                    public void sent(Sent sent) {
                        results.put(index, toJson(topic, sent).put("status", status(sent)), false);
                    }

                    @Override
                    public void refused(Refused refused) {
                        results.put(index, Problem.of(refused).toJson(), true);
                    }
                });
            } catch (Problem.Found found) {
                results.put(index, found.problem().toJson(), true);
            }
        }
    }

    private void store(String topic, Draft draft, Endpoint bornHost, SendListener listener) {
        @Nullable Topic known = broker.topic(topic);
        // What a client may not say: a topic of the broker's own making, whatever its rules would do with it.
        if (topic.startsWith(TopicName.RETRY_PREFIX) || topic.startsWith(TopicName.DLQ_PREFIX)) {
            throw new Problem.Found(Problem.forbidden(
                    "topic `" + topic + "` belongs to a consumer group; nothing is sent to it over HTTP",
                    "send to the topic that the group consumes"));
        }
        int queues = known == null ? settings.usualQueues() : Math.max(1, known.writeQueues());
        draft.writeTo(editor);
        Send send = new Send(
                PRODUCER_GROUP,
                topic,
                TopicRules.TEMPLATE,
                settings.usualQueues(),
                queue(draft, queues),
                0,
                clock.wallMillis(),
                0,
                0,
                false,
                -1,
                false);
        broker.send(send, editor, ByteBuffer.wrap(draft.body().getBytes()), bornHost, listener);
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

    private static int status(Sent sent) {
        return sent.flushTimedOut() ? 202 : 201;
    }

    private static JsonObject toJson(String topic, Sent sent) {
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

    private static String messagePath(String topic, String id) {
        return "/api/v1/topics/" + topic.replace("%", "%25").replace("|", "%7C") + "/messages/" + id;
    }

    private static Endpoint bornHost(RoutingContext request) {
        @Nullable SocketAddress remote = request.request().remoteAddress();
        if (remote == null || remote.hostAddress() == null) {
            return Endpoint.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        }
        return Endpoint.of(new InetSocketAddress(remote.hostAddress(), remote.port()));
    }
}
