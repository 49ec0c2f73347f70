package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.kit.Http;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.Scenario;
import io.vostok.it.kit.Server;
import io.vostok.it.kit.ServerSpec;
import io.vostok.it.kit.VostokServer;
import io.vostok.kit.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Consuming over HTTP what Apache's client sent. */
class HttpConsumeIT extends Scenario {
    private Http http() {
        return closing(new Http(((VostokServer) server).httpPort()));
    }

    @Override
    protected Server start(ServerSpec spec) {
        return ended(VostokServer.start(spec));
    }

    private Producer producer() {
        return closing(client(Peers.NEW).producer(ProducerSpec.of(fresh("p"))));
    }

    private static JsonArray receive(Http http, String group, String query) {
        return ok(http.answer("POST", "/api/v1/groups/" + group + "/messages:receive?" + query, ""))
                .getJsonArray("items");
    }

    private static JsonObject act(Http http, String group, String verb, JsonObject body) {
        return ok(http.answer("POST", "/api/v1/groups/" + group + "/messages:" + verb, body.encode()));
    }

    private static JsonObject ok(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return new JsonObject(answer.body());
    }

    private static JsonObject receipts(JsonArray messages) {
        JsonArray receipts = new JsonArray();
        messages.forEach(message -> receipts.add(((JsonObject) message).getString("receipt")));
        return new JsonObject().put("receipts", receipts);
    }

    @Test
    void receivesEachMessageOnceAndNoMoreAfterItsAck() {
        String topic = fresh("orders");
        String group = fresh("g");
        Producer producer = producer();
        Set<String> sent = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            producer.send(Draft.of(topic, "m" + i).tags("t").keys("k" + i));
            sent.add("m" + i);
        }
        Http http = http();

        Set<String> received = new HashSet<>();
        Await.until("all are received and acked", SOON, () -> {
            JsonArray messages = receive(http, group, "topic=" + topic + "&max=20&wait=1s&invisible=5m");
            messages.forEach(message -> {
                JsonObject each = (JsonObject) message;
                assertThat(each.getInteger("attempt")).isEqualTo(1);
                assertThat(each.getString("topic")).isEqualTo(topic);
                assertThat(received.add(each.getString("body"))).isTrue();
            });
            if (!messages.isEmpty()) {
                assertThat(act(http, group, "ack", receipts(messages)).getInteger("failed"))
                        .isZero();
            }
            return received.size() == 50;
        });

