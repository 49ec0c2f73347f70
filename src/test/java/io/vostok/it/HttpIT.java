package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Got;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.client.Sent;
import io.vostok.it.kit.Http;
import io.vostok.it.kit.Inbox;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.Scenario;
import io.vostok.it.kit.Server;
import io.vostok.it.kit.ServerSpec;
import io.vostok.it.kit.VostokServer;
import io.vostok.kit.Await;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The HTTP API beside Apache's client: what one side sends the other receives. */
class HttpIT extends Scenario {
    private Http http() {
        return closing(new Http(((VostokServer) server).httpPort()));
    }

    @Override
    protected Server start(ServerSpec spec) {
        return ended(VostokServer.start(spec, "--http.maxStreams=50"));
    }

    @Test
    void aConsumerOfApachesClientReceivesWhatWasSentOverHttp() {
        String topic = fresh("orders");
        Http http = http();
        http.post("/api/v1/topics/" + topic + "/messages", "text/plain", "makes the topic");
        Inbox inbox = new Inbox();
        closing(client(Peers.NEW).consumer(ConsumerSpec.of(fresh("g"), topic), inbox));

        JsonObject sent = http.send(
                topic,
                new JsonObject()
                        .put("body", "grüße")
                        .put("key", "k1 k2")
                        .put("tag", "created")
                        .put("messageGroup", "order-1")
                        .put("idempotencyKey", "once-1")
                        .put("properties", new JsonObject().put("région", "eu")));

        Await.until("both are received", SOON, () -> inbox.all().size() == 2);
        Got got = inbox.all().stream()
                .filter(each -> each.text().equals("grüße"))
                .findFirst()
                .orElseThrow();
        assertThat(got.tags()).isEqualTo("created");
        assertThat(got.keys()).isEqualTo("k1 k2");
        assertThat(got.properties()).containsEntry("région", "eu").containsEntry("UNIQ_KEY", "once-1");
        assertThat(got.queue().index()).isEqualTo(sent.getInteger("queue"));
        assertThat(got.queueOffset()).isEqualTo(sent.getLong("offset"));
    }

    @Test
    void showsAndFindsWhatApachesClientSent() {
        String topic = fresh("found");
        Producer producer = closing(client(Peers.NEW).producer(ProducerSpec.of(fresh("p"))));
        Sent sent = producer.send(Draft.of(topic, "x".repeat(20_000))
                .tags("created")
                .keys("key-1")
                .with("amount", "12"));
        producer.send(Draft.of(topic, "other").with("amount", "9"));
        Http http = http();
        String messages = "/api/v1/topics/" + topic + "/messages";

        JsonObject byUniqueId = http.get(messages + "/" + sent.messageId());
        JsonObject byOffsetId = http.get(messages + "/" + sent.offsetMessageId().get(0));
        Await.until(
                "the index has the key",
                SOON,
                () -> http.get(messages + "?key=key-1").getJsonArray("items").size() == 1);
        JsonArray filtered =
                http.get(messages + "?filter=amount%20%3E%2010&body=none").getJsonArray("items");
        JsonArray tagged = http.get(messages + "?tag=created%7C%7Cgone").getJsonArray("items");

        assertThat(byUniqueId).isEqualTo(byOffsetId);
        // The client compressed it; here it is as it was sent.
        assertThat(byUniqueId.getString("body")).isEqualTo("x".repeat(20_000));
        assertThat(byUniqueId.getJsonObject("properties")).isEqualTo(new JsonObject().put("amount", "12"));
        assertThat(byUniqueId.getJsonArray("keys")).containsExactly("key-1");
        assertThat(filtered).hasSize(1);
        assertThat(filtered.getJsonObject(0).getString("id"))
                .isEqualTo(sent.offsetMessageId().get(0));
        assertThat(filtered.getJsonObject(0).containsKey("body")).isFalse();
        assertThat(tagged).hasSize(1);
    }

    @Test
    void pagesThroughAllQueuesInTheOrderOfTheirStoring() {
        String topic = fresh("pages");
        Http http = http();
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            sent.add("m" + i);
            http.send(topic, new JsonObject().put("body", "m" + i));
        }

        List<String> read = new ArrayList<>();
        String next = "";
        while (next != null) {
            JsonObject page = http.get("/api/v1/topics/" + topic + "/messages?limit=7" + next);
            page.getJsonArray("items").forEach(item -> read.add(((JsonObject) item).getString("body")));
            next = page.getString("next") == null ? null : "&next=" + page.getString("next");
        }

