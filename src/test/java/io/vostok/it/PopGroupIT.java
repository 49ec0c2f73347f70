package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import io.vostok.it.client.Consumer;
import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Got;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.client.Queue;
import io.vostok.it.client.RealClient;
import io.vostok.it.kit.Http;
import io.vostok.it.kit.Inbox;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.PopWire;
import io.vostok.it.kit.Scenario;
import io.vostok.it.kit.ServerSpec;
import io.vostok.it.kit.VostokServer;
import io.vostok.it.kit.Wire;
import io.vostok.kit.Await;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Groups of 5.5.0 whose queues the brokers divide, on two brokers under one name server, the second of which holds one pop. */
class PopGroupIT extends Scenario {
    private static final int MINUTE = 60_000;

    @SuppressWarnings("NullAway.Init") // started before any test
    private VostokServer second;

    @Override
    protected VostokServer startOwn() {
        return ended(VostokServer.start(spec()));
    }

    @BeforeAll
    void startSecond() {
        second = ended(VostokServer.startUnder(server, ServerSpec.plain().named("broker-b"), "--pop.maxHeld=1"));
    }

    private static void create(VostokServer broker, String topic, String type) {
        try (Http http = new Http(broker.httpPort())) {
            JsonObject wish = new JsonObject()
                    .put("name", topic)
                    .put("readQueues", 4)
                    .put("writeQueues", 4)
                    .put("attributes", new JsonObject().put("message.type", type));
            assertThat(http.answer("POST", "/api/v1/topics", wish.encode()).statusCode())
                    .isEqualTo(201);
        }
    }

    private static void group(VostokServer broker, String group, String topic, String mode) {
        try (Http http = new Http(broker.httpPort());
                PopWire pop = new PopWire(broker.brokerPort())) {
            int created = http.answer("POST", "/api/v1/groups", "{\"name\":\"" + group + "\"}")
                    .statusCode();
            assertThat(created).isEqualTo(201);
            assertThat(pop.setMode(group, topic, mode, 0)).isZero();
        }
    }

    private VostokServer first() {
        return (VostokServer) server;
    }

    private static List<String> fill(RealClient client, String topic, int eachQueue) {
        List<String> texts = new ArrayList<>();
        try (Producer producer = client.producer(ProducerSpec.of(fresh("p")))) {
            Await.until(
                    "the topic is on both brokers",
                    SOON,
                    () -> producer.queues(topic).size() == 8);
            for (Queue queue : producer.queues(topic)) {
                for (int i = 0; i < eachQueue; i++) {
                    texts.add(queue.broker() + "/" + queue.index() + "#" + i);
                    producer.send(Draft.of(topic, texts.get(texts.size() - 1)), queue);
                }
            }
        }
        return texts;
    }

    @Test
    void membersThatPopAreSentToBothBrokersAndEachMessageComesOnce() {
        String topic = fresh("both");
        String group = fresh("g");
        for (VostokServer broker : List.of(first(), second)) {
            create(broker, topic, "NORMAL");
            group(broker, group, topic, "POP");
        }
        List<String> texts = fill(client(Peers.NEW), topic, 5);
        Inbox inbox = new Inbox();
        closing(client(Peers.NEW).popConsumer(ConsumerSpec.of(group, topic), MINUTE, inbox));

        inbox.awaitTexts(texts);
        inbox.awaitCount(texts.size());
        assertThat(inbox.all()).extracting(got -> got.queue().broker()).contains("broker-a", "broker-b");
    }

    @Test
    void membersThatPullDivideTheQueuesOfBothBrokersAsTheBrokersSay() {
        String topic = fresh("divided");
        String group = fresh("g");
        for (VostokServer broker : List.of(first(), second)) {
            create(broker, topic, "NORMAL");
            group(broker, group, topic, "PULL");
        }
        List<String> texts = fill(client(Peers.NEW), topic, 2);
        Inbox inbox = new Inbox();
        List<Consumer> members = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            members.add(closing(client(Peers.NEW).popConsumer(ConsumerSpec.of(group, topic), MINUTE, inbox)));
        }

