package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.vostok.it.client.Consumer;
import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Got;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.client.Sent;
import io.vostok.it.kit.Folders;
import io.vostok.it.kit.Inbox;
import io.vostok.it.kit.Mqadmin;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.PopWire;
import io.vostok.it.kit.Scenario;
import io.vostok.it.kit.Server;
import io.vostok.it.kit.ServerSpec;
import io.vostok.it.kit.Wire;
import io.vostok.kit.Await;
import io.vostok.wire.RequestCode;
import io.vostok.wire.ResponseCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Apache's mqadmin 5.5.0 works on our broker and name server, and prints what is true. */
class AdminIT extends Scenario {
    private static final String CLUSTER = "DefaultCluster";

    @SuppressWarnings("NullAway.Init") // started before any test
    private Mqadmin mqadmin;

    @BeforeAll
    void startMqadmin() {
        mqadmin = new Mqadmin(server.nameServer());
    }

    @AfterAll
    void endMqadmin() {
        mqadmin.close();
    }

    private String broker() {
        return "127.0.0.1:" + server.brokerPort();
    }

    private String ok(String... words) {
        return Mqadmin.text(mqadmin.ok(words));
    }

    private String run(String... words) {
        return Mqadmin.text(mqadmin.run(words));
    }

    /** The numbers of the line that begins with {@code first}, as the columns of a table. */
    private static List<String> row(String table, String first) {
        return table.lines()
                .filter(line -> line.startsWith(first))
                .map(line -> List.of(line.trim().split("\\s+")))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no row " + first + " in\n" + table));
    }

    @Test
    void makesShowsChangesAndDeletesTopics() throws IOException {
        String topic = fresh("admin");
        assertThat(ok("updateTopic", "-c", CLUSTER, "-t", topic, "-r", "3", "-w", "3", "-a", "+message.type=FIFO"))
                .contains("create topic to " + broker() + " success");
        assertThat(ok("topicRoute", "-t", topic)).contains("\"readQueueNums\":3");
        assertThat(ok("topicStatus", "-t", topic)).contains("broker-a                          2");
        assertThat(ok("topicClusterList", "-t", topic)).contains(CLUSTER);
        assertThat(ok("topicList")).contains(topic).contains("TBW102");
        assertThat(ok("updateTopicPerm", "-b", broker(), "-t", topic, "-p", "4"))
                .contains("from 6 to 4");
        assertThat(ok("topicRoute", "-t", topic)).contains("\"perm\":4");
        assertThat(ok("allocateMQ", "-t", topic, "-i", "10.0.0.1,10.0.0.2")).contains("10.0.0.2");

        String first = fresh("list");
        Path list = Files.writeString(
                Folders.make("topics").resolve("topics.json"),
                "[{\"topicName\":\"" + first + "\",\"readQueueNums\":2,\"writeQueueNums\":2,\"perm\":6,"
                        + "\"attributes\":{\"+message.type\":\"DELAY\"}}]");
        assertThat(ok("updateTopicList", "-b", broker(), "-f", list.toString())).contains("success");
        assertThat(ok("topicRoute", "-t", first)).contains("\"readQueueNums\":2");

        assertThat(run("updateTopic", "-c", CLUSTER, "-t", fresh("bad"), "-a", "+no.such=1"))
                .contains("CODE: 29")
                .contains("no.such");
        assertThat(run("updateTopic", "-c", CLUSTER, "-t", "TBW102")).contains("belongs to the broker");

        assertThat(ok("deleteTopic", "-c", CLUSTER, "-t", topic)).contains("success");
        assertThat(run("topicStatus", "-t", topic)).contains("CODE: 17");
        assertThat(ok("topicList")).doesNotContain(topic);
    }

    @Test
    void makesShowsAndDeletesGroups() {
        String group = fresh("group");
        assertThat(ok("updateSubGroup", "-c", CLUSTER, "-g", group, "-q", "2", "-r", "5"))
                .contains("retryQueueNums=2");
        assertThat(ok("getConsumerConfig", "-g", group))
                .contains("retryMaxTimes")
                .contains("=  5");
        assertThat(ok("deleteSubGroup", "-c", CLUSTER, "-g", group)).contains("success");
        assertThat(ok("getConsumerConfig", "-g", group)).doesNotContain("=  5");
    }

