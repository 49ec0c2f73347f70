package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vostok.it.client.Consumer;
import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.kit.Child;
import io.vostok.it.kit.Folders;
import io.vostok.it.kit.Http;
import io.vostok.it.kit.Inbox;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.Scenario;
import io.vostok.it.kit.Server;
import io.vostok.it.kit.ServerSpec;
import io.vostok.it.kit.VostokServer;
import io.vostok.kit.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What Apache's Dashboard asks through the admin client for each of its pages. The Dashboard itself is not published to
 * Maven Central, so its calls are made by {@code Dashboard} of the peers' sources.
 */
class DashboardIT extends Scenario {
    private static final int SENT = 20;

    @Override
    protected Server start(ServerSpec spec) {
        return ended(VostokServer.start(spec));
    }

    @Test
    void everyPageShowsWhatIsTrue() {
        String topic = fresh("dash");
        String group = fresh("g");
        String producers = fresh("p");
        Producer producer =
                closing(client(Peers.NEW).producer(ProducerSpec.of(producers).queues(2)));
        List<String> texts = IntStream.range(0, SENT).mapToObj(i -> "m" + i).toList();
        texts.forEach(text -> producer.send(Draft.of(topic, text).keys("key-" + text)));
        Inbox inbox = new Inbox();
        Consumer consumer = closing(client(Peers.NEW).consumer(ConsumerSpec.of(group, topic), inbox));
        inbox.awaitTexts(texts);
        Await.until("all is counted", SOON, consumer::idle);
        String deadGroup = fresh("dead");
        killOne(topic, deadGroup);
        Inbox again = new Inbox();
        closing(client(Peers.NEW).consumer(ConsumerSpec.of(deadGroup, topic), again));
        Http http = closing(new Http(((VostokServer) server).httpPort()));
        Await.until(
                "offsets and both members are known",
                SOON,
                () -> committed(http, group, topic) == SENT
                        && http.get("/api/v1/clients?kind=consumer")
                                        .getJsonArray("items")
                                        .size()
                                == 2);
        Await.until(
                "it is indexed",
                SOON,
                () -> !http.get("/api/v1/topics/" + topic + "/messages?key=key-m7")
                        .getJsonArray("items")
                        .isEmpty());

        Map<String, String> pages = pages(topic, group, deadGroup, producers, "key-m7");

        assertThat(pages)
                .containsEntry("cluster.names", "[DefaultCluster]")
                .containsEntry("cluster.brokers", "{broker-a={0=127.0.0.1:" + server.brokerPort() + "}}")
                .containsEntry("runtime.brokerVersionDesc", "V5_5_0")
                .containsEntry("config.brokerName", "broker-a")
                .containsEntry("topic.list", "true")
                .containsEntry("topic.config", "2 6 NORMAL")
                .containsEntry("topic.route", "{0=127.0.0.1:" + server.brokerPort() + "}")
                .containsEntry("group.list", "true")
                .containsEntry("group.row", "1 CONSUME_PASSIVELY CLUSTERING lag 0 tps true")
                .containsEntry("group.queues", "[0:10/10 owned dated, 1:10/10 owned dated]")
                .containsEntry("group.config", "16")
                .containsEntry("group.stack", "true true")
                .containsEntry("producer.connections", "1")
                .containsEntry("message.byKey", "1 m7")
                .containsEntry("message.byUniqueId", "key-m7")
                .containsEntry("message.byOffsetId", "key-m7")
                .containsEntry("message.byTime", Integer.toString(SENT))
                .containsEntry("message.consumedDirectly", "CR_SUCCESS")
                .containsEntry("dlq.route", "1")
                .containsEntry("dlq.letters", "1")
                .containsEntry("dlq.resend", "CR_SUCCESS")
                .containsEntry("change.topic", "3")
                .containsEntry("change.group", "7")
                .containsEntry("change.send", "SEND_OK")
                .containsEntry("change.reset", "3 0")
                .containsEntry("change.deleteGroup", "false")
                .containsEntry("change.deleteTopic", "false");
        assertThat(pages.get("topic.stats")).isEqualTo("{0=0-10, 1=0-10}");
        assertThat(pages.get("topic.system"))
                .contains("TBW102", "broker-a", "DefaultCluster")
                .doesNotContain(topic);
        assertThat(pages.get("topic.groups")).contains(group + "=0").contains(deadGroup);
        assertThat(pages.get("message.tracks")).contains(group + "=CONSUMED");
        assertThat(pages.get("dlq.export")).matches("m\\d+ of " + topic + " true");
        assertThat(pages.get("acl.users")).as("an honest refusal").contains("Exception", "not");
        figuresAreReal(pages);
    }

    /** Only this test sent anything to this server: its messages, the dead letter and what popping stores. */
    private static void figuresAreReal(Map<String, String> pages) {
        assertThat(Long.parseLong(pages.get("runtime.msgPutTotalTodayNow"))).isBetween((long) SENT, SENT + 10L);
        assertThat(Long.parseLong(pages.get("runtime.msgGetTotalTodayNow"))).isGreaterThanOrEqualTo(SENT);
        for (String none : List.of(
                "runtime.msgPutTotalTodayMorning",
                "runtime.msgPutTotalYesterdayMorning",
                "runtime.msgGetTotalTodayMorning")) {
            assertThat(pages).as(none).containsEntry(none, "0");
        }
        assertThat(pages.get("runtime.putTps")).matches("[0-9.]+ [0-9.]+ [0-9.]+");
        assertThat(Double.parseDouble(pages.get("runtime.commitLogDiskRatio"))).isBetween(0.0, 1.0);
        assertThat(Long.parseLong(pages.get("runtime.bootTimestamp"))).isPositive();
        assertThat(pages).containsEntry("stats.topic", Integer.toString(SENT));
        assertThat(pages).containsEntry("stats.group", Integer.toString(SENT));
    }

    private static long committed(Http http, String group, String topic) {
        return http.get("/api/v1/groups/" + group + "/offsets?topic=" + topic).getJsonArray("items").stream()
                .mapToLong(each -> ((JsonObject) each).getLong("offset"))
                .sum();
    }

    /** Has one message become a dead letter of the group. */
    private void killOne(String topic, String group) {
        Http http = closing(new Http(((VostokServer) server).httpPort()));
        String path = "/api/v1/groups/" + group + "/messages";
        JsonObject got = new JsonObject(http.answer("POST", path + ":receive?topic=" + topic + "&max=1&wait=10s", "")
                .body());
        String receipt = got.getJsonArray("items").getJsonObject(0).getString("receipt");
        JsonObject body =
                new JsonObject().put("receipts", new JsonArray().add(receipt)).put("deadLetter", true);
        assertThat(http.answer("POST", path + ":nack", body.encode()).body()).contains("\"failed\":0");
    }

    private Map<String, String> pages(String... args) {
        Path folder = Folders.make("dashboard");
        List<String> words = new java.util.ArrayList<>(List.of(
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Duser.home=" + folder,
                "-cp",
                Peers.serverClassPath("io/vostok/it/apache/Dashboard.java"),
                "io.vostok.it.apache.Dashboard",
                server.nameServer()));
        words.addAll(List.of(args));
        Child program = Child.java("dashboard", folder, words);
        assertThat(program.await(Duration.ofMinutes(2))).as(program.tail()).isZero();
        Map<String, String> pages = new LinkedHashMap<>();
        for (String line : program.lines()) {
            int equals = line.indexOf('=');
            if (equals > 0) pages.put(line.substring(0, equals), line.substring(equals + 1));
        }
        return pages;
    }
}
