package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vostok.it.client.Consumer;
import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Got;
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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Dead letters are sent again over HTTP, to the consumers that gave them up. */
class HttpRedriveIT extends Scenario {
    private Http http() {
        return closing(new Http(((VostokServer) server).httpPort()));
    }

    @Override
    protected Server start(ServerSpec spec) {
        return ended(VostokServer.start(spec));
    }

    private static JsonObject ok(int status, HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return new JsonObject(answer.body());
    }

    private static String path(String group) {
        return "/api/v1/groups/" + group + "/dlq";
    }

    private static JsonObject redrive(Http http, String group, JsonObject wish) {
        ok(202, http.answer("POST", path(group) + ":redrive", wish.encode()));
        Await.until(
                "the redrive is over",
                SOON,
                () -> !http.get(path(group) + ":redrive").getString("state").equals("running"));
        return http.get(path(group) + ":redrive");
    }

    private static JsonObject preview(Http http, String group, JsonObject wish) {
        return ok(
                200,
                http.answer(
                        "POST",
                        path(group) + ":redrive",
                        wish.copy().put("dryRun", true).encode()));
    }

    private static List<JsonObject> deadLetters(Http http, String group, String query) {
        return http.get(path(group) + "?limit=100" + query).getJsonArray("items").stream()
                .map(item -> (JsonObject) item)
                .toList();
    }

    @Test
    void onlyTheGroupThatGaveThemUpGetsDeadLettersAgainAndOnce() {
        String topic = fresh("orders");
        String group = fresh("billing");
        Http http = http();
        Producer producer = closing(client(Peers.NEW).producer(ProducerSpec.of(fresh("p"))));
        for (int i = 0; i < 20; i++) {
            producer.send(Draft.of(topic, "m" + i)
                    .tags(i % 2 == 0 ? "even" : "odd")
                    .keys("k" + i)
                    .with("number", "" + i));
        }
        Inbox other = new Inbox();
        closing(client(Peers.NEW).consumer(ConsumerSpec.of(fresh("other"), topic), other));
        ConsumerSpec spec = ConsumerSpec.of(group, topic).maxReconsumeTimes(0);
        Consumer failing = closing(client(Peers.OLD).consumer(spec, messages -> false));
        Await.until(
                "all are dead letters", SOON, () -> deadLetters(http, group, "").size() == 20);
        other.awaitCount(20);
        closeIdle(failing);
        Inbox inbox = new Inbox();
        closing(client(Peers.OLD).consumer(spec, inbox));

        assertThat(preview(http, group, new JsonObject()).getInteger("matched")).isEqualTo(20);
        assertThat(deadLetters(http, group, "&topic=" + topic + "&tag=even")).hasSize(10);
        assertThat(deadLetters(http, group, "&topic=elsewhere")).isEmpty();
        JsonObject byKey = deadLetters(http, group, "&key=k7").get(0);
        assertThat(byKey.getString("originTopic")).isEqualTo(topic);
        assertThat(byKey.getBoolean("redriven")).isFalse();
        JsonObject named = redrive(
                http,
                group,
                new JsonObject()
                        .put("ids", new JsonArray().add(byKey.getString("id")).add("x")));
        inbox.awaitTexts(List.of("m7"));
        JsonObject odd = redrive(http, group, new JsonObject().put("tag", "odd").put("ratePerSecond", 1_000));
        JsonObject rest = redrive(http, group, new JsonObject().put("filter", "number >= 0"));
        JsonObject nothing = redrive(http, group, new JsonObject());
        inbox.awaitCount(20);

        assertThat(named.getInteger("sent")).isEqualTo(1);
        assertThat(named.getJsonArray("failures").getJsonObject(0).getString("id"))
                .isEqualTo("x");
        assertThat(odd.getInteger("sent")).isEqualTo(9);
        assertThat(odd.getInteger("skipped")).isEqualTo(1);
        assertThat(rest.getInteger("sent")).isEqualTo(10);
        assertThat(nothing.getInteger("sent")).isZero();
        assertThat(nothing.getInteger("skipped")).isEqualTo(20);
        assertThat(deadLetters(http, group, "")).allMatch(each -> each.getBoolean("redriven"));
        Got got = inbox.all().get(0);
        assertThat(got.reconsumeTimes()).isZero();
        assertThat(got.topic()).isEqualTo(topic);
        assertThat(other.all()).hasSize(20);

        // To everybody, but only when that is asked for.
        JsonObject toAll = redrive(
                http,
                group,
                new JsonObject()
                        .put("target", "topic")
                        .put("filter", "number < 3")
                        .put("again", true));
        assertThat(toAll.getInteger("sent")).isEqualTo(3);
        other.awaitCount(23);
        inbox.awaitCount(23);
        ok(404, http.answer("DELETE", path(group) + ":redrive", ""));
    }

