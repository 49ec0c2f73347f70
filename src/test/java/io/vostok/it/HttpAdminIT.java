package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vostok.it.client.Consumer;
import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.kit.Http;
import io.vostok.it.kit.Inbox;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.Scenario;
import io.vostok.it.kit.Server;
import io.vostok.it.kit.ServerSpec;
import io.vostok.it.kit.VostokServer;
import io.vostok.kit.Await;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Administration over HTTP of what Apache's client uses. */
class HttpAdminIT extends Scenario {
    private Http http() {
        return closing(new Http(((VostokServer) server).httpPort()));
    }

    @Override
    protected Server start(ServerSpec spec) {
        return ended(VostokServer.start(spec));
    }

    private static JsonObject ok(int status, HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return answer.body().isEmpty() ? new JsonObject() : new JsonObject(answer.body());
    }

    @Test
    void topicLivesFromItsCreationToItsEnd() {
        String topic = fresh("orders");
        String path = "/api/v1/topics/" + topic;
        Http http = http();
        JsonObject wish = new JsonObject()
                .put("name", topic)
                .put("readQueues", 3)
                .put("writeQueues", 3)
                .put("attributes", new JsonObject().put("message.type", "FIFO"));

        JsonObject created = ok(201, http.answer("POST", "/api/v1/topics", wish.encode()));
        ok(409, http.answer("POST", "/api/v1/topics", wish.encode()));
        Producer producer = closing(client(Peers.NEW).producer(ProducerSpec.of(fresh("p"))));
        for (int i = 0; i < 6; i++) producer.send(Draft.of(topic, "m" + i));
        JsonObject queues = http.get(path + "/queues");
        JsonObject patched = ok(
                200,
                http.answer(
                        "PATCH", path, "{\"readQueues\":5,\"writeQueues\":5,\"attributes\":{\"message.type\":\"\"}}"));
        JsonObject replaced = ok(200, http.answer("PUT", path, "{\"perm\":4,\"readQueues\":5,\"writeQueues\":5}"));

        assertThat(created)
                .isEqualTo(http.get(path)
                        .put("perm", 6)
                        .put("readQueues", 3)
                        .put("writeQueues", 3)
                        .put("attributes", new JsonObject().put("message.type", "FIFO")));
        assertThat(queues.getJsonArray("items")).hasSize(3);
        assertThat(queues.getJsonArray("items").stream()
                        .mapToLong(queue -> ((JsonObject) queue).getLong("messages"))
                        .sum())
                .isEqualTo(6);
        assertThat(patched.getInteger("readQueues")).isEqualTo(5);
        assertThat(patched.getJsonObject("attributes")).isEmpty();
        assertThat(replaced.getInteger("perm")).isEqualTo(4);
        assertThat(http.get("/api/v1/topics?prefix=" + topic).getJsonArray("items"))
                .hasSize(1);
        assertThat(http.get(path + "/route")
                        .getJsonArray("queues")
                        .getJsonObject(0)
                        .getInteger("perm"))
                .isEqualTo(4);
        ok(204, http.answer("DELETE", path, ""));
        ok(404, http.answer("GET", path, ""));
        ok(404, http.answer("DELETE", path, ""));
    }

    @Test
    void listsGoOnPageByPage() {
        String prefix = fresh("page");
        Http http = http();
        for (int i = 0; i < 5; i++) {
            ok(201, http.answer("POST", "/api/v1/topics", "{\"name\":\"" + prefix + "-" + i + "\"}"));
        }

        JsonObject first = http.get("/api/v1/topics?limit=3&prefix=" + prefix);
        JsonObject second = http.get("/api/v1/topics?limit=3&prefix=" + prefix + "&next=" + first.getString("next"));

        assertThat(first.getJsonArray("items")).hasSize(3);
        assertThat(second.getJsonArray("items")).hasSize(2);
        assertThat(second.getString("next")).isNull();
        assertThat(second.getJsonArray("items").getJsonObject(0).getString("name"))
                .isEqualTo(prefix + "-3");
    }