    @Test
    void setsHowAGroupConsumes() throws IOException {
        String topic = fresh("mode");
        String group = fresh("group");
        ok("updateTopic", "-c", CLUSTER, "-t", topic);
        ok("updateSubGroup", "-c", CLUSTER, "-g", group);
        assertThat(ok("setConsumeMode", "-c", CLUSTER, "-t", topic, "-g", group, "-m", "POP", "-q", "3"))
                .contains("success");
        try (PopWire pop = new PopWire(server.brokerPort())) {
            JsonNode set = pop.modes().path("messageRequestModeMap").path(topic).path(group);
            assertThat(set.path("mode").asText()).isEqualTo("POP");
            assertThat(set.path("popShareQueueNum").asInt()).isEqualTo(3);
        }
        assertThat(run("setConsumeMode", "-b", broker(), "-t", fresh("unknown"), "-g", group, "-m", "POP"))
                .contains("CODE: 17");
    }

    @Test
    void showsAndMovesWhoConsumes() {
        String topic = fresh("live");
        String group = fresh("g");
        String producers = fresh("p");
        Producer producer =
                closing(client(Peers.NEW).producer(ProducerSpec.of(producers).queues(2)));
        Inbox inbox = new Inbox();
        List<String> texts = IntStream.range(0, 20).mapToObj(i -> "m" + i).toList();
        texts.forEach(text -> producer.send(Draft.of(topic, text)));
        Consumer consumer =
                closing(client(Peers.OLD).consumer(ConsumerSpec.of(group, topic).only("*"), inbox));
        inbox.awaitTexts(texts);
        Await.until("all is counted", SOON, consumer::idle);

        assertThat(ok("consumerConnection", "-g", group))
                .contains("CONSUME_PASSIVELY")
                .contains(topic);
        assertThat(ok("consumerStatus", "-g", group)).contains("V4_9_8").contains("Rebalance OK");
        assertThat(ok("producerConnection", "-g", producers, "-t", topic))
                .contains("JAVA")
                .contains("V5_5_0");
        assertThat(ok("producer", "-b", broker())).contains(producers);
        // The client tells its offsets every five seconds; before the first time there is no row, and so no difference.
        Await.until("all is committed", SOON, () -> {
            String progress = ok("consumerProgress", "-g", group);
            return progress.contains(topic) && progress.contains("Diff Total: 0");
        });
        assertThat(ok("consumerProgress", "-g", group)).contains("Consume TPS");
        assertThat(ok("consumerProgress")).contains(group);
        assertThat(ok("brokerConsumeStats", "-b", broker())).contains(group).containsPattern(topic + " +" + group);
        assertThat(row(ok("statsAll", "-t", topic), topic)).contains(group, "20");
        assertThat(ok("topicList", "-c")).contains(group);

        String copy = fresh("copy");
        ok("updateSubGroup", "-c", CLUSTER, "-g", copy);
        assertThat(ok("cloneGroupOffset", "-s", group, "-d", copy, "-t", topic)).contains("success");
        assertThat(accumulation(topic, copy)).isZero();
        consumer.close();
        assertThat(ok("resetOffsetByTime", "-g", copy, "-t", topic, "-s", "0")).contains("broker-a");
        assertThat(accumulation(topic, copy)).isEqualTo(20);
        assertThat(ok("skipAccumulatedMessage", "-g", copy, "-t", topic)).contains("broker-a");
        assertThat(accumulation(topic, copy)).isZero();
    }

    /** What statsAll says that the group has before it; consumerProgress wants a retry topic, which an offline group has not. */
    private long accumulation(String topic, String group) {
        return ok("statsAll", "-t", topic)
                .lines()
                .map(line -> line.trim().split("\\s+"))
                .filter(cells -> cells.length > 2 && cells[1].equals(group))
                .mapToLong(cells -> Long.parseLong(cells[2]))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no row of " + group));
    }