    @Test
    void aKillInTheMiddleLosesNothingAndTheNextRedriveGoesOn() {
        String topic = fresh("killed");
        String group = fresh("g");
        int count = 600;
        VostokServer own = ended(VostokServer.start(ServerSpec.plain()));
        Http http = closing(new Http(own.httpPort()));
        JsonArray messages = new JsonArray();
        for (int i = 0; i < count; i++) messages.add(new JsonObject().put("body", "m" + i));
        http.post("/api/v1/topics/" + topic + "/messages", messages);
        giveUpAll(http, topic, group, count);

        ok(202, http.answer("POST", path(group) + ":redrive", "{\"ratePerSecond\": 100}"));
        ok(409, http.answer("POST", path(group) + ":redrive", "{}"));
        Await.until(
                "some are sent", SOON, () -> http.get(path(group) + ":redrive").getInteger("sent") > 250);
        own.kill();
        own.restart();
        assertThat(http.get(path(group) + ":redrive"))
                .isEqualTo(new JsonObject().put("group", group).put("state", "none"));
        JsonObject second = redrive(http, group, new JsonObject().put("ratePerSecond", 10_000));
        Set<String> bodies = new HashSet<>();
        List<String> all = new ArrayList<>();
        while (bodies.size() < count) {
            for (JsonObject message : receive(http, topic, group)) {
                bodies.add(message.getString("body"));
                all.add(message.getString("body"));
                assertThat(message.getInteger("attempt")).isEqualTo(1);
            }
        }

        // What was sent in the last second or so before the kill may come twice.
        assertThat(second.getString("state")).isEqualTo("done");
        assertThat(second.getInteger("skipped")).isPositive();
        assertThat(second.getInteger("sent")).isEqualTo(count - second.getInteger("skipped"));
        assertThat(bodies).hasSize(count);
        assertThat(all.size()).isLessThan(2 * count);
    }

    private static List<JsonObject> receive(Http http, String topic, String group) {
        String messages = "/api/v1/groups/" + group + "/messages";
        JsonObject answer =
                ok(200, http.answer("POST", messages + ":receive?max=32&wait=5s&invisible=120s&topic=" + topic, ""));
        List<JsonObject> received = answer.getJsonArray("items").stream()
                .map(item -> (JsonObject) item)
                .toList();
        JsonArray receipts = new JsonArray();
        received.forEach(message -> receipts.add(message.getString("receipt")));
        if (!received.isEmpty()) {
            ok(
                    200,
                    http.answer(
                            "POST",
                            messages + ":ack",
                            new JsonObject().put("receipts", receipts).encode()));
        }
        return received;
    }

    private static void giveUpAll(Http http, String topic, String group, int count) {
        String messages = "/api/v1/groups/" + group + "/messages";
        for (int dead = 0; dead < count; ) {
            JsonArray items = ok(200, http.answer("POST", messages + ":receive?max=32&wait=5s&topic=" + topic, ""))
                    .getJsonArray("items");
            if (items.isEmpty()) continue;
            JsonArray receipts = new JsonArray();
            items.forEach(item -> receipts.add(((JsonObject) item).getString("receipt")));
            JsonObject nack = new JsonObject().put("receipts", receipts).put("deadLetter", true);
            ok(200, http.answer("POST", messages + ":nack", nack.encode()));
            dead += items.size();
        }
    }
}
