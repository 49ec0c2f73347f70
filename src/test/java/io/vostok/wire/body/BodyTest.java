package io.vostok.wire.body;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vostok.model.ConsumerGroup;
import io.vostok.model.DataVersion;
import io.vostok.model.GroupName;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import io.vostok.wire.HexDump;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BodyTest {
    private static final DataVersion VERSION = new DataVersion(1, 1_700_000_000_000L, 3);

    @Test
    void writesTheRouteInBothForms() {
        TopicRoute route = new TopicRoute(
                null,
                List.of(new QueueData("broker-a", 4, 4, 6, 0)),
                List.of(new BrokerData(
                        "DefaultCluster", "broker-a", new TreeMap<>(Map.of(0L, "10.0.0.1:10911")), null, false)),
                Map.of());

        assertThat(route.write(KeyForm.QUOTED)).isEqualTo(HexDump.read("route-quoted"));
        assertThat(route.write(KeyForm.UNQUOTED)).isEqualTo(HexDump.read("route-unquoted"));
        assertThat(TopicRoute.read(HexDump.read("route-quoted"))).isEqualTo(route);
        assertThat(TopicRoute.read(HexDump.read("route-unquoted"))).isEqualTo(route);
    }

    @Test
    void readsBackFilterServersAndOrderOfARoute() {
        TopicRoute route =
                new TopicRoute("broker-a:4", List.of(), List.of(), Map.of("10.0.0.1:1", List.of("f:1", "f:2")));

        assertThat(TopicRoute.read(route.write(KeyForm.QUOTED))).isEqualTo(route);
    }

    @Test
    void readsAndWritesKeysThatAreObjects() {
        QueueOffsets offsets = QueueOffsets.read(HexDump.read("queue-offsets"));

        assertThat(offsets.offsets())
                .containsExactly(
                        Map.entry(new MessageQueue("t", "b", 1), 5L), Map.entry(new MessageQueue("t", "b", 2), 6L));
        assertThat(offsets.writeOffsetTable()).isEqualTo(HexDump.read("queue-offsets"));
        assertThat(QueueOffsets.read(offsets.writeMessageQueueTable())).isEqualTo(offsets);
    }

    @Test
    void readsBackStatistics() {
        MessageQueue queue = new MessageQueue("t\"}:", "b", 0);
        TopicStats topic = new TopicStats(Map.of(queue, new TopicStats.Range(1, 2, 3)), 0.5);
        ConsumeStats consume = new ConsumeStats(Map.of(queue, new ConsumeStats.Progress(4, 3, 3, 9)), 1.25);

        assertThat(TopicStats.read(topic.write())).isEqualTo(topic);
        assertThat(ConsumeStats.read(consume.write())).isEqualTo(consume);
    }

    @Test
    void readsAllFormsOfARegistration() {
        RegisterBroker plain = RegisterBroker.read(HexDump.read("register-broker-plain"), false);

        assertThat(plain.filterServers()).containsExactly("10.0.0.9:1");
        assertThat(plain.topicConfigs().version()).isEqualTo(VERSION);
        assertThat(plain.topicConfigs().topics().values())
                .containsExactly(
                        new Topic(new TopicName("T"), 8, 4, 6, false, 0, false, Map.of("message.type", "FIFO")));
        assertThat(plain.write()).isEqualTo(HexDump.read("register-broker-plain"));
        assertThat(RegisterBroker.read(HexDump.read("register-broker-compressed"), true))
                .isEqualTo(plain);
        assertThat(RegisterBroker.read(HexDump.read("register-broker-compressed-5x"), true))
                .isEqualTo(plain);
        assertThat(RegisterBroker.read(plain.writeCompressed(), true)).isEqualTo(plain);
        assertThat(Inflation.inflate(ByteBuffer.wrap(plain.writeCompressed()), "test"))
                .isEqualTo(HexDump.read("register-broker-inflated"));
    }

    @Test
    void refusesAStreamThatInflatesTooFar() throws Exception {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(bomb)) {
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 20; i++) deflater.write(zeros);
        }

        assertThatThrownBy(() -> RegisterBroker.read(bomb.toByteArray(), true))
                .isInstanceOf(BadBodyException.class)
                .hasMessageContaining("times its size");
    }

    @Test
    void readsHeartbeatsAndFillsWhatOldClientsLeaveOut() {
        HeartbeatData heartbeat = HeartbeatData.read(utf8(
                "{\"clientID\":\"c\",\"consumerDataSet\":[{\"groupName\":\"g\",\"messageModel\":\"BROADCASTING\",\"newField\":[{}],"
                        + "\"subscriptionDataSet\":[{\"topic\":\"T\",\"subString\":null,\"codeSet\":[65],\"tagsSet\":[\"A\"]}]}],"
                        + "\"producerDataSet\":[{\"groupName\":\"p\"}]}"));

        ConsumerData consumer = heartbeat.consumers().get(0);
        assertThat(heartbeat.producers()).containsExactly(new ProducerData("p"));
        assertThat(consumer.broadcasting()).isTrue();
        assertThat(consumer.consumeType()).isEqualTo(ConsumerData.PASSIVELY);
        assertThat(consumer.subscriptions())
                .containsExactly(new SubscriptionData("T", "*", "TAG", Set.of("A"), Set.of(65), 0, false));
        assertThat(HeartbeatData.read(heartbeat.write())).isEqualTo(heartbeat);
    }

    @Test
    void resolvesReferencesAndRefusesThoseItCannot() {
        LockBatchResult locked = LockBatchResult.read(
                utf8(
                        "{\"lockOKMQSet\":[{\"brokerName\":\"b\",\"queueId\":1,\"topic\":\"t\"},{\"$ref\":\"$.lockOKMQSet[0]\"}]}"));

        assertThat(locked.lockedQueues()).hasSize(2).containsOnly(new MessageQueue("t", "b", 1));
        for (String path : List.of("$", "..", "$.lockOKMQSet", "$.gone", "$.lockOKMQSet[0]", "$[", "@")) {
            byte[] body = utf8("{\"lockOKMQSet\":[{\"$ref\":\"" + path + "\"}]}");
            assertThatThrownBy(() -> LockBatchResult.read(body)).as(path).isInstanceOf(BadBodyException.class);
        }
    }

    @Test
    void leavesOutImpossibleTopicsAndTellsThem() {
        TopicConfigTable table = TopicConfigTable.read(
                utf8(
                        "{\"topicConfigTable\":{\"good\":{\"perm\":4},"
                                + "\"b d\":{},\"minus\":{\"readQueueNums\":-1},\"word\":{\"perm\":\"x\"}},\"dataVersion\":{\"counter\":1}}"));

        assertThat(table.topics().keySet()).containsExactly(new TopicName("good"));
        assertThat(table.problems())
                .hasSize(3)
                .allSatisfy(problem -> assertThat(problem).contains("left out"));
        TopicConfigTable written = new TopicConfigTable(table.topics(), table.version());
        assertThat(TopicConfigTable.read(written.write())).isEqualTo(written);
    }

    @Test
    void keepsFieldsOfAGroupThatItDoesNotRead() {
        String others =
                "{\"groupRetryPolicy\":{\"type\":\"EXPONENTIAL\"},\"attributes\":{\"a\":\"b\"},\"new\":[1,null]}";
        ConsumerGroup read =
                ConsumerGroupJson.read(utf8("{\"groupName\":\"g\",\"retryMaxTimes\":3," + others.substring(1)));

        assertThat(read.otherFieldsJson()).isEqualTo(others);
        assertThat(read.retryMaxTimes()).isEqualTo(3);
        assertThat(ConsumerGroupJson.read(ConsumerGroupJson.write(read))).isEqualTo(read);
    }

    @Test
    void readsBackGroupTables() {
        GroupName group = new GroupName("g");
        SubscriptionGroupTable table = new SubscriptionGroupTable(
                Map.of(group, ConsumerGroup.of(group)), Map.of(group, Map.of("T", 1)), VERSION);

        assertThat(SubscriptionGroupTable.read(table.write())).isEqualTo(table);
    }

    @Test
    void readsOffsetsInBothFormsAndWritesThemQuoted() {
        ConsumerOffsetTable table = ConsumerOffsetTable.read(utf8(
                "{\n\t\"dataVersion\":{\"counter\":3,\"stateVersion\":1,\"timestamp\":1700000000000},\"groupTopicMap\":{\"G\":[\"T\"]},"
                        + "\"offsetTable\":{\"T@G\":{0:12,1:7},\"%RETRY%G+T@G\":{\"0\":1}}}"));

        assertThat(table.offsets())
                .containsExactly(Map.entry("T@G", Map.of(0, 12L, 1, 7L)), Map.entry("%RETRY%G+T@G", Map.of(0, 1L)));
        assertThat(new String(table.write(), StandardCharsets.UTF_8)).contains("\"T@G\":{\"0\":12,\"1\":7}");
        assertThat(ConsumerOffsetTable.read(table.write())).isEqualTo(table);
        DelayOffsetTable delays = DelayOffsetTable.read(utf8("{\"offsetTable\":{1:100,2:5}}"));
        assertThat(delays.offsets()).isEqualTo(Map.of(1, 100L, 2, 5L));
        assertThat(DelayOffsetTable.read(delays.write())).isEqualTo(delays);
    }

    @Test
    void readsTheQuestionOfAClientThatStarts() {
        CheckClientConfig question = CheckClientConfig.read(utf8(
                "{\"clientId\":\"c\",\"group\":\"g\",\"subscriptionData\":{\"topic\":\"T\",\"subString\":\"a > 1\","
                        + "\"expressionType\":\"SQL92\",\"subVersion\":5,\"classFilterMode\":false}}"));

        assertThat(question.clientId()).isEqualTo("c");
        assertThat(question.group()).isEqualTo("g");
        assertThat(question.namespace()).isEmpty();
        assertThat(question.subscription().subString()).isEqualTo("a > 1");
        assertThat(CheckClientConfig.read(question.write())).isEqualTo(question);
        assertThatThrownBy(() -> CheckClientConfig.read(utf8("{}"))).isInstanceOf(BadBodyException.class);
    }

    @Test
    void readsBackTheSmallBodies() {
        MessageQueue queue = new MessageQueue("t", "b", 1);
        LockBatch lock = new LockBatch("c", "g", List.of(queue), true);
        ConsumerIdList ids = new ConsumerIdList(List.of("a", "b"));
        TopicList topics = new TopicList(List.of("t"), "1.2.3.4:5");
        KeyValueTable table = new KeyValueTable(Map.of("k", "v\u20ac"));
        BrokerMemberGroup members = new BrokerMemberGroup("c", "b", new TreeMap<>(Map.of(0L, "a:1", 1L, "b:2")));
        ClusterInfo cluster = new ClusterInfo(
                Map.of("b", new BrokerData("c", "b", members.brokerAddrs(), "z", true)), Map.of("c", List.of("b")));

        assertThat(LockBatch.read(lock.write())).isEqualTo(lock);
        assertThat(ConsumerIdList.read(ids.write())).isEqualTo(ids);
        assertThat(TopicList.read(topics.write())).isEqualTo(topics);
        assertThat(KeyValueTable.read(table.write())).isEqualTo(table);
        assertThat(BrokerMemberGroup.read(members.write())).isEqualTo(members);
        assertThat(ClusterInfo.read(cluster.write())).isEqualTo(cluster);
        assertThat(DataVersionJson.read(DataVersionJson.write(VERSION))).isEqualTo(VERSION);
    }

    @Test
    void readsAndWritesConfigurationText() {
        Map<String, String> values = Map.of("a b", " x=y\\z", "path", "C:\\d");

        assertThat(PropertiesText.read(PropertiesText.write(values))).containsAllEntriesOf(Map.of("path", "C:\\d"));
        assertThat(PropertiesText.read(utf8("# c\r\n\r\n a = 1 \n!\nb:2\na=3"))).isEqualTo(Map.of("a", "3", "b", "2"));
        assertThatThrownBy(() -> PropertiesText.read(utf8("nothing"))).isInstanceOf(BadBodyException.class);
    }

    @Test
    void buildsTagsAsClientsDo() {
        SubscriptionData tags = SubscriptionData.ofTags("T", "TagA || TagB ||", 1);

        assertThat(tags.tags()).containsExactly("TagA", "TagB");
        assertThat(tags.codes()).containsExactly(2598919, 2598920);
        assertThat(SubscriptionData.ofTags("T", "*", 1).codes()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "null",
                "[]",
                "{",
                "{}x",
                "{\"clientID\":{}}",
                "{\"clientID\":\"c\"} {}",
                "{\"clientID\":NaN}",
                "{{{{"
            })
    void refusesWhatIsNoHeartbeat(String body) {
        assertThatThrownBy(() -> HeartbeatData.read(utf8(body))).isInstanceOf(BadBodyException.class);
    }

    @Test
    void boundsDepthAndTokens() {
        assertThatThrownBy(() -> HeartbeatData.read(utf8("{\"a\":" + "[".repeat(5_000) + "]".repeat(5_000) + "}")))
                .isInstanceOf(BadBodyException.class);
        assertThatThrownBy(() -> HeartbeatData.read(utf8("{\"a\":[" + "0,".repeat(BodyJson.MOST_TOKENS) + "0]}")))
                .isInstanceOf(BadBodyException.class);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