    @Test
    void findsAndPrintsMessages() {
        String topic = fresh("find");
        Producer producer =
                closing(client(Peers.NEW).producer(ProducerSpec.of(fresh("p")).queues(1)));
        Sent sent = producer.send(Draft.of(topic, "needle").keys("k1").tags("A"));
        Await.until(
                "it is indexed",
                SOON,
                () -> ok("queryMsgByKey", "-t", topic, "-k", "k1").contains(sent.messageId()));

        assertThat(ok("queryMsgById", "-t", topic, "-i", sent.offsetMessageId().get(0)))
                .contains("k1");
        assertThat(ok("queryMsgByUniqueKey", "-t", topic, "-i", sent.messageId()))
                .contains(sent.messageId());
        assertThat(ok("queryMsgByOffset", "-t", topic, "-b", "broker-a", "-i", "0", "-o", "0"))
                .contains("OffsetID:            " + sent.offsetMessageId().get(0));
        assertThat(ok("printMsg", "-t", topic, "-d", "true")).contains("needle");
        assertThat(ok("printMsgByQueue", "-t", topic, "-a", "broker-a", "-i", "0", "-p", "true", "-d", "true"))
                .contains("needle");
        assertThat(ok("consumeMessage", "-t", topic, "-c", "1")).contains("needle");
        assertThat(ok("queryCq", "-t", topic, "-q", "0", "-i", "0", "-c", "1", "-b", broker()))
                .contains("max: 1, min: 0")
                .contains("tagsCode=" + "A".hashCode());
        assertThat(ok("sendMessage", "-t", topic, "-p", "by hand")).contains("SEND_OK");
        assertThat(ok("checkMsgSendRT", "-t", topic, "-a", "2")).contains("true");
        assertThat(ok("sendMsgStatus", "-b", "broker-a", "-c", "1")).contains("SEND_OK");
    }

    @Test
    void tellsHowTheBrokerIs() {
        Producer producer = closing(client(Peers.NEW).producer(ProducerSpec.of(fresh("p"))));
        producer.send(Draft.of(fresh("status"), "m"));

        assertThat(row(ok("clusterList"), CLUSTER)).contains("broker-a", broker(), "V5_5_0", "true");
        List<String> totals = row(ok("clusterList", "-m"), CLUSTER);
        assertThat(Long.parseLong(totals.get(4))).isPositive();
        String status = ok("brokerStatus", "-b", broker());
        assertThat(status).contains("putTps").contains("commitLogMaxOffset");
        assertThat(row(status, "msgPutTotalTodayNow").get(2)).isNotEqualTo("0");
        assertThat(Double.parseDouble(row(status, "putTps").get(2))).isPositive();
        assertThat(ok("haStatus", "-b", broker())).containsPattern("#SlaveNum\\s+0");
        assertThat(ok("cleanExpiredCQ", "-b", broker())).contains("success");
        assertThat(ok("cleanUnusedTopic", "-b", broker())).contains("success");
        assertThat(ok("deleteExpiredCommitLog", "-b", broker())).contains("success");
    }

    @Test
    void changesOnlySettingsThatMayChange() {
        assertThat(ok("getBrokerConfig", "-b", broker()))
                .contains("brokerPermission")
                .contains("fileReservedTime");
        assertThat(ok("updateBrokerConfig", "-b", broker(), "-k", "autoCreateTopicEnable", "-v", "false"))
                .contains("success");
        String unknown = fresh("unknown");
        try (Wire wire = new Wire(server.brokerPort())) {
            assertThat(send(wire, unknown).code()).isEqualTo(17);
            ok("updateBrokerConfig", "-b", broker(), "-k", "autoCreateTopicEnable", "-v", "true");
            assertThat(send(wire, unknown).code()).isZero();
            ok("updateBrokerConfig", "-b", broker(), "-k", "brokerPermission", "-v", "4");
            assertThat(ok("getBrokerConfig", "-b", broker())).containsPattern("brokerPermission +=  4");
            ok("updateBrokerConfig", "-b", broker(), "-k", "brokerPermission", "-v", "6");
        }
        assertThat(run("updateBrokerConfig", "-b", broker(), "-k", "rocketmqHome", "-v", "x"))
                .contains("CODE: 16");
        assertThat(run("updateBrokerConfig", "-b", broker(), "-k", "filterServerNums", "-v", "1"))
                .contains("CODE: 29")
                .contains("filterServerNums");
    }

    /** Apache's CVE-2023-33246 and CVE-2023-37582 were settings of this kind. */
    @Test
    void changesNoPathAndNoCommandWhateverItsName() {
        String before = ok("getBrokerConfig", "-b", broker());
        String namesBefore = ok("getNamesrvConfig");
        for (String name : List.of(
                "rocketmqHome",
                "storePathRootDir",
                "storePathCommitLog",
                "brokerConfigPath",
                "filterServerNums",
                "namesrvAddr",
                "configBlackList",
                "metricsGrpcExporterHeader")) {
            assertThat(run("updateBrokerConfig", "-b", broker(), "-k", name, "-v", "$(touch /tmp/x)"))
                    .as(name)
                    .containsPattern("CODE: (16|29)");
        }
        for (String name : List.of("rocketmqHome", "kvConfigPath", "configStorePath", "configStorePathName")) {
            assertThat(run("updateNamesrvConfig", "-k", name, "-v", "/tmp/x"))
                    .as(name)
                    .contains("Exception", "CODE: ");
        }
        assertThat(ok("getBrokerConfig", "-b", broker())).isEqualTo(before);
        assertThat(ok("getNamesrvConfig")).isEqualTo(namesBefore);
    }