    @Test
    void showsWhoConsumesAndLetsThemGoOnElsewhereAndBack() {
        String topic = fresh("resets");
        String group = fresh("g");
        String path = "/api/v1/groups/" + group;
        Http http = http();
        ok(
                201,
                http.answer(
                        "POST", "/api/v1/topics", "{\"name\":\"" + topic + "\",\"readQueues\":2,\"writeQueues\":2}"));
        Producer producer = closing(client(Peers.NEW).producer(ProducerSpec.of(fresh("p"))));
        for (int i = 0; i < 20; i++) producer.send(Draft.of(topic, "m" + i));
        Inbox inbox = new Inbox();
        Consumer consumer = closing(client(Peers.NEW).consumer(ConsumerSpec.of(group, topic), inbox));
        Await.until("all are consumed", SOON, () -> inbox.all().size() == 20);
        JsonObject online = http.get(path);
        JsonArray subscriptions = http.get("/api/v1/subscriptions").getJsonArray("items");
        JsonArray clients = http.get("/api/v1/clients?group=" + group).getJsonArray("items");
        JsonArray groups = http.get("/api/v1/topics/" + topic + "/groups").getJsonArray("items");
        closeIdle(consumer);
        Await.until("all is committed", SOON, () -> lag(http, path, topic) == 0);

        JsonObject wish = new JsonObject().put("topic", topic).put("to", "earliest");
        JsonObject preview = ok(
                200,
                http.answer(
                        "POST",
                        path + "/offsets:reset",
                        wish.copy().put("dryRun", true).encode()));
        long lagAfterPreview = lag(http, path, topic);
        JsonObject done = ok(200, http.answer("POST", path + "/offsets:reset", wish.encode()));
        long lagAfterReset = lag(http, path, topic);
        JsonArray before = new JsonArray();
        done.getJsonArray("items")
                .forEach(item -> before.add(new JsonObject()
                        .put("queue", ((JsonObject) item).getInteger("queue"))
                        .put("offset", ((JsonObject) item).getLong("before"))));
        JsonObject undo = new JsonObject().put("topic", topic).put("offsets", before);
        ok(200, http.answer("POST", path + "/offsets:reset", undo.encode()));

        assertThat(online.getJsonArray("members")).hasSize(1);
        assertThat(online.getString("messageModel")).isEqualTo("CLUSTERING");
        assertThat(subscriptions.stream().map(each -> ((JsonObject) each).getString("group")))
                .contains(group);
        assertThat(clients.getJsonObject(0).getString("language")).isEqualTo("JAVA");
        assertThat(groups.getJsonObject(0))
                .isEqualTo(new JsonObject()
                        .put("group", group)
                        .put("subscribed", true)
                        .put("members", 1));
        assertThat(preview.getJsonArray("items")).isEqualTo(done.getJsonArray("items"));
        assertThat(lagAfterPreview).isZero();
        assertThat(lagAfterReset).isEqualTo(20);
        assertThat(lag(http, path, topic)).isZero();
        assertThat(http.get("/api/v1/lag?limit=500").getJsonArray("items").stream()
                        .map(each -> ((JsonObject) each).getString("group")))
                .contains(group);
    }

    private static long lag(Http http, String path, String topic) {
        return http.get(path + "/lag?topic=" + topic).getLong("lag");
    }

    @Test
    void groupLivesFromItsCreationToItsEnd() {
        String group = fresh("g");
        String path = "/api/v1/groups/" + group;
        Http http = http();

        JsonObject created =
                ok(201, http.answer("POST", "/api/v1/groups", "{\"name\":\"" + group + "\",\"retryMaxTimes\":3}"));
        JsonObject patched = ok(200, http.answer("PATCH", path, "{\"consumeEnabled\":false}"));
        JsonObject replaced = ok(200, http.answer("PUT", path, "{}"));

        assertThat(created.getInteger("retryMaxTimes")).isEqualTo(3);
        assertThat(patched.getInteger("retryMaxTimes")).isEqualTo(3);
        assertThat(patched.getBoolean("consumeEnabled")).isFalse();
        assertThat(replaced.getInteger("retryMaxTimes")).isEqualTo(16);
        assertThat(replaced.getBoolean("consumeEnabled")).isTrue();
        ok(204, http.answer("DELETE", path, ""));
        ok(404, http.answer("GET", path, ""));
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        Http http = http();

        for (String body : List.of(
                "{}",
                "{\"name\":\"x\",\"queues\":3}",
                "{\"name\":\"x\",\"perm\":\"rw\"}",
                "{\"name\":\"x\",\"attributes\":{\"message.type\":\"NO\"}}",
                "{\"name\":\"x\",\"attributes\":{\"a,+message.type\":\"NORMAL\"}}",
                "{\"name\":\"bad*name\"}",
                "{\"name\":\"TBW102\"}")) {
            HttpResponse<String> answer = http.answer("POST", "/api/v1/topics", body);
            assertThat(answer.statusCode()).as(body + answer.body()).isIn(400, 409);
        }
        ok(400, http.answer("PATCH", "/api/v1/topics/TBW102", "{\"perm\":0}"));
        ok(400, http.answer("DELETE", "/api/v1/groups/TOOLS_CONSUMER", ""));
    }

    @Test
    void tellsHowTheBrokerIsAndChangesWhatCanBeChangedLive() {
        Http http = http();
        JsonObject cluster = http.get("/api/v1/cluster");
        String name = cluster.getJsonArray("brokers").getJsonObject(0).getString("name");
        String path = "/api/v1/brokers/" + name;
        http.send(fresh("counted"), new JsonObject().put("body", "x"));

        JsonObject figures = http.get(path);
        JsonObject changed = ok(200, http.answer("PATCH", path + "/settings", "{\"traceOn\":\"false\"}"));
        HttpResponse<String> dangerous =
                http.answer("PATCH", path + "/settings", "{\"traceOn\":\"true\",\"rocketmqHome\":\"/tmp\"}");

        assertThat(cluster.getString("name")).isEqualTo("DefaultCluster");
        assertThat(figures.getBoolean("writable")).isTrue();
        assertThat(figures.getJsonObject("puts").getLong("messages")).isPositive();
        assertThat(figures.getLong("logBytes")).isPositive();
        assertThat(changed.getJsonArray("items"))
                .contains(new JsonObject()
                        .put("name", "traceOn")
                        .put("value", "false")
                        .put("live", true));
        assertThat(changed.getJsonArray("documentation").getJsonObject(0).getString("meaning"))
                .isNotBlank();
        assertThat(dangerous.statusCode()).isEqualTo(403);
        assertThat(http.get(path + "/settings").getJsonArray("items"))
                .contains(new JsonObject()
                        .put("name", "traceOn")
                        .put("value", "false")
                        .put("live", true));
        ok(404, http.answer("GET", "/api/v1/brokers/another", ""));
    }

