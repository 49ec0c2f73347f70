package io.vostok.front.http;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.session.ConsumerView;
import io.vostok.broker.topic.BrokerIdentity;
import io.vostok.broker.topic.TopicChange;
import io.vostok.model.Permission;
import io.vostok.model.Topic;
import io.vostok.service.BrokerAdmin;
import io.vostok.service.ClientAdmin;
import io.vostok.service.TopicAdmin;
import io.vostok.wire.body.BrokerData;
import io.vostok.wire.body.QueueData;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Topics over HTTP, for administrators. One per event loop. */
final class TopicApi {
    static final String CREATE = "createTopic";
    static final String PUT = "putTopic";
    static final String PATCH = "patchTopic";

    private static final int MOST_PRODUCERS = 500;

    private final BrokerAdmin admin;
    private final TopicAdmin topics;
    private final BrokerIdentity identity;
    private final JsonBodies bodies;
    private final int usualQueues;

    TopicApi(BrokerAdmin admin, BrokerIdentity identity, JsonBodies bodies, int usualQueues) {
        this.admin = admin;
        this.topics = admin.topics();
        this.identity = identity;
        this.bodies = bodies;
        this.usualQueues = usualQueues;
    }

    void list(RoutingContext request) {
        Query query = new Query(request);
        @Nullable String wantedKind = query.text("kind");
        String kind = wantedKind == null ? "user" : wantedKind;
        @Nullable String prefix = query.text("prefix");
        List<Topic> sorted = topics.all().all().stream()
                .filter(topic -> kind.equals("all") || kind.equals(kind(topic)))
                .filter(topic -> prefix == null || topic.name().value().startsWith(prefix))
                .sorted(Comparator.comparing(Topic::name))
                .toList();
        Answers.json(request, 200, Pages.of(query, sorted, topic -> topic.name().value(), this::toJson));
    }

    void get(RoutingContext request) {
        Answers.json(request, 200, toJson(named(request.pathParam("topic"))));
    }

    /** Creates a topic that does not exist yet. */
    void create(RoutingContext request) {
        bodies.read(request, CREATE, body -> {
            String name = body.getString("name");
            if (topics.find(name).refused() == null) {
                throw new Problem.Found(Problem.conflict(
                        "topic `" + name + "` exists already", "change it with PUT or PATCH /api/v1/topics/…"));
            }
            change(request, replaced(name, null, body), 201);
        });
    }

    /** Creates a topic, or replaces all that can be set of it. */
    void put(RoutingContext request) {
        bodies.read(request, PUT, body -> {
            String name = request.pathParam("topic");
            @Nullable Topic current = topics.all().find(name);
            change(request, replaced(name, current, body), current == null ? 201 : 200);
        });
    }

    /** Changes what is given, and leaves the rest. */
    void patch(RoutingContext request) {
        bodies.read(request, PATCH, body -> {
            Topic current = named(request.pathParam("topic"));
            JsonObject attributes = body.getJsonObject("attributes", new JsonObject());
            StringJoiner signed = new StringJoiner(",");
            for (String name : attributes.fieldNames()) {
                String value = attributes.getString(name);
                check(name);
                signed.add(value.isEmpty() ? "-" + name : "+" + name + "=" + value);
            }
            change(
                    request,
                    new TopicChange(
                            current.name().value(),
                            body.getInteger("readQueues", current.readQueues()),
                            body.getInteger("writeQueues", current.writeQueues()),
                            body.getInteger("perm", current.perm()),
                            current.multiTag(),
                            current.sysFlag(),
                            body.getBoolean("ordered", current.order()),
                            signed.toString()),
                    200);
        });
    }

    /** What HTTP does not show stays as it is. */
    private TopicChange replaced(String name, @Nullable Topic current, JsonObject body) {
        JsonObject attributes = body.getJsonObject("attributes", new JsonObject());
        Map<String, String> before = current == null ? Map.of() : current.attributes();
        StringJoiner signed = new StringJoiner(",");
        for (String attribute : before.keySet()) {
            if (!attributes.containsKey(attribute)) signed.add("-" + attribute);
        }
        for (String attribute : attributes.fieldNames()) {
            check(attribute);
            signed.add("+" + attribute + "=" + attributes.getString(attribute));
        }
        return new TopicChange(
                name,
                body.getInteger("readQueues", usualQueues),
                body.getInteger("writeQueues", usualQueues),
                body.getInteger("perm", Permission.READ_WRITE),
                current != null && current.multiTag(),
                current == null ? 0 : current.sysFlag(),
                body.getBoolean("ordered", false),
                signed.toString());
    }

    /** Names travel in a list with commas. */
    private static void check(String attribute) {
        if (attribute.matches("[a-z.]+")) return;
        throw new Problem.Found(Problem.badRequest("`" + Shape.shown(attribute) + "` is no name of an attribute"));
    }

    private void change(RoutingContext request, TopicChange change, int status) {
        Answers.when(request, topics.change(List.of(change)), done -> {
            if (status == 201) request.response().putHeader("location", path(change.topic()));
            Answers.json(request, status, toJson(named(change.topic())));
        });
    }

