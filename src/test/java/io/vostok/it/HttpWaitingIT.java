package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.client.Decider;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Got;
import io.vostok.it.client.Producer;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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

    @Test
    void whatWaitsIsListedRecalledAndDeliveredBeforeItsTime() {
        String topic = fresh("timers");
        Http http = http();
        http.send(topic, new JsonObject().put("body", "makes the topic"));
        Inbox inbox = new Inbox();
        closing(client(Peers.NEW).consumer(ConsumerSpec.of(fresh("g"), topic), inbox));
        Producer producer = closing(client(Peers.NEW).producer(ProducerSpec.of(fresh("p"))));
        long soon = System.currentTimeMillis() + 100_000;
        long far = System.currentTimeMillis() + 86_400_000;
        producer.send(
                Draft.of(topic, "soon").with("TIMER_DELIVER_MS", "" + soon).keys("1"));
        producer.send(Draft.of(topic, "far").with("TIMER_DELIVER_MS", "" + far).tags("t"));
        producer.send(Draft.of(topic, "never").with("TIMER_DELIVER_MS", "" + far));
        producer.send(Draft.of(topic, "recalled before").with("TIMER_DELIVER_MS", "" + far));
        producer.send(Draft.of(topic, "on a level").with("DELAY", "18"));
        String list = "/api/v1/timers?topic=" + topic;
        Await.until("all wait", SOON, () -> all(http, list + "&limit=2").size() == 5);

        List<JsonObject> timers = all(http, list + "&limit=2");
        JsonObject level = timers.get(0);
        List<JsonObject> timed = all(http, list + "&kind=time");
        JsonObject near = timed.get(0);
        ok(
                200,
                http.answer(
                        "POST",
                        "/api/v1/topics/" + topic + "/messages:recall",
                        new JsonObject()
                                .put("recallHandle", timed.get(3).getString("recallHandle"))
                                .encode()));
        JsonObject recalls = act(http, "/api/v1/timers:recall", id(timed.get(2)), id(level), "nonsense");
        Await.until(
                "recalls are seen",
                SOON,
                () -> all(http, list).stream()
                                .filter(each -> each.getBoolean("recalled", false))
                                .count()
                        == 2);
        JsonObject delivered =
                act(http, "/api/v1/timers:deliver", id(near), id(timed.get(1)), id(timed.get(3)), id(level));
        inbox.awaitTexts(List.of("makes the topic", "soon", "far"));
        JsonObject again = act(http, "/api/v1/timers:deliver", id(near));

        assertThat(level.getString("kind")).isEqualTo("level");
        assertThat(level.getInteger("level")).isEqualTo(18);
        assertThat(near.getString("deliverAt"))
                .isEqualTo(java.time.Instant.ofEpochMilli(soon).toString());
        assertThat(near.getJsonArray("keys")).containsExactly("1");
        assertThat(timed.get(1).getString("tag")).isEqualTo("t");
        assertThat(http.get(list).getJsonObject("pending").getLong("level")).isPositive();
        assertThat(statuses(recalls)).containsExactly(200, 501, 400);
        assertThat(statuses(delivered)).containsExactly(200, 200, 410, 501);
        assertThat(statuses(again)).containsExactly(410);
        assertThat(all(http, list + "&kind=time")).hasSize(2);
        assertThat(inbox.has("never")).isFalse();
    }

    private static String id(JsonObject item) {
        return item.getString("id");
    }

    @Test
    void aConsumerOfApachesClientRepliesToARequestOverHttp() {
        String topic = fresh("questions");
        Http http = http();
        http.send(topic, new JsonObject().put("body", "makes the topic"));
        Producer replier = closing(client(Peers.NEW).producer(ProducerSpec.of(fresh("replier"))));
        closing(client(Peers.NEW).consumer(ConsumerSpec.of(fresh("g"), topic), messages -> {
            for (Got request : messages) {
                if (request.properties().containsKey("CORRELATION_ID")
                        && !request.text().equals("ignore")) {
                    replier.reply(request, "reply to " + request.text() + " " + "x".repeat(20_000));
                }
            }
            return true;
        }));
        String path = "/api/v1/topics/" + topic + "/messages:request";

        JsonObject first = ok(200, http.post(path + "?timeout=40s&key=k1", "text/plain", "one"));
        JsonObject second = ok(200, http.post(path + "?timeout=40s", "application/json", "{\"body\":\"two\"}"));
        JsonObject nobody = ok(504, http.post(path + "?timeout=300ms", "text/plain", "ignore"));
        JsonObject never = ok(400, http.post(path + "?timeout=1h", "text/plain", "x"));

        assertThat(first.getJsonObject("reply").getString("body"))
                .startsWith("reply to one x")
                .hasSize(20_013);
        assertThat(second.getJsonObject("reply").getString("body")).startsWith("reply to two x");
        assertThat(first.getJsonObject("request").getString("topic")).isEqualTo(topic);
        assertThat(first.getJsonObject("reply")
                        .getJsonObject("systemProperties")
                        .getString("CORRELATION_ID"))
                .isEqualTo(first.getString("correlationId"));
        assertThat(nobody.getString("type")).isEqualTo("urn:vostok:problem:no-answer");
        assertThat(never.getString("remark")).contains("timeout");
    }

    @Test
    void aRequestOfApachesClientIsRepliedToOverHttp() throws Exception {
        String topic = fresh("asked");
        String group = fresh("g");
        Http http = http();
        http.send(topic, new JsonObject().put("body", "makes the topic"));
        String messages = "/api/v1/groups/" + group + "/messages";
        String receive = messages + ":receive?max=1&wait=20s&topic=" + topic;
        ok(200, http.answer("POST", receive, ""));
        Producer requester = closing(client(Peers.NEW).producer(ProducerSpec.of(fresh("requester"))));
        requester.queues(topic);

        CompletableFuture<String> answer =
                CompletableFuture.supplyAsync(() -> requester.request(Draft.of(topic, "price?"), 40_000));
        JsonObject request = items(ok(200, http.answer("POST", receive, ""))).get(0);
        JsonObject system = request.getJsonObject("systemProperties");
        JsonObject reply = new JsonObject()
                .put("correlationId", system.getString("CORRELATION_ID"))
                .put("replyTo", system.getString("REPLY_TO_CLIENT"))
                .put("body", "42");
        ok(200, http.answer("POST", messages + ":reply", reply.encode()));
        JsonObject gone = ok(
                500,
                http.answer(
                        "POST",
                        messages + ":reply",
                        reply.put("replyTo", "gone").encode()));

        assertThat(answer.get(40, TimeUnit.SECONDS)).isEqualTo("42");
        assertThat(gone.getString("remark")).contains("`gone` is not connected");
    }
}