        // Within a millisecond the order of two queues is nobody's.
        assertThat(read).containsExactlyInAnyOrderElementsOf(sent);
        assertThat(read.subList(0, 20)).doesNotContain("m59");
        JsonObject first = http.get("/api/v1/topics/" + topic + "/messages?limit=1")
                .getJsonArray("items")
                .getJsonObject(0);
        String one = http.get("/api/v1/topics/" + topic + "/messages?queue=" + first.getInteger("queue") + "&offset=0")
                .getJsonArray("items")
                .getJsonObject(0)
                .getString("id");
        assertThat(one).isEqualTo(first.getString("id"));
    }

    @Test
    void pageOfAFilterThatMatchesNothingEndsAndGoesOn() {
        String topic = fresh("sparse");
        Http http = http();
        JsonArray many = new JsonArray();
        for (int i = 0; i < 1_000; i++)
            many.add(new JsonObject().put("body", "x").put("queue", 0));
        for (int i = 0; i < 3; i++) http.post("/api/v1/topics/" + topic + "/messages", many);
        http.send(topic, new JsonObject().put("body", "found").put("queue", 0).put("tag", "t"));

        JsonObject page = http.get("/api/v1/topics/" + topic + "/messages?filter=TAGS%20%3D%20%27t%27");

        assertThat(page.getJsonArray("items")).hasSize(1);
        assertThat(page.getString("next")).isNull();
    }

    @Test
    void streamGoesOnWhereItsReaderLeft() {
        String topic = fresh("stream");
        Http http = http();
        http.send(topic, new JsonObject().put("body", "m0"));
        Http.Events first = closing(http.events("/api/v1/topics/" + topic + "/stream?from=earliest", Map.of()));
        Await.until("the first message came", SOON, () -> first.bodies().equals(List.of("m0")));
        for (int i = 1; i <= 5; i++) http.send(topic, new JsonObject().put("body", "m" + i));
        Await.until("live messages came", SOON, () -> first.bodies().size() == 6);
        first.close();
        http.send(topic, new JsonObject().put("body", "m6"));

        Http.Events second =
                closing(http.events("/api/v1/topics/" + topic + "/stream", Map.of("Last-Event-ID", first.lastId())));

        Await.until("the one in between came", SOON, () -> second.bodies().equals(List.of("m6")));
        Producer producer = closing(client(Peers.OLD).producer(ProducerSpec.of(fresh("p"))));
        producer.send(Draft.of(topic, "m7"));
        Await.until(
                "what Apache's client sent came", SOON, () -> second.bodies().equals(List.of("m6", "m7")));
    }

    @Test
    void streamShowsOnlyWhatIsAskedFor() {
        String topic = fresh("filtered");
        Http http = http();
        http.send(topic, new JsonObject().put("body", "makes the topic"));
        Http.Events tagged = closing(http.events("/api/v1/topics/" + topic + "/stream?from=earliest&tag=a", Map.of()));
        Http.Events where = closing(http.events(
                "/api/v1/topics/" + topic + "/stream?from=earliest&filter=n%20BETWEEN%202%20AND%203", Map.of()));
        for (int i = 0; i < 5; i++) {
            http.send(
                    topic,
                    new JsonObject()
                            .put("body", "m" + i)
                            .put("tag", i % 2 == 0 ? "a" : "b")
                            .put("queue", 0)
                            .put("properties", new JsonObject().put("n", String.valueOf(i))));
        }

        Await.until("a's came", SOON, () -> tagged.bodies().equals(List.of("m0", "m2", "m4")));
        Await.until("2 and 3 came", SOON, () -> where.bodies().equals(List.of("m2", "m3")));
    }

    @Test
    void webSocketShowsTheSame() {
        String topic = fresh("socket");
        Http http = http();
        http.send(topic, new JsonObject().put("body", "m0"));

        List<JsonObject> received = http.webSocket("/api/v1/topics/" + topic + "/stream?from=earliest");

        Await.until("the first came", SOON, () -> received.size() == 1);
        http.send(topic, new JsonObject().put("body", "m1"));
        Await.until("the second came", SOON, () -> received.size() == 2);
        assertThat(received.get(1).getJsonObject("message").getString("body")).isEqualTo("m1");
        assertThat(received.get(1).getString("id")).isNotBlank();
    }

    @Test
    void slowReaderGetsEverythingAndCostsNoMemory() {
        String topic = fresh("slow");
        Http http = http();
        http.send(topic, new JsonObject().put("body", "first"));
        Http.Events slow = closing(http.slowEvents("/api/v1/topics/" + topic + "/stream?from=earliest"));
        // 300 MiB, more than the server's heap, while the reader takes nothing.
        byte[] body = new byte[4 << 20];
        java.util.Arrays.fill(body, (byte) 'x');
        for (int i = 0; i < 75; i++) http.postBytes("/api/v1/topics/" + topic + "/messages", body);

        assertThat(http.get("/health/ready").getString("status")).isEqualTo("UP");
        slow.goOn();

        Await.until("all came in the end", SOON, () -> slow.count() == 76);
    }

    @Test
    void delayedMessagesComeInTheirTime() {
        String topic = fresh("later");
        Http http = http();
        http.send(topic, new JsonObject().put("body", "makes the topic"));
        Http.Events events = closing(http.events("/api/v1/topics/" + topic + "/stream", Map.of()));
        long before = System.currentTimeMillis();

        http.send(topic, new JsonObject().put("body", "any delay").put("delay", "1700ms"));
        http.send(topic, new JsonObject().put("body", "level").put("delay", "1s"));

        Await.until("both came", SOON, () -> events.bodies().equals(List.of("level", "any delay")));
        // Never early by more than a timer's precision.
        assertThat(System.currentTimeMillis() - before).isGreaterThanOrEqualTo(1_000);
    }

    @Test
    void requestThatIsRepeatedIsStoredOnce() {
        String topic = fresh("once");
        Http http = http();
        JsonObject message = new JsonObject().put("body", "x").put("idempotencyKey", fresh("key"));

        JsonObject first = http.send(topic, message);
        JsonObject second = http.send(topic, message);

        assertThat(second).isEqualTo(first);
        assertThat(http.get("/api/v1/topics/" + topic + "/messages").getJsonArray("items"))
                .hasSize(1);
    }

    @Test
    void topicThatMayNotBeMadeIsAProblem() {
        HttpResponse<String> answer = http().post("/api/v1/topics/bad*name/messages", "text/plain", "x");

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(new JsonObject(answer.body()).getString("remark")).contains("U+002A");
    }
}