    @Test
    void countsPerTopicAndGroup() {
        Server mine = start(ServerSpec.plain().named("broker-counted"));
        String topic = fresh("counted");
        String group = fresh("g");
        try (Mqadmin admin = new Mqadmin(mine.nameServer())) {
            Producer producer = closing(Peers.client(Peers.NEW, mine.nameServer())
                    .producer(ProducerSpec.of(fresh("p")).queues(1)));
            List<String> texts = IntStream.range(0, 7).mapToObj(i -> "m" + i).toList();
            texts.forEach(text -> producer.send(Draft.of(topic, text)));
            Inbox inbox = new Inbox();
            Consumer consumer =
                    closing(Peers.client(Peers.NEW, mine.nameServer()).consumer(ConsumerSpec.of(group, topic), inbox));
            inbox.awaitTexts(texts);
            closeIdle(consumer);

            String address = "127.0.0.1:" + mine.brokerPort();
            String status = Mqadmin.text(admin.ok("brokerStatus", "-b", address));
            assertThat(row(status, "msgPutTotalTodayNow").get(2)).isEqualTo("7");
            assertThat(row(status, "msgGetTotalTodayNow").get(2)).isEqualTo("7");
            for (String none : List.of(
                    "msgPutTotalTodayMorning",
                    "msgPutTotalYesterdayMorning",
                    "msgGetTotalTodayMorning",
                    "msgGetTotalYesterdayMorning")) {
                assertThat(row(status, none).get(2)).as(none).isEqualTo("0");
            }
            // Topic, group, accumulation, in and out a second, in and out of the last 24 hours.
            // The consumer said farewell without waiting for an answer.
            Await.until(
                    "its offset is there",
                    SOON,
                    () -> "0"
                            .equals(row(Mqadmin.text(admin.ok("statsAll", "-t", topic)), topic)
                                    .get(2)));
            List<String> all = row(Mqadmin.text(admin.ok("statsAll", "-t", topic)), topic);
            assertThat(all.get(1)).isEqualTo(group);
            assertThat(all.subList(5, 7)).containsExactly("7", "7");
            List<String> cluster = row(Mqadmin.text(admin.ok("clusterList", "-m")), CLUSTER);
            assertThat(cluster.subList(2, 6)).as(cluster.toString()).contains("7", "0");
        }
    }

    /** What is not built is refused in words, and nothing of it half done. */
    @Test
    void refusesWhatIsNotBuilt() {
        for (String[] command : new String[][] {
            {"getColdDataFlowCtrInfo", "-b", broker()},
            {"getBrokerEpoch", "-b", "broker-a", "-n", server.nameServer()},
            {"listUser", "-b", broker()},
            {"listAcl", "-b", broker()},
            {"getBrokerLiteInfo", "-b", broker()},
            {"setCommitLogReadAheadMode", "-b", broker(), "-m", "0"},
            {"switchTimerEngine", "-b", broker(), "-e", "R"},
            {"resetMasterFlushOffset", "-b", broker(), "-o", "1"},
        }) {
            assertThat(run(command)).as(command[0]).containsPattern("(?i)(CODE: 3\\b|not supported)");
        }
    }

    private static Wire.Answer send(Wire wire, String topic) {
        return wire.ask(
                10,
                "x".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                "producerGroup",
                "p",
                "topic",
                topic,
                "defaultTopic",
                "TBW102",
                "defaultTopicQueueNums",
                "1",
                "queueId",
                "0",
                "sysFlag",
                "0",
                "bornTimestamp",
                "1",
                "flag",
                "0",
                "properties",
                "");
    }