        assertThat(received).isEqualTo(sent);
        assertThat(receive(http, group, "topic=" + topic)).isEmpty();
    }

    @Test
    void longPollHearsWhatArrivesAndSeveralTopicsAtOnce() throws InterruptedException {
        String first = fresh("a");
        String second = fresh("b");
        String group = fresh("g");
        Producer producer = producer();
        producer.send(Draft.of(first, "makes the topic"));
        producer.send(Draft.of(second, "makes the topic"));
        Http http = http();
        String both = "topic=" + first + "," + second;
        Await.until(
                "both were received",
                SOON,
                () -> receive(http, group, both + "&invisible=5m").isEmpty());
        Thread later = new Thread(() -> producer.send(Draft.of(second, "late")));

        later.start();
        JsonArray messages = receive(http, group, both + "&wait=15s");
        later.join();

        assertThat(messages).hasSize(1);
        assertThat(messages.getJsonObject(0).getString("body")).isEqualTo("late");
        assertThat(messages.getJsonObject(0).getString("topic")).isEqualTo(second);
    }

    @Test
    void takesOnlyWhatTheFilterWants() {
        String topic = fresh("filtered");
        Producer producer = producer();
        for (int i = 0; i < 4; i++) {
            producer.send(
                    Draft.of(topic, "m" + i).tags(i % 2 == 0 ? "even" : "odd").with("n", Integer.toString(i)));
        }
        Http http = http();

        Set<String> odd = new HashSet<>();
        String tagged = fresh("tagged");
        Set<String> large = new HashSet<>();
        String where = fresh("where");
        Await.until("the odd ones and the large ones came", SOON, () -> {
            receive(http, tagged, "topic=" + topic + "&invisible=5m&tag=odd")
                    .forEach(message -> odd.add(((JsonObject) message).getString("body")));
            receive(http, where, "topic=" + topic + "&invisible=5m&filter=n%20%3E%201")
                    .forEach(message -> large.add(((JsonObject) message).getString("body")));
            return odd.size() >= 2 && large.size() >= 2;
        });

        assertThat(odd).containsExactlyInAnyOrder("m1", "m3");
        assertThat(large).containsExactlyInAnyOrder("m2", "m3");
    }

    @Test
    void messagesThatAreGivenBackComeAgainAndThoseGivenUpDoNot() {
        String topic = fresh("failing");
        String group = fresh("g");
        producer().send(Draft.of(topic, "m"));
        Http http = http();
        JsonArray first = receive(http, group, "topic=" + topic + "&wait=10s&invisible=5m");

        JsonObject nack = act(http, group, "nack", receipts(first));
        JsonArray second = receive(http, group, "topic=" + topic + "&wait=15s&invisible=5m");
        JsonObject extended = act(http, group, "extend", receipts(second).put("invisible", "10m"));
        JsonObject stale = act(http, group, "nack", receipts(second));
        String newest = extended.getJsonArray("items").getJsonObject(0).getString("newReceipt");
        JsonObject dead = act(
                http,
                group,
                "nack",
                new JsonObject().put("receipts", new JsonArray().add(newest)).put("deadLetter", true));

        assertThat(nack.getInteger("accepted")).isEqualTo(1);
        assertThat(second).hasSize(1);
        assertThat(second.getJsonObject(0).getInteger("attempt")).isEqualTo(2);
        assertThat(second.getJsonObject(0).getString("topic")).isEqualTo(topic);
        assertThat(stale.getJsonArray("items").getJsonObject(0).getInteger("status"))
                .isEqualTo(410);
        assertThat(dead.getInteger("accepted")).as(dead.encode()).isEqualTo(1);
        assertThat(receive(http, group, "topic=" + topic)).isEmpty();
        JsonArray deadLetters =
                http.get("/api/v1/topics/%25DLQ%25" + group + "/messages").getJsonArray("items");
        assertThat(deadLetters).hasSize(1);
        assertThat(deadLetters.getJsonObject(0).getString("body")).isEqualTo("m");
        assertThat(http.get("/api/v1/groups/never-seen/dlq").getJsonArray("items"))
                .isEmpty();
    }

    @Test
    void waitEndsWithItsClient() throws IOException {
        String topic = fresh("gone");
        String group = fresh("g");
        Producer producer = producer();
        producer.send(Draft.of(topic, "first"));
        Http http = http();
        JsonArray first = receive(http, group, "topic=" + topic + "&wait=10s");
        act(http, group, "ack", receipts(first));
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), ((VostokServer) server).httpPort())) {
            socket.getOutputStream()
                    .write(("POST /api/v1/groups/" + group + "/messages:receive?wait=30s&invisible=5m&topic=" + topic
                                    + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().flush();
            // The request has come when a later one of another connection has its answer.
            assertThat(receive(http, group, "topic=" + topic + "&wait=500ms")).isEmpty();
        }
        producer.send(Draft.of(topic, "second"));

        JsonArray second = receive(http, group, "topic=" + topic + "&wait=20s");

        assertThat(second).hasSize(1);
        assertThat(second.getJsonObject(0).getString("body")).isEqualTo("second");
    }

    @Test
    void receiptsOfOthersAreRefusedOneByOne() {
        String topic = fresh("receipts");
        String group = fresh("g");
        producer().send(Draft.of(topic, "m"));
        Http http = http();
        JsonObject mine = receipts(receive(http, group, "topic=" + topic + "&wait=10s&invisible=5m"));
        mine.getJsonArray("receipts").add("nonsense");

        JsonObject foreign = act(http, "other", "ack", mine);
        JsonObject own = act(http, group, "ack", mine);

        assertThat(foreign.getInteger("failed")).isEqualTo(2);
        assertThat(foreign.getJsonArray("items").getJsonObject(0).getString("remark"))
                .contains(group);
        assertThat(own.getInteger("accepted")).isEqualTo(1);
        assertThat(own.getInteger("failed")).isEqualTo(1);
    }

    @Test
    void whatCannotBeAskedIsAProblem() {
        Http http = http();
        String receive = "/api/v1/groups/g/messages:receive";

        assertThat(http.answer("POST", receive, "").statusCode()).isEqualTo(400);
        assertThat(http.answer("POST", receive + "?topic=nothing-here", "").statusCode())
                .isEqualTo(404);
        assertThat(http.answer("POST", receive + "?topic=x&max=33", "").statusCode())
                .isEqualTo(400);
        assertThat(http.answer("POST", "/api/v1/groups/g/messages:ack", "{\"receipts\":[]}")
                        .statusCode())
                .isEqualTo(400);
        assertThat(http.post("/api/v1/groups/g/messages:ack", "text/xml", "<a/>")
                        .statusCode())
                .isEqualTo(415);
    }
}
