package io.vostok.front.remoting;

import io.vostok.model.DataVersion;
import io.vostok.model.Topic;
import io.vostok.nameserver.BrokerId;
import io.vostok.nameserver.Denial;
import io.vostok.nameserver.NameServer;
import io.vostok.nameserver.NameServer.SystemTopics;
import io.vostok.nameserver.Registered;
import io.vostok.nameserver.Registration;
import io.vostok.nameserver.Result;
import io.vostok.nameserver.Route;
import io.vostok.nameserver.TopicQueues;
import io.vostok.time.Clock;
import io.vostok.wire.RequestCode;
import io.vostok.wire.ResponseCode;
import io.vostok.wire.body.BrokerData;
import io.vostok.wire.body.BrokerMemberGroup;
import io.vostok.wire.body.ClusterInfo;
import io.vostok.wire.body.DataVersionJson;
import io.vostok.wire.body.KeyForm;
import io.vostok.wire.body.KeyValueTable;
import io.vostok.wire.body.PropertiesText;
import io.vostok.wire.body.QueueData;
import io.vostok.wire.body.RegisterBroker;
import io.vostok.wire.body.TopicConfigTable;
import io.vostok.wire.body.TopicList;
import io.vostok.wire.body.TopicRoute;
import io.vostok.wire.frame.Call;
import io.vostok.wire.frame.Command;
import io.vostok.wire.frame.Fields;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Answers the name server's requests: reads the command, asks {@link NameServer}, writes the answer.
 *
 * <p>One event loop for all connections. It owns no timer: its owner calls {@link #tick} when {@link #nanosToNextDeadline}
 * has passed, and asks again when {@code deadlineMoved} was run.
 */
public final class NameServerRouter implements CommandRouter {
    /** The first version whose registration carries more than the topic table. */
    private static final int VERSION_3_0_11 = 37;

    private static final int VERSION_4_9_4 = 401;

    private final NameServer nameServer;
    private final Clock clock;
    private final Runnable deadlineMoved;
    private boolean deadlineAsked;
    private long askedDeadlineNanos;

    /** @param deadlineMoved run when the deadline that was last asked for has become an earlier one */
    public NameServerRouter(NameServer nameServer, Clock clock, Runnable deadlineMoved) {
        this.nameServer = nameServer;
        this.clock = clock;
        this.deadlineMoved = deadlineMoved;
    }

    @Override
    public void handle(Command command, ByteBuffer body, Connection connection) {
        Call call = command.call();
        Fields fields = command.fields();
        switch (command.code()) {
            case RequestCode.REGISTER_BROKER -> connection.reply(call, register(command, fields, body, connection));
            case RequestCode.UNREGISTER_BROKER -> connection.reply(call, unregister(fields));
            case RequestCode.QUERY_DATA_VERSION -> connection.reply(call, queryDataVersion(fields, body));
            case RequestCode.BROKER_HEARTBEAT -> connection.reply(call, heartbeat(fields));
            case RequestCode.GET_BROKER_MEMBER_GROUP -> connection.reply(call, memberGroup(fields));
            case RequestCode.GET_ROUTEINFO_BY_TOPIC -> connection.reply(call, route(command, fields));
            case RequestCode.GET_BROKER_CLUSTER_INFO -> connection.reply(call, clusterInfo());
            case RequestCode.GET_ALL_TOPIC_LIST_FROM_NAMESERVER -> connection.reply(call, list(nameServer.allTopics()));
            case RequestCode.GET_TOPICS_BY_CLUSTER ->
                connection.reply(call, list(nameServer.topicsOf(fields.requireText("cluster"))));
            case RequestCode.GET_SYSTEM_TOPIC_LIST_FROM_NS -> connection.reply(call, systemTopics());
            case RequestCode.GET_UNIT_TOPIC_LIST -> connection.reply(call, list(nameServer.unitTopics()));
            case RequestCode.GET_HAS_UNIT_SUB_TOPIC_LIST ->
                connection.reply(call, list(nameServer.unitSubscribedTopics()));
            case RequestCode.GET_HAS_UNIT_SUB_UNUNIT_TOPIC_LIST ->
                connection.reply(call, list(nameServer.unitSubscribedPlainTopics()));
            case RequestCode.WIPE_WRITE_PERM_OF_BROKER ->
                connection.reply(call, permit(fields, false, "wipeTopicCount"));
            case RequestCode.ADD_WRITE_PERM_OF_BROKER -> connection.reply(call, permit(fields, true, "addTopicCount"));
            case RequestCode.DELETE_TOPIC_IN_NAMESRV -> connection.reply(call, deleteTopic(fields));
            case RequestCode.REGISTER_TOPIC_IN_NAMESRV -> connection.reply(call, registerTopic(fields, body));
            case RequestCode.PUT_KV_CONFIG -> putValue(fields, call, connection);
            case RequestCode.GET_KV_CONFIG -> connection.reply(call, value(fields));
            case RequestCode.DELETE_KV_CONFIG -> deleteValue(fields, call, connection);
            case RequestCode.GET_KVLIST_BY_NAMESPACE -> connection.reply(call, values(fields));
            case RequestCode.UPDATE_NAMESRV_CONFIG -> changeSettings(body, call, connection);
            case RequestCode.GET_NAMESRV_CONFIG -> connection.reply(call, settings());
            default -> connection.reply(call, notSupported(command.code()));
        }
    }

    @Override
    public void closed(Connection connection) {
        nameServer.lost(connection);
    }

    /** Forgets the brokers that were silent for too long at {@code monotonicNanos}. */
    public void tick(long monotonicNanos) {
        nameServer.expire(monotonicNanos);
    }

    /** Returns nanoseconds from now until {@link #tick} has something to do; {@code Long.MAX_VALUE} while it has nothing. */
    public long nanosToNextDeadline() {
        long nowNanos = clock.monotonicNanos();
        long left = nameServer.nanosToNextExpiry(nowNanos);
        deadlineAsked = left != Long.MAX_VALUE;
        askedDeadlineNanos = nowNanos + left;
        return Math.max(0, left);
    }

    private Reply register(Command command, Fields fields, ByteBuffer body, Connection connection) {
        if (!checksumFits(fields.intOr("bodyCrc32", 0), body)) {
            return Reply.error(ResponseCode.SYSTEM_ERROR, "crc32 not match");
        }
        TopicConfigTable table = topics(command, fields, body);
        Registration registration = new Registration(
                broker(fields),
                fields.requireLong("brokerId"),
                textOr(fields, "haServerAddr", ""),
                fields.text("__ZONE_NAME"),
                fields.text("heartbeatTimeoutMillis") == null ? null : fields.requireLong("heartbeatTimeoutMillis"),
                fields.text("enableActingMaster") == null ? null : fields.flagOr("enableActingMaster", false),
                table == null ? new DataVersion(0, 0, 0) : table.version(),
                table == null ? Map.of() : queuesOf(table));
        long nowNanos = clock.monotonicNanos();
        Result<Registered> result = nameServer.register(registration, connection, nowNanos);
        tellDeadline(nowNanos);
        return answer(result, this::registered);
    }

    /** Returns null when the broker sent no table. */
    private static @Nullable TopicConfigTable topics(Command command, Fields fields, ByteBuffer body) {
        if (!body.hasRemaining()) return null;
        if (command.version() < VERSION_3_0_11) return TopicConfigTable.read(body);
        return RegisterBroker.read(body, fields.flagOr("compressed", false)).topicConfigs();
    }

    private Reply registered(Registered registered) {
        var fields = new ArrayList<Reply.Field>(2);
        String haAddress = registered.masterHaAddress();
        String masterAddress = registered.masterAddress();
        if (haAddress != null) fields.add(new Reply.Field("haServerAddr", haAddress));
        if (masterAddress != null) fields.add(new Reply.Field("masterAddr", masterAddress));
        Map<String, String> orders = nameServer.orderTopicsForBrokers();
        return new Reply(ResponseCode.SUCCESS, null, fields, orders == null ? null : new KeyValueTable(orders).write());
    }

    private Reply unregister(Fields fields) {
        nameServer.unregister(broker(fields));
        return Reply.ok();
    }

    private Reply queryDataVersion(Fields fields, ByteBuffer body) {
        DataVersion theirs = body.hasRemaining() ? DataVersionJson.read(body) : null;
        DataVersion ours = nameServer.heard(broker(fields), clock.monotonicNanos());
        boolean changed = ours == null || !ours.equals(theirs);
        return new Reply(
                ResponseCode.SUCCESS,
                null,
                List.of(new Reply.Field("changed", Boolean.toString(changed))),
                ours == null ? null : DataVersionJson.write(ours));
    }

    private Reply heartbeat(Fields fields) {
        DataVersion unused = nameServer.heard(broker(fields), clock.monotonicNanos());
        return Reply.ok();
    }

    private Reply memberGroup(Fields fields) {
        String name = fields.requireText("brokerName");
        var addresses = new TreeMap<>(nameServer.memberAddresses(name));
        return Reply.body(new BrokerMemberGroup(fields.requireText("clusterName"), name, addresses).write());
    }

    private Reply route(Command command, Fields fields) {
        boolean standard = command.version() >= VERSION_4_9_4 || fields.flagOr("acceptStandardJsonOnly", false);
        KeyForm keys = standard ? KeyForm.QUOTED : KeyForm.UNQUOTED;
        String zone = fields.flagOr("__ZONE_MODE", false) ? fields.text("__ZONE_NAME") : null;
        Result<Route> result = nameServer.route(
                fields.requireText("topic"), zone == null || zone.isBlank() ? null : zone, clock.monotonicNanos());
        return answer(result, found -> Reply.body(routeBody(found).write(keys)));
    }

    private Reply clusterInfo() {
        var brokers = new TreeMap<String, BrokerData>();
        var clusters = new TreeMap<String, List<String>>();
        for (Route.Brokers set : nameServer.brokers()) {
            brokers.put(set.name(), brokerData(set));
            clusters.computeIfAbsent(set.cluster(), name -> new ArrayList<>()).add(set.name());
        }
        return Reply.body(new ClusterInfo(brokers, clusters).write());
    }

    private Reply systemTopics() {
        return answer(
                nameServer.systemTopics(),
                (SystemTopics topics) -> Reply.body(new TopicList(topics.names(), topics.brokerAddress()).write()));
    }

    private Reply permit(Fields fields, boolean permit, String countField) {
        int count = nameServer.permitWrites(fields.requireText("brokerName"), permit);
        return Reply.fields(new Reply.Field(countField, Integer.toString(count)));
    }

    private Reply deleteTopic(Fields fields) {
        String cluster = fields.text("clusterName");
        nameServer.deleteTopic(fields.requireText("topic"), cluster == null || cluster.isEmpty() ? null : cluster);
        return Reply.ok();
    }

    private Reply registerTopic(Fields fields, ByteBuffer body) {
        String topic = fields.requireText("topic");
        if (!body.hasRemaining()) return Reply.ok();
        var queues = new HashMap<String, TopicQueues>();
        for (QueueData data : TopicRoute.read(body).queueDatas()) {
            queues.put(
                    data.brokerName(),
                    new TopicQueues(data.readQueueNums(), data.writeQueueNums(), data.perm(), data.topicSysFlag()));
        }
        return answer(nameServer.registerTopic(topic, queues), added -> Reply.ok());
    }

    private void putValue(Fields fields, Call call, Connection connection) {
        replyWhenStored(
                nameServer.putValue(
                        fields.requireText("namespace"), fields.requireText("key"), fields.requireText("value")),
                call,
                connection);
    }

    private void deleteValue(Fields fields, Call call, Connection connection) {
        CompletionStage<Void> stored =
                nameServer.deleteValue(fields.requireText("namespace"), fields.requireText("key"));
        replyWhenStored(Result.given(stored), call, connection);
    }

    private void changeSettings(ByteBuffer body, Call call, Connection connection) {
        if (!body.hasRemaining()) {
            connection.reply(call, Reply.error(ResponseCode.SYSTEM_ERROR, "no setting given"));
            return;
        }
        replyWhenStored(nameServer.change(PropertiesText.read(body)), call, connection);
    }

    private Reply value(Fields fields) {
        return answer(
                nameServer.value(fields.requireText("namespace"), fields.requireText("key")),
                value -> Reply.fields(new Reply.Field("value", value)));
    }

    private Reply values(Fields fields) {
        return answer(
                nameServer.values(fields.requireText("namespace")),
                values -> Reply.body(new KeyValueTable(values).write()));
    }

    private Reply settings() {
        return Reply.body(PropertiesText.write(nameServer.settings().values()));
    }

    private void replyWhenStored(Result<CompletionStage<Void>> result, Call call, Connection connection) {
        if (result instanceof Result.Denied<CompletionStage<Void>> denied) {
            connection.reply(call, Reply.error(codeOf(denied.why()), denied.words()));
            return;
        }
        var given = (Result.Given<CompletionStage<Void>>) result;
        CompletionStage<Void> unused = given.value().whenComplete((nothing, failure) -> {
            Reply reply = failure == null
                    ? Reply.ok()
                    : Reply.error(
                            ResponseCode.SYSTEM_ERROR,
                            "the change is in force but could not be stored, it is lost at the next start: "
                                    + failure.getMessage());
            connection.reply(call, reply);
        });
    }

    private void tellDeadline(long nowNanos) {
        long left = nameServer.nanosToNextExpiry(nowNanos);
        if (left == Long.MAX_VALUE) return;
        if (!deadlineAsked || nowNanos + left - askedDeadlineNanos < 0) deadlineMoved.run();
    }

    private static Reply list(Result<List<String>> result) {
        return answer(result, topics -> Reply.body(new TopicList(topics, null).write()));
    }

    private static <T> Reply answer(Result<T> result, Function<T, Reply> write) {
        if (result instanceof Result.Denied<T> denied) return Reply.error(codeOf(denied.why()), denied.words());
        return write.apply(((Result.Given<T>) result).value());
    }

    private static int codeOf(Denial why) {
        return switch (why) {
            case INVALID, NOT_FULLY_REGISTERED, LIMIT_REACHED, NOT_READY, SWITCHED_OFF, SETTING_UNKNOWN ->
                ResponseCode.SYSTEM_ERROR;
            case TOPIC_NOT_FOUND -> ResponseCode.TOPIC_NOT_EXIST;
            case KEY_NOT_FOUND -> ResponseCode.QUERY_NOT_FOUND;
            case SETTING_PROTECTED -> ResponseCode.NO_PERMISSION;
        };
    }

    private static Reply notSupported(int code) {
        return Reply.error(
                ResponseCode.REQUEST_CODE_NOT_SUPPORTED,
                " request type " + code + " not supported (" + RequestCode.nameOf(code) + ")");
    }

    private static BrokerId broker(Fields fields) {
        return new BrokerId(
                fields.requireText("clusterName"), fields.requireText("brokerName"), fields.requireText("brokerAddr"));
    }

    private static String textOr(Fields fields, String name, String whenAbsent) {
        String text = fields.text(name);
        return text == null ? whenAbsent : text;
    }

    private static boolean checksumFits(int expected, ByteBuffer body) {
        if (expected == 0) return true;
        var crc = new CRC32();
        crc.update(body.duplicate());
        return (int) (crc.getValue() & 0x7FFF_FFFF) == expected;
    }

    private static Map<String, TopicQueues> queuesOf(TopicConfigTable table) {
        var queues = new HashMap<String, TopicQueues>();
        for (Topic topic : table.topics().values()) {
            queues.put(
                    topic.name().value(),
                    new TopicQueues(topic.readQueues(), topic.writeQueues(), topic.perm(), topic.sysFlag()));
        }
        return queues;
    }

    private static TopicRoute routeBody(Route route) {
        List<QueueData> queues = route.queues().stream()
                .map(of -> new QueueData(
                        of.brokerName(),
                        of.queues().readQueues(),
                        of.queues().writeQueues(),
                        of.queues().perm(),
                        of.queues().sysFlag()))
                .toList();
        List<BrokerData> brokers =
                route.brokers().stream().map(NameServerRouter::brokerData).toList();
        return new TopicRoute(route.orderConf(), queues, brokers, Map.of());
    }

    private static BrokerData brokerData(Route.Brokers set) {
        return new BrokerData(set.cluster(), set.name(), set.addresses(), set.zone(), set.enableActingMaster());
    }
}
