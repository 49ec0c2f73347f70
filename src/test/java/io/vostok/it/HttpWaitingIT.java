package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.client.Decider;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Got;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.client.TransactionalProducer;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What waits in the broker, seen and decided over HTTP: half messages and messages with a time. */
class HttpWaitingIT extends Scenario {
    private static final String TRANSACTIONS = "/api/v1/transactions";

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

    private static JsonObject act(Http http, String action, String... ids) {
        return ok(
                200,
                http.answer(
                        "POST",
                        action,
                        new JsonObject().put("ids", new JsonArray(List.of(ids))).encode()));
    }

    private static List<JsonObject> items(JsonObject answer) {
        return answer.getJsonArray("items").stream()
                .map(item -> (JsonObject) item)
                .toList();
    }

    private static Stream<Integer> statuses(JsonObject results) {
        return items(results).stream().map(item -> item.getInteger("status"));
    }

    /** Everything a list has, page by page. */
    private static List<JsonObject> all(Http http, String path) {
        List<JsonObject> all = new ArrayList<>();
        JsonObject page = http.get(path);
        all.addAll(items(page));
        while (page.getString("next") != null) {
            page = http.get(path + (path.contains("?") ? "&" : "?") + "next=" + page.getString("next"));
            all.addAll(items(page));
        }
        return all;
    }

    @Test
    void aConsumerOfApachesClientGetsWhatIsCommittedOverHttpAndNothingElse() {
        String topic = fresh("transactions");
        String group = fresh("shop");
        Http http = http();
        http.send(topic, new JsonObject().put("body", "makes the topic"));
        Inbox inbox = new Inbox();
        closing(client(Peers.NEW).consumer(ConsumerSpec.of(fresh("g"), topic), inbox));
        String transact = "/api/v1/topics/" + topic + "/messages:transact?producerGroup=" + group;

        String committed = ok(
                        201,
                        http.post(
                                transact,
                                "application/json",
                                "{\"body\":\"paid\",\"tag\":\"created\",\"key\":\"17\",\"queue\":3}"))
                .getString("transactionId");
        String rolledBack = ok(201, http.post(transact + "&tag=created", "text/plain", "not paid"))
                .getString("transactionId");
        Await.until(
                "both are known as undecided",
                SOON,
                () -> all(http, TRANSACTIONS + "?producerGroup=" + group).size() == 2);
        JsonObject page = http.get(TRANSACTIONS + "?limit=1&topic=" + topic);
        JsonObject half = items(page).get(0);
        JsonObject results = act(http, TRANSACTIONS + ":commit", committed, "nonsense");
        JsonObject rollback = act(http, TRANSACTIONS + ":rollback", rolledBack);
        JsonObject again = act(http, TRANSACTIONS + ":commit", committed, rolledBack);
        http.send(topic, new JsonObject().put("body", "the last"));
        inbox.awaitTexts(List.of("makes the topic", "paid", "the last"));

        assertThat(half.getString("id")).isEqualTo(committed);
        assertThat(half.getString("producerGroup")).isEqualTo(group);
        assertThat(half.getString("topic")).isEqualTo(topic);
        assertThat(half.getInteger("queue")).isEqualTo(3);
        assertThat(half.getJsonArray("keys")).containsExactly("17");
        assertThat(half.getInteger("checks")).isZero();
        assertThat(half.containsKey("nextCheckAt")).isTrue();
        assertThat(page.getString("next")).isNotNull();
        assertThat(statuses(results)).containsExactly(200, 400);
        assertThat(statuses(rollback)).containsExactly(200);
        assertThat(statuses(again)).containsExactly(410, 410);
        assertThat(inbox.has("not paid")).isFalse();
        Got got = inbox.all().stream()
                .filter(each -> each.text().equals("paid"))
                .findFirst()
                .orElseThrow();
        assertThat(got.tags()).isEqualTo("created");
        assertThat(got.queue().index()).isEqualTo(3);
        assertThat(all(http, TRANSACTIONS + "?topic=" + topic)).isEmpty();
    }

    @Test
    void anOperatorDecidesWhatAProducerOfApachesClientLeavesOpen() {
        String topic = fresh("open");
        String group = fresh("p");
        Http http = http();
        http.send(topic, new JsonObject().put("body", "makes the topic"));
        Inbox inbox = new Inbox();
        closing(client(Peers.NEW).consumer(ConsumerSpec.of(fresh("g"), topic), inbox));
        TransactionalProducer producer = closing(client(Peers.OLD).transactional(ProducerSpec.of(group), new Decider() {
            @Override
            public Outcome execute(Draft draft) {
                return Outcome.UNKNOW;
            }

            @Override
            public Outcome check(Got half) {
                return Outcome.UNKNOW;
            }
        }));

        producer.send(Draft.of(topic, "yes"));
        producer.send(Draft.of(topic, "no"));
        String list = TRANSACTIONS + "?producerGroup=" + group;
        Await.until("both are known as undecided", SOON, () -> all(http, list).size() == 2);
        List<JsonObject> halves = all(http, list);
        act(http, TRANSACTIONS + ":commit", halves.get(0).getString("id"));
        act(http, TRANSACTIONS + ":rollback", halves.get(1).getString("id"));
        http.send(topic, new JsonObject().put("body", "the last"));
        inbox.awaitTexts(List.of("makes the topic", "yes", "the last"));

        assertThat(inbox.has("no")).isFalse();
        assertThat(all(http, list)).isEmpty();
    }
}