        Await.until("each has half of the queues", SOON, () -> {
            Set<Queue> all = new HashSet<>();
            members.forEach(each -> all.addAll(each.owned()));
            return all.size() == 8
                    && members.stream().allMatch(each -> each.owned().size() == 4);
        });
        inbox.awaitTexts(texts);
    }

    @Test
    void theHighestPriorityIsPoppedFirst() {
        String topic = fresh("priority");
        String group = fresh("g");
        create(first(), topic, "PRIORITY");
        group(first(), group, topic, "POP");
        try (Producer producer = client(Peers.NEW).producer(ProducerSpec.of(fresh("p")))) {
            for (int priority : List.of(1, 3, 0, 2)) {
                for (int i = 0; i < 5; i++) {
                    producer.send(Draft.of(topic, "priority" + priority).with("_SYS_MSG_PRIORITY_", "" + priority));
                }
            }
        }
        Inbox inbox = new Inbox();
        closing(client(Peers.NEW).popConsumer(ConsumerSpec.of(group, topic).threads(1), MINUTE, inbox));

        inbox.awaitCount(20);
        List<String> expected = new ArrayList<>();
        for (int priority = 3; priority >= 0; priority--) {
            for (int i = 0; i < 5; i++) expected.add("priority" + priority);
        }
        assertThat(inbox.all()).extracting(Got::text).containsExactlyElementsOf(expected);
    }

    /** What does not match is passed over in the retry topic too. */
    @Test
    void membersThatPopGetWhatTheirConditionLetsThroughAlsoWhenItComesAgain() {
        String topic = fresh("filtered");
        create(first(), topic, "NORMAL");
        String byTag = fresh("tags");
        String byCondition = fresh("sql");
        group(first(), byTag, topic, "POP");
        group(first(), byCondition, topic, "POP");
        try (Producer producer = client(Peers.NEW).producer(ProducerSpec.of(fresh("p")))) {
            for (int i = 0; i < 10; i++) {
                producer.send(Draft.of(topic, "m" + i)
                        .tags(i % 2 == 0 ? "even" : "odd")
                        .with("n", "" + i));
            }
        }
        Inbox even = failingFirst(ConsumerSpec.of(byTag, topic).only("even"));
        Inbox large = failingFirst(ConsumerSpec.of(byCondition, topic).where("n > 6"));

        even.awaitCount(10);
        large.awaitCount(6);
        assertThat(even.all()).extracting(Got::tags).containsOnly("even");
        assertThat(large.all()).extracting(Got::text).containsOnly("m7", "m8", "m9");
        for (Inbox inbox : List.of(even, large)) {
            assertThat(inbox.all()).filteredOn(got -> got.reconsumeTimes() == 1).hasSize(inbox.distinct());
        }
    }

    private Inbox failingFirst(ConsumerSpec spec) {
        Inbox inbox = new Inbox();
        closing(client(Peers.NEW).popConsumer(spec, 5_000, messages -> {
            inbox.take(messages);
            return messages.stream().allMatch(each -> each.reconsumeTimes() > 0);
        }));
        return inbox;
    }

    @Test
    void tellsAClientThatTooManyWait() throws Exception {
        String topic = fresh("full");
        String group = fresh("g");
        create(second, topic, "NORMAL");
        group(second, group, topic, "POP");
        PopWire waits = closing(new PopWire(second.brokerPort()));
        PopWire other = closing(new PopWire(second.brokerPort()));

        CompletableFuture<PopWire.Answer> held =
                CompletableFuture.supplyAsync(() -> waits.pop(group, topic, 32, MINUTE, 5_000));
        // Consumers of other tests may hold the one place for a moment.
        Await.until("it waits, or was refused itself", SOON, () -> held.isDone() || other.waiting(group, topic) == 1);
        PopWire.Answer refused = held.isDone() ? held.get() : other.pop(group, topic, 32, MINUTE, 5_000);
        Wire.Answer notTold = other.notification(group, topic, 5_000);

        assertThat(refused.code()).isEqualTo(209);
        assertThat(notTold.ext()).containsEntry("hasMsg", "false").containsEntry("pollingFull", "true");
    }
}