    @Test
    void tellsWhatTheProcessUsesOfItsMachine() {
        JsonObject process = http().get("/api/v1/brokers/broker-a/process");

        assertThat(process.getLong("pid")).isEqualTo(server.pid());
        assertThat(process.getLong("heapMaxBytes")).isBetween(200L << 20, 256L << 20);
        assertThat(process.getLong("heapUsedBytes")).isBetween(1L, process.getLong("heapMaxBytes"));
        assertThat(process.getLong("residentBytes")).isBetween(20L << 20, process.getLong("machineBytes"));
        assertThat(process.getLong("openFiles")).isBetween(5L, process.getLong("maxOpenFiles"));
        assertThat(process.getLong("mappings")).isBetween(5L, process.getLong("maxMappings"));
        ok(404, http().answer("GET", "/api/v1/brokers/another/process", ""));
    }

    @Test
    void recallsAMessageThatWaits() {
        String topic = fresh("recalled");
        Http http = http();
        http.send(topic, new JsonObject().put("body", "makes the topic"));
        JsonObject sent = http.send(topic, new JsonObject().put("body", "never").put("delay", "90m"));
        String path = "/api/v1/topics/" + topic + "/messages:recall";

        JsonObject recalled = ok(
                200,
                http.answer(
                        "POST",
                        path,
                        new JsonObject()
                                .put("recallHandle", sent.getString("recallHandle"))
                                .encode()));
        HttpResponse<String> nonsense = http.answer("POST", path, "{\"recallHandle\":\"nonsense\"}");

        assertThat(recalled.getString("uniqueId")).isEqualTo(sent.getString("uniqueId"));
        assertThat(nonsense.statusCode()).isEqualTo(410);
    }

    @Test
    void showsEveryBrokerOfTheClusterAndWhichAnswer() {
        VostokServer other = ended(VostokServer.start(
                ServerSpec.plain().named("broker-b").registeringWith(server.nameServer()), "--http.host=0.0.0.0"));
        Http http = http();
        assertThat(other.tail()).contains("http listens on 0.0.0.0 without authentication");

        Await.until("both answer", SOON, () -> alive(http).equals(List.of("broker-a true", "broker-b true")));
        JsonObject self = http.get("/api/v1/cluster").getJsonArray("brokers").stream()
                .map(each -> (JsonObject) each)
                .filter(each -> each.getBoolean("self"))
                .findFirst()
                .orElseThrow();
        assertThat(self.getString("name")).isEqualTo("broker-a");
        assertThat(self.getInteger("topics")).isPositive();
        String topic = fresh("everywhere");
        Http second = closing(new Http(other.httpPort()));
        for (Http each : List.of(http, second)) {
            ok(201, each.answer("POST", "/api/v1/topics", "{\"name\":\"" + topic + "\"}"));
        }
        assertThat(http.get("/api/v1/topics/" + topic + "/route").getJsonArray("queues"))
                .hasSize(2);
        other.pause();
        Await.until("one does not answer", SOON, () -> alive(http).equals(List.of("broker-a true", "broker-b false")));
    }

    @Test
    void showsWhoHasSentToATopic() {
        String topic = fresh("sent");
        String group = fresh("p");
        Http http = http();
        Producer producer = closing(client(Peers.OLD).producer(ProducerSpec.of(group)));
        producer.send(Draft.of(topic, "1"));
        producer.send(Draft.of(fresh("another"), "2"));
        producer.send(Draft.of(topic, "3"));
        String path = "/api/v1/topics/" + topic + "/producers";
        Await.until(
                "its heartbeat came",
                SOON,
                () -> http.get(path).getJsonArray("items").getJsonObject(0).getBoolean("online"));

        JsonArray items = http.get(path).getJsonArray("items");
        assertThat(items).hasSize(1);
        assertThat(items.getJsonObject(0).getString("producerGroup")).isEqualTo(group);
        assertThat(items.getJsonObject(0).getString("clientId")).isNotBlank();
        producer.close();
        Await.until(
                "it is gone",
                SOON,
                () -> !http.get(path).getJsonArray("items").getJsonObject(0).getBoolean("online"));
    }

    private static List<String> alive(Http http) {
        return http.get("/api/v1/cluster").getJsonArray("brokers").stream()
                .map(each -> (JsonObject) each)
                .map(each -> each.getString("name") + " " + each.getBoolean("alive"))
                .sorted()
                .toList();
    }
}