    @Test
    void keepsTheNameServersConfiguration() {
        String topic = fresh("ordered");
        ok("updateTopic", "-c", CLUSTER, "-t", topic);
        assertThat(ok("updateOrderConf", "-t", topic, "-v", "broker-a:4", "-m", "put"))
                .contains("success");
        assertThat(ok("updateOrderConf", "-t", topic, "-m", "get")).contains("[broker-a:4]");
        assertThat(ok("updateOrderConf", "-t", topic, "-m", "delete")).contains("success");
        try (Wire wire = new Wire(server.nameServerPort())) {
            assertThat(ok("updateKvConfig", "-s", "ns", "-k", "a", "-v", "b")).contains("success");
            assertThat(wire.ask(RequestCode.GET_KV_CONFIG, "namespace", "ns", "key", "a")
                            .ext())
                    .containsEntry("value", "b");
            assertThat(ok("deleteKvConfig", "-s", "ns", "-k", "a")).contains("success");
            assertThat(wire.ask(RequestCode.GET_KV_CONFIG, "namespace", "ns", "key", "a")
                            .code())
                    .isEqualTo(ResponseCode.QUERY_NOT_FOUND);
        }
        assertThat(ok("getNamesrvConfig")).contains("enableTopicList").containsPattern("orderMessageEnable += +false");
        assertThat(ok("updateNamesrvConfig", "-k", "orderMessageEnable", "-v", "true"))
                .contains("success");
        assertThat(ok("getNamesrvConfig")).containsPattern("orderMessageEnable += +true");
        ok("updateNamesrvConfig", "-k", "orderMessageEnable", "-v", "false");
        assertThat(ok("wipeWritePerm", "-b", "broker-a")).contains("OK");
        assertThat(ok("topicRoute", "-t", topic)).contains("\"perm\":4");
        assertThat(ok("addWritePerm", "-b", "broker-a")).contains("OK");
        assertThat(ok("topicRoute", "-t", topic)).contains("\"perm\":6");
    }

    @Test
    void exportsMetadataConfigurationAndFigures() throws IOException {
        String topic = fresh("exported");
        ok("updateTopic", "-c", CLUSTER, "-t", topic);
        String folder = Folders.make("export").toString();

        ok("exportMetadata", "-c", CLUSTER, "-f", folder);
        ok("exportConfigs", "-c", CLUSTER, "-f", folder);
        ok("exportMetrics", "-c", CLUSTER, "-f", folder);

        assertThat(Files.readString(Path.of(folder, "metadata.json"))).contains(topic);
        assertThat(Files.readString(Path.of(folder, "configs.json"))).contains("flushDiskType");
        assertThat(Files.readString(Path.of(folder, "metrics.json")).replaceAll("\\s", ""))
                .contains("\"broker-a\"", "\"rocketmqVersion\":\"V5_5_0\"", "\"normalInTps\":")
                .containsPattern("\"commitLogDiskRatio\":\"0\\.[0-9]+\"")
                .containsPattern("\"messageAverageSize\":\"[0-9.]+\"");
    }

    @Test
    void followsATraceThroughBothClients() {
        String topic = fresh("traced");
        for (String version : List.of(Peers.OLD, Peers.NEW)) {
            Producer producer = closing(client(version)
                    .tracing()
                    .producer(ProducerSpec.of(fresh("p")).queues(1)));
            Inbox inbox = new Inbox();
            Sent sent = producer.send(Draft.of(topic, "by " + version).keys("key"));
            closing(client(version).tracing().consumer(ConsumerSpec.of(fresh("g"), topic), inbox));
            inbox.awaitTexts(List.of("by " + version));

            Await.until("both sides are traced with " + version, SOON, () -> {
                String trace = run("queryMsgTraceById", "-i", sent.messageId());
                return trace.contains("Pub") && trace.contains("Sub");
            });
        }
        assertThat(everything(Peers.NEW, "RMQ_SYS_TRACE_TOPIC"))
                .extracting(Got::keys)
                .isNotEmpty();
    }

    @Test
    void putsMessagesWithAPriorityIntoTheQueueOfThatNumber() {
        String topic = fresh("priority");
        ok("updateTopic", "-c", CLUSTER, "-t", topic, "-r", "4", "-w", "4");
        Producer producer = closing(client(Peers.NEW).producer(ProducerSpec.of(fresh("p"))));

        Sent urgent = producer.send(Draft.of(topic, "urgent").with("_SYS_MSG_PRIORITY_", "2"));
        Sent most = producer.send(Draft.of(topic, "most").with("_SYS_MSG_PRIORITY_", "99"));

        assertThat(urgent.queue().index()).isEqualTo(2);
        assertThat(most.queue().index()).isEqualTo(3);
        assertThat(everything(Peers.NEW, topic))
                .filteredOn(got -> got.text().equals("most"))
                .allSatisfy(got -> assertThat(got.properties()).containsEntry("_SYS_MSG_PRIORITY_", "99"));
    }
}