    private static String path(String topic) {
        return "/api/v1/topics/" + topic.replace("%", "%25").replace("|", "%7C");
    }

    void delete(RoutingContext request) {
        String name = named(request.pathParam("topic")).name().value();
        Answers.when(request, topics.delete(name), done -> Answers.done(request));
    }

    /** Tells what each queue holds. */
    void queues(RoutingContext request) {
        Answers.when(request, topics.stats(request.pathParam("topic")), stats -> {
            JsonArray items = new JsonArray();
            stats.offsets().forEach((queue, range) -> {
                JsonObject item = new JsonObject()
                        .put("queue", queue.queueId())
                        .put("minOffset", range.minOffset())
                        .put("maxOffset", range.maxOffset())
                        .put("messages", range.maxOffset() - range.minOffset());
                if (range.lastUpdateMillis() > 0) item.put("lastStoredAt", time(range.lastUpdateMillis()));
                items.add(item);
            });
            Answers.json(request, 200, Pages.list(items).put("putsPerSecond", stats.topicPutTps()));
        });
    }

    private static String time(long millis) {
        return Instant.ofEpochMilli(millis).toString();
    }

    /** Tells where the topic is: as the name servers know it, or, when none does, as this broker announces it. */
    void route(RoutingContext request) {
        Topic topic = named(request.pathParam("topic"));
        Answers.when(request, admin.cluster().route(topic.name().value()), known -> {
            JsonArray queues = new JsonArray();
            JsonArray brokers = new JsonArray();
            if (known == null) {
                queues.add(queues(identity.name(), topic.readQueues(), topic.writeQueues(), topic.perm()));
                brokers.add(broker(identity.cluster(), identity.name(), identity.id(), identity.address()));
            } else {
                for (QueueData data : known.queueDatas()) {
                    queues.add(queues(data.brokerName(), data.readQueueNums(), data.writeQueueNums(), data.perm()));
                }
                for (BrokerData set : known.brokerDatas()) {
                    set.brokerAddrs()
                            .forEach(
                                    (id, address) -> brokers.add(broker(set.cluster(), set.brokerName(), id, address)));
                }
            }
            Answers.json(request, 200, new JsonObject().put("queues", queues).put("brokers", brokers));
        });
    }

    private static JsonObject queues(String broker, int readQueues, int writeQueues, int perm) {
        return new JsonObject()
                .put("broker", broker)
                .put("readQueues", readQueues)
                .put("writeQueues", writeQueues)
                .put("perm", perm);
    }

    private static JsonObject broker(String cluster, String name, long id, String address) {
        return new JsonObject()
                .put("cluster", cluster)
                .put("name", name)
                .put("id", id)
                .put("address", address);
    }

    /** Lists the groups that are subscribed now, or have offsets. */
    void groups(RoutingContext request) {
        String topic = named(request.pathParam("topic")).name().value();
        JsonArray items = new JsonArray();
        for (String group : topics.groups(topic)) {
            Ruling<ConsumerView> online = admin.clients().consumers(group);
            boolean connected = online.refused() == null;
            items.add(new JsonObject()
                    .put("group", group)
                    .put("subscribed", connected && online.value().subscription(topic) != null)
                    .put("members", connected ? online.value().memberIds().size() : 0));
        }
        Answers.json(request, 200, Pages.list(items));
    }

    /** Lists who has sent to the topic lately. */
    void producers(RoutingContext request) {
        String topic = named(request.pathParam("topic")).name().value();
        Answers.when(request, admin.clients().producersOf(topic), producers -> {
            JsonArray items = new JsonArray();
            for (ClientAdmin.TopicProducer each : producers) {
                if (items.size() == MOST_PRODUCERS) break;
                items.add(new JsonObject()
                        .put("producerGroup", each.group())
                        .put("clientId", each.clientId())
                        .put("address", each.address())
                        .put("lastSentAt", time(each.sentMillis()))
                        .put("online", each.clientId() != null));
            }
            Answers.json(request, 200, Pages.list(items));
        });
    }

    private Topic named(String name) {
        Ruling<Topic> found = topics.find(name);
        @Nullable Refused refused = found.refused();
        if (refused != null) throw new Problem.Found(Problem.of(refused));
        return found.value();
    }

    private String kind(Topic topic) {
        if (topics.isSystem(topic.name().value())) return "system";
        if (topic.name().isRetry()) return "retry";
        return topic.name().isDeadLetter() ? "dlq" : "user";
    }

    private JsonObject toJson(Topic topic) {
        JsonObject attributes = new JsonObject();
        topic.attributes().forEach(attributes::put);
        return new JsonObject()
                .put("name", topic.name().value())
                .put("kind", kind(topic))
                .put("readQueues", topic.readQueues())
                .put("writeQueues", topic.writeQueues())
                .put("perm", topic.perm())
                .put("ordered", topic.order())
                .put("attributes", attributes);
    }
}
