package io.vostok.front.remoting;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vostok.model.DataVersion;
import io.vostok.nameserver.BrokerId;
import io.vostok.nameserver.MinBrokerIdChange;
import io.vostok.nameserver.NameServer;
import io.vostok.nameserver.NameServerEvents;
import io.vostok.nameserver.NameServerLimits;
import io.vostok.nameserver.NameServerSettings;
import io.vostok.nameserver.NameServerStorage;
import io.vostok.time.ManualClock;
import io.vostok.wire.RequestCode;
import io.vostok.wire.ResponseCode;
import io.vostok.wire.body.BrokerMemberGroup;
import io.vostok.wire.body.ClusterInfo;
import io.vostok.wire.body.DataVersionJson;
import io.vostok.wire.body.KeyValueTable;
import io.vostok.wire.body.PropertiesText;
import io.vostok.wire.body.QueueData;
import io.vostok.wire.body.RegisterBroker;
import io.vostok.wire.body.TopicList;
import io.vostok.wire.body.TopicRoute;
import io.vostok.wire.frame.BadFieldException;
import io.vostok.wire.frame.Command;
import io.vostok.wire.frame.CommandReader;
import io.vostok.wire.frame.Encoding;
import io.vostok.wire.frame.FrameBuilder;
import io.vostok.wire.frame.FrameLimits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class NameServerRouterTest {
    private static final String TABLE =
            "{\"topicConfigSerializeWrapper\":{\"dataVersion\":{\"counter\":3,\"stateVersion\":0,"
                    + "\"timestamp\":9},\"topicConfigTable\":{\"orders\":{\"topicName\":\"orders\",\"readQueueNums\":4,"
                    + "\"writeQueueNums\":4,\"perm\":6},\"TBW102\":{\"topicName\":\"TBW102\",\"readQueueNums\":8,"
                    + "\"writeQueueNums\":8,\"perm\":7}}},\"filterServerList\":[]}";

    private final ManualClock clock = new ManualClock(0);
    private final Storage storage = new Storage();
    private final RecordedConnection connection = new RecordedConnection();
    private final CommandReader reader = new CommandReader(FrameLimits.DEFAULT);
    private final FrameBuilder builder = new FrameBuilder();
    private int deadlineMoves;
    private final NameServerRouter router = new NameServerRouter(
            new NameServer(NameServerLimits.USUAL, NameServerSettings.USUAL, Map.of(), storage, new Silent(), 0),
            clock,
            () -> deadlineMoves++);

    @Test
    void answersTheRouteOfARegisteredBroker() {
        assertThat(registerMaster().code()).isEqualTo(ResponseCode.SUCCESS);

        TopicRoute route = TopicRoute.read(bodyOf(call(RequestCode.GET_ROUTEINFO_BY_TOPIC, Map.of("topic", "orders"))));

        assertThat(route.queueDatas()).containsExactly(new QueueData("a", 4, 4, 6, 0));
        assertThat(route.brokerDatas()).singleElement().satisfies(broker -> {
            assertThat(broker.brokerAddrs()).containsExactly(Map.entry(0L, "10.0.0.1:10911"));
            assertThat(broker.enableActingMaster()).isFalse();
        });
    }

    @Test
    void writesQuotedKeysOnlyForThoseWhoReadThem() {
        registerMaster();
        // The builder always claims our own version, which is newer than 4.9.4; a header by hand can be older.
        assertThat(routeText("400", "{\"topic\":\"orders\"}")).contains("{0:\"10.0.0.1:10911\"}");
        assertThat(routeText("400", "{\"topic\":\"orders\",\"acceptStandardJsonOnly\":\"true\"}"))
                .contains("{\"0\":\"10.0.0.1:10911\"}");
        assertThat(routeText("401", "{\"topic\":\"orders\"}")).contains("{\"0\":\"10.0.0.1:10911\"}");
    }

    @Test
    void answers17ForAnUnknownTopic() {
        Reply reply = call(RequestCode.GET_ROUTEINFO_BY_TOPIC, Map.of("topic", "nowhere"));
        assertThat(reply.code()).isEqualTo(ResponseCode.TOPIC_NOT_EXIST);
        assertThat(reply.remark()).startsWith("No topic route info in name server for the topic: nowhere");
    }

    @Test
    void filtersByZoneOnlyInZoneMode() {
        registerMaster();
        var fields = new LinkedHashMap<>(Map.of("topic", "orders", "__ZONE_NAME", "z", "__ZONE_MODE", "false"));
        assertThat(TopicRoute.read(bodyOf(call(RequestCode.GET_ROUTEINFO_BY_TOPIC, fields)))
                        .brokerDatas())
                .hasSize(1);
        fields.put("__ZONE_MODE", "true");
        assertThat(TopicRoute.read(bodyOf(call(RequestCode.GET_ROUTEINFO_BY_TOPIC, fields)))
                        .brokerDatas())
                .isEmpty();
    }

    @Test
    void refusesABodyWithAnotherChecksum() {
        Map<String, String> fields = masterFields();
        fields.put("bodyCrc32", "12345");
        Reply reply = call(RequestCode.REGISTER_BROKER, fields, TABLE.getBytes(UTF_8));
        assertThat(reply.code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
        assertThat(reply.remark()).isEqualTo("crc32 not match");
    }

    @Test
    void takesACompressedRegistration() {
        Map<String, String> fields = masterFields();
        byte[] body = RegisterBroker.read(TABLE.getBytes(UTF_8), false).writeCompressed();
        fields.put("compressed", "true");
        fields.put("bodyCrc32", crcOf(body));
        assertThat(call(RequestCode.REGISTER_BROKER, fields, body).code()).isEqualTo(ResponseCode.SUCCESS);
        assertThat(topics(call(RequestCode.GET_ALL_TOPIC_LIST_FROM_NAMESERVER, Map.of())))
                .isEqualTo(List.of("TBW102", "orders"));
    }

    @Test
    void tellsASlaveItsMasterAndTheOrderTopics() {
        registerMaster();
        call(RequestCode.PUT_KV_CONFIG, Map.of("namespace", "ORDER_TOPIC_CONFIG", "key", "orders", "value", "a:4"));
        Map<String, String> fields = masterFields();
        fields.put("brokerId", "1");
        fields.put("brokerAddr", "10.0.0.2:10911");
        Reply reply = call(RequestCode.REGISTER_BROKER, fields, TABLE.getBytes(UTF_8));
        assertThat(reply.fields())
                .containsExactlyInAnyOrder(
                        new Reply.Field("haServerAddr", "10.0.0.1:10912"),
                        new Reply.Field("masterAddr", "10.0.0.1:10911"));
        assertThat(KeyValueTable.read(bodyOf(reply)).table()).isEqualTo(Map.of("orders", "a:4"));
    }

    @Test
    void dropsBrokersWithTheirConnection() {
        registerMaster();
        router.closed(new RecordedConnection());
        assertThat(topics(call(RequestCode.GET_ALL_TOPIC_LIST_FROM_NAMESERVER, Map.of())))
                .hasSize(2);
        router.closed(connection);
        assertThat(topics(call(RequestCode.GET_ALL_TOPIC_LIST_FROM_NAMESERVER, Map.of())))
                .isEmpty();
    }

    @Test
    void dropsABrokerThatUnregisters() {
        registerMaster();
        assertThat(call(RequestCode.UNREGISTER_BROKER, masterFields()).code()).isZero();
        assertThat(topics(call(RequestCode.GET_ALL_TOPIC_LIST_FROM_NAMESERVER, Map.of())))
                .isEmpty();
    }

    @Test
    void saysWhenTheNextBrokerMayBeSilentForTooLong() {
        assertThat(router.nanosToNextDeadline()).isEqualTo(Long.MAX_VALUE);
        Map<String, String> fields = masterFields();
        fields.put("heartbeatTimeoutMillis", "5000");
        call(RequestCode.REGISTER_BROKER, fields, TABLE.getBytes(UTF_8));
        assertThat(deadlineMoves).isEqualTo(1);
        assertThat(router.nanosToNextDeadline()).isEqualTo(5_000_000_000L);

        clock.advance(Duration.ofSeconds(4));
        call(RequestCode.BROKER_HEARTBEAT, masterFields());
        clock.advance(Duration.ofSeconds(4));
        router.tick(clock.monotonicNanos());
        assertThat(topics(call(RequestCode.GET_ALL_TOPIC_LIST_FROM_NAMESERVER, Map.of())))
                .hasSize(2);
        clock.advance(Duration.ofSeconds(1));
        router.tick(clock.monotonicNanos());

        assertThat(topics(call(RequestCode.GET_ALL_TOPIC_LIST_FROM_NAMESERVER, Map.of())))
                .isEmpty();
        assertThat(deadlineMoves).isEqualTo(1);
    }

    @Test
    void comparesDataVersions() {
        Reply unknown =
                call(RequestCode.QUERY_DATA_VERSION, masterFields(), DataVersionJson.write(new DataVersion(0, 9, 3)));
        assertThat(unknown.fields()).containsExactly(new Reply.Field("changed", "true"));
        registerMaster();
        Reply same =
                call(RequestCode.QUERY_DATA_VERSION, masterFields(), DataVersionJson.write(new DataVersion(0, 9, 3)));
        assertThat(same.fields()).containsExactly(new Reply.Field("changed", "false"));
        assertThat(DataVersionJson.read(bodyOf(same))).isEqualTo(new DataVersion(0, 9, 3));
        Reply other =
                call(RequestCode.QUERY_DATA_VERSION, masterFields(), DataVersionJson.write(new DataVersion(0, 9, 4)));
        assertThat(other.fields()).containsExactly(new Reply.Field("changed", "true"));
    }

    @Test
    void listsClustersAndMembers() {
        registerMaster();
        ClusterInfo info = ClusterInfo.read(bodyOf(call(RequestCode.GET_BROKER_CLUSTER_INFO, Map.of())));
        assertThat(info.clusterAddrTable()).isEqualTo(Map.of("c", List.of("a")));
        assertThat(info.brokerAddrTable()).containsOnlyKeys("a");
        BrokerMemberGroup group = BrokerMemberGroup.read(
                bodyOf(call(RequestCode.GET_BROKER_MEMBER_GROUP, Map.of("clusterName", "c", "brokerName", "a"))));
        assertThat(group.brokerAddrs()).containsExactly(Map.entry(0L, "10.0.0.1:10911"));
    }

    @Test
    void listsSystemTopicsWithABroker() {
        registerMaster();
        TopicList list = TopicList.read(bodyOf(call(RequestCode.GET_SYSTEM_TOPIC_LIST_FROM_NS, Map.of())));
        assertThat(list.topics()).containsExactly("a", "c");
        assertThat(list.brokerAddr()).isEqualTo("10.0.0.1:10911");
    }

    @Test
    void countsTopicsWhosePermissionChanged() {
        registerMaster();
        assertThat(call(RequestCode.WIPE_WRITE_PERM_OF_BROKER, Map.of("brokerName", "a"))
                        .fields())
                .containsExactly(new Reply.Field("wipeTopicCount", "2"));
        assertThat(call(RequestCode.ADD_WRITE_PERM_OF_BROKER, Map.of("brokerName", "a"))
                        .fields())
                .containsExactly(new Reply.Field("addTopicCount", "2"));
    }

    @Test
    void registersAndDeletesATopicByHand() {
        registerMaster();
        byte[] route = "{\"queueDatas\":[{\"brokerName\":\"a\",\"readQueueNums\":1,\"writeQueueNums\":2,\"perm\":6}]}"
                .getBytes(UTF_8);
        assertThat(call(RequestCode.REGISTER_TOPIC_IN_NAMESRV, Map.of("topic", "hand"), route)
                        .code())
                .isZero();
        assertThat(topics(call(RequestCode.GET_TOPICS_BY_CLUSTER, Map.of("cluster", "c"))))
                .contains("hand");
        assertThat(call(RequestCode.DELETE_TOPIC_IN_NAMESRV, Map.of("topic", "hand"))
                        .code())
                .isZero();
        assertThat(topics(call(RequestCode.GET_TOPICS_BY_CLUSTER, Map.of("cluster", "c"))))
                .doesNotContain("hand");
    }

    @Test
    void answersAKeyValueOnlyWhenItIsStored() {
        storage.next = new CompletableFuture<>();
        handle(RequestCode.PUT_KV_CONFIG, Map.of("namespace", "n", "key", "k", "value", "v"), new byte[0]);
        assertThat(connection.replies).isEmpty();
        storage.next.complete(null);
        assertThat(connection.last().code()).isZero();
        assertThat(call(RequestCode.GET_KV_CONFIG, Map.of("namespace", "n", "key", "k"))
                        .fields())
                .containsExactly(new Reply.Field("value", "v"));
        assertThat(call(RequestCode.DELETE_KV_CONFIG, Map.of("namespace", "n", "key", "k"))
                        .code())
                .isZero();
        assertThat(call(RequestCode.GET_KVLIST_BY_NAMESPACE, Map.of("namespace", "n"))
                        .code())
                .isEqualTo(ResponseCode.QUERY_NOT_FOUND);
    }

    @Test
    void saysWhenAKeyValueCouldNotBeStored() {
        storage.next = CompletableFuture.failedFuture(new IOException("disk full"));
        Reply reply = call(RequestCode.PUT_KV_CONFIG, Map.of("namespace", "n", "key", "k", "value", "v"));
        assertThat(reply.code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
        assertThat(reply.remark()).contains("disk full");
    }

    @Test
    void changesRealSettingsAndRefusesPaths() {
        assertThat(call(RequestCode.UPDATE_NAMESRV_CONFIG, Map.of(), "enableTopicList=false\n".getBytes(UTF_8))
                        .code())
                .isZero();
        assertThat(PropertiesText.read(bodyOf(call(RequestCode.GET_NAMESRV_CONFIG, Map.of()))))
                .containsEntry("enableTopicList", "false");
        assertThat(call(RequestCode.UPDATE_NAMESRV_CONFIG, Map.of(), "kvConfigPath=/etc\n".getBytes(UTF_8))
                        .code())
                .isEqualTo(ResponseCode.NO_PERMISSION);
        assertThat(call(RequestCode.UPDATE_NAMESRV_CONFIG, Map.of()).code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
    }

    @Test
    void namesTheCodeItDoesNotServe() {
        Reply reply = call(RequestCode.SEND_MESSAGE, Map.of());
        assertThat(reply.code()).isEqualTo(ResponseCode.REQUEST_CODE_NOT_SUPPORTED);
        assertThat(reply.remark()).startsWith(" request type 10 not supported").contains("SEND_MESSAGE");
    }

    @Test
    void throwsWhatIsMissing() {
        assertThatThrownBy(() -> call(RequestCode.GET_ROUTEINFO_BY_TOPIC, Map.of()))
                .isInstanceOf(BadFieldException.class)
                .hasMessageContaining("topic");
    }

    private Reply registerMaster() {
        byte[] body = TABLE.getBytes(UTF_8);
        Map<String, String> fields = masterFields();
        fields.put("bodyCrc32", crcOf(body));
        return call(RequestCode.REGISTER_BROKER, fields, body);
    }

    private static Map<String, String> masterFields() {
        return new LinkedHashMap<>(Map.of(
                "brokerName", "a",
                "brokerAddr", "10.0.0.1:10911",
                "clusterName", "c",
                "haServerAddr", "10.0.0.1:10912",
                "brokerId", "0",
                "compressed", "false",
                "enableActingMaster", "false"));
    }

    private static String crcOf(byte[] body) {
        var crc = new CRC32();
        crc.update(body);
        return Long.toString(crc.getValue() & 0x7FFF_FFFF);
    }

    private Reply call(int code, Map<String, String> fields) {
        return call(code, fields, new byte[0]);
    }

    private Reply call(int code, Map<String, String> fields, byte[] body) {
        int before = connection.replies.size();
        handle(code, fields, body);
        assertThat(connection.replies).hasSize(before + 1);
        assertThat(connection.calls.get(before).opaque()).isEqualTo(77);
        return connection.last();
    }

    private void handle(int code, Map<String, String> fields, byte[] body) {
        builder.request(Encoding.JSON, 77, code, false);
        fields.forEach(builder::field);
        int length = builder.end(body.length);
        ByteBuffer header = ByteBuffer.wrap(builder.bytes().clone(), 8, length - 8);
        Command command = reader.read(builder.bytes()[4], header);
        router.handle(command, ByteBuffer.wrap(body), connection);
    }

    private String routeText(String version, String extFields) {
        String header = "{\"code\":105,\"flag\":0,\"language\":\"JAVA\",\"opaque\":1,\"version\":" + version
                + ",\"extFields\":" + extFields + "}";
        router.handle(reader.read(0, ByteBuffer.wrap(header.getBytes(UTF_8))), ByteBuffer.allocate(0), connection);
        return new String(bodyOf(connection.last()), UTF_8);
    }

    private static byte[] bodyOf(Reply reply) {
        byte[] body = reply.body();
        if (body == null) throw new AssertionError("no body, code " + reply.code() + ": " + reply.remark());
        return body;
    }

    private static List<String> topics(Reply reply) {
        return TopicList.read(bodyOf(reply)).topics();
    }

    /** Stores nothing and answers as told. */
    private static final class Storage implements NameServerStorage {
        CompletableFuture<Void> next = CompletableFuture.completedFuture(null);

        @Override
        public CompletionStage<Void> saveKeyValues(Map<String, Map<String, String>> configTable) {
            return next;
        }

        @Override
        public CompletionStage<Void> saveSettings(Map<String, String> settings) {
            return next;
        }
    }

    private static final class Silent implements NameServerEvents {
        @Override
        public void brokerCame(BrokerId broker, long id, int topics) {}

        @Override
        public void brokerWent(BrokerId broker, long id, Departure reason) {}

        @Override
        public void registrationIgnored(BrokerId broker, long id, String holder) {}

        @Override
        public void minBrokerIdChanged(MinBrokerIdChange change) {}
    }
}
