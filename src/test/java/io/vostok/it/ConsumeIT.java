package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.it.client.Consumer;
import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Got;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.client.Queue;
import io.vostok.it.kit.Inbox;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.Scenario;
import io.vostok.it.kit.Wire;
import io.vostok.kit.Await;
import io.vostok.wire.RequestCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Push consumers of both client versions: alone, in groups, in order, to all, with tags. */
class ConsumeIT extends Scenario {

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void givesAConcurrentConsumerEveryMessage(String version) {
        String topic = fresh("push");
        List<String> texts = sendMany(version, topic, 0, 300);
        Inbox inbox = new Inbox();

        closing(client(version).consumer(ConsumerSpec.of(fresh("g"), topic), inbox));
        inbox.awaitTexts(texts);
        List<String> later = sendMany(version, topic, 300, 50);
        inbox.awaitTexts(later);

        assertThat(inbox.all()).hasSize(350);
        assertThat(inbox.all())
                .allSatisfy(got -> assertThat(got.properties()).containsKeys("MIN_OFFSET", "MAX_OFFSET"));
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void deliversSoonAfterArrivalToAWaitingConsumer(String version) {
        String topic = fresh("prompt");
        Producer producer = producer(version);
        producer.send(Draft.of(topic, "makes the topic"));
        Inbox inbox = new Inbox();
        closing(client(version).consumer(ConsumerSpec.of(fresh("g"), topic), inbox));
        inbox.awaitTexts(List.of("makes the topic"));
        List<Long> waits = new ArrayList<>();

        for (int i = 0; i < 20; i++) {
            long before = System.nanoTime();
            producer.send(Draft.of(topic, "m" + i));
            inbox.awaitTexts(List.of("m" + i));
            waits.add((System.nanoTime() - before) / 1_000_000);
        }

        // Without the bell each would come with the end of a held pull, 15 seconds later. A busy machine takes its
        // time.
        assertThat(waits.stream().sorted().toList().get(10))
                .as("median of %s ms", waits)
                .isLessThan(5_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void keepsOrderForAnOrderlyConsumer(String version) {
        String topic = fresh("orderly");
        Inbox inbox = new Inbox();
        AtomicInteger calls = new AtomicInteger();
        List<String> texts = sendMany(version, topic, 0, 400);

        closing(client(version)
                .consumer(ConsumerSpec.of(fresh("g"), topic).inOrder().threads(8), messages -> {
                    // An orderly consumer that is not ready gets the same messages again, before any later one.
                    if (calls.incrementAndGet() % 10 == 0) return false;
                    return inbox.take(messages);
                }));
        inbox.awaitTexts(texts);

        inbox.assertOrderInEachQueue();
        assertThat(calls).hasValueGreaterThan(20);
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void sharesTheQueuesAmongOrderlyConsumersSoThatEachHasOneOwner(String version) {
        String topic = fresh("orderlyshare");
        String group = fresh("g");
        List<String> texts = new ArrayList<>(sendMany(version, topic, 0, 200));
        Inbox inbox = new Inbox();
        Consumer first =
                closing(client(version).consumer(ConsumerSpec.of(group, topic).inOrder(), inbox));
        inbox.awaitTexts(texts);

        Consumer second =
                closing(client(version).consumer(ConsumerSpec.of(group, topic).inOrder(), inbox));
        awaitShared(topic, 4, first, second);
        texts.addAll(sendMany(version, topic, 200, 200));
        inbox.awaitTexts(texts);

        inbox.assertOrderInEachQueue();
        assertThat(first.owned()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void givesEveryBroadcastConsumerEveryMessage(String version) {
        String topic = fresh("broadcast");
        String group = fresh("g");
        List<String> texts = sendMany(version, topic, 0, 100);
        Inbox one = new Inbox();
        Inbox two = new Inbox();

        closing(client(version).consumer(ConsumerSpec.of(group, topic).toAll(), one));
        closing(client(version).consumer(ConsumerSpec.of(group, topic).toAll(), two));

        one.awaitTexts(texts);
        two.awaitTexts(texts);
        List<String> later = sendMany(version, topic, 100, 20);
        one.awaitTexts(later);
        two.awaitTexts(later);
        assertThat(one.all()).hasSize(120);
        assertThat(two.all()).hasSize(120);
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void losesNothingWhileMembersComeAndGo(String version) throws InterruptedException {
        String topic = fresh("rebalance");
        String group = fresh("g");
        Producer producer =
                closing(client(version).producer(ProducerSpec.of(fresh("p")).queues(8)));
        producer.send(Draft.of(topic, "m0"));
        assertThat(producer.queues(topic)).hasSize(8);
        Inbox inbox = new Inbox();
        AtomicBoolean enough = new AtomicBoolean();
        List<String> sent = new ArrayList<>(List.of("m0"));
        Thread sender = new Thread(() -> {
            while (!enough.get()) {
                String text = "m" + sent.size();
                producer.send(Draft.of(topic, text));
                sent.add(text);
                LockSupport.parkNanos(2_000_000);
            }
        });
        sender.start();
        try {
            ConsumerSpec spec = ConsumerSpec.of(group, topic);
            Consumer a = closing(client(version).consumer(spec, inbox));
            awaitShared(topic, 8, a);
            Consumer b = closing(client(version).consumer(spec, inbox));
            awaitShared(topic, 8, a, b);
            // Members of both versions share one group.
            Consumer c = closing(
                    client(version.equals(Peers.OLD) ? Peers.NEW : Peers.OLD).consumer(spec, inbox));
            Consumer d = closing(client(version).consumer(spec, inbox));
            awaitShared(topic, 8, a, b, c, d);
            assertThat(a.owned()).hasSize(2);
            b.close();
            awaitShared(topic, 8, a, c, d);
            a.close();
            c.close();
            awaitShared(topic, 8, d);
        } finally {
            enough.set(true);
            sender.join();
        }

        inbox.awaitTexts(sent);
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void givesOnlyTheTagsAskedFor(String version) {
        String topic = fresh("tags");
        Producer producer = producer(version);
        for (int i = 0; i < 40; i++) {
            // "Aa" and "BB" have the same hash code: the broker cannot tell them apart, the client must.
            producer.send(
                    Draft.of(topic, "m" + i).tags(List.of("A", "B", "Aa", "BB").get(i % 4)));
        }
        producer.send(Draft.of(topic, "untagged"));
        Inbox all = new Inbox();
        Inbox onlyA = new Inbox();
        Inbox aOrB = new Inbox();
        Inbox twin = new Inbox();

        closing(client(version).consumer(ConsumerSpec.of(fresh("g"), topic).only("*"), all));
        closing(client(version).consumer(ConsumerSpec.of(fresh("g"), topic).only("A"), onlyA));
        closing(client(version).consumer(ConsumerSpec.of(fresh("g"), topic).only("A || B"), aOrB));
        closing(client(version).consumer(ConsumerSpec.of(fresh("g"), topic).only("Aa"), twin));

        all.awaitCount(41);
        onlyA.awaitCount(10);
        aOrB.awaitCount(20);
        twin.awaitCount(10);
        producer.send(Draft.of(topic, "last A").tags("A"));
        all.awaitCount(42);
        onlyA.awaitTexts(List.of("last A"));
        aOrB.awaitTexts(List.of("last A"));
        assertThat(onlyA.all()).extracting(Got::tags).containsOnly("A").hasSize(11);
        assertThat(aOrB.all()).extracting(Got::tags).containsOnly("A", "B").hasSize(21);
        assertThat(twin.all()).extracting(Got::tags).containsOnly("Aa").hasSize(10);
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void goesOnWhereTheGroupLeftOff(String version) {
        String topic = fresh("resume");
        String group = fresh("g");
        List<String> before = sendMany(version, topic, 0, 100);
        Inbox first = new Inbox();
        Consumer consumer = client(version).consumer(ConsumerSpec.of(group, topic), first);
        first.awaitTexts(before);
        // A client that closes while its listener still returns reads those messages again, as it may: at least once.
        Await.until("the group has committed all", Duration.ofMinutes(1), () -> committed(group, topic) == 100);
        consumer.close();

        List<String> after = sendMany(version, topic, 100, 30);
        Inbox second = new Inbox();
        closing(client(version).consumer(ConsumerSpec.of(group, topic), second));
        second.awaitTexts(after);

        assertThat(second.all()).hasSize(30);
    }

    private long committed(String group, String topic) {
        long sum = 0;
        try (Wire wire = new Wire(server.brokerPort())) {
            for (int queue = 0; queue < 4; queue++) {
                Wire.Answer answer = wire.ask(
                        RequestCode.QUERY_CONSUMER_OFFSET,
                        "consumerGroup",
                        group,
                        "topic",
                        topic,
                        "queueId",
                        "" + queue);
                sum += Long.parseLong(answer.ext().getOrDefault("offset", "0"));
            }
        }
        return sum;
    }

    private Producer producer(String version) {
        return closing(client(version).producer(ProducerSpec.of(fresh("p"))));
    }

    private List<String> sendMany(String version, String topic, int from, int count) {
        try (Producer producer = client(version).producer(ProducerSpec.of(fresh("p")))) {
            List<String> texts =
                    IntStream.range(from, from + count).mapToObj(i -> "m" + i).toList();
            texts.forEach(text -> producer.send(Draft.of(topic, text)));
            return texts;
        }
    }

    /** Waits until {@code members} own all queues, each queue by one, and as evenly as can be. */
    private static void awaitShared(String topic, int queues, Consumer... members) {
        Await.until(members.length + " members share " + queues + " queues of " + topic, SOON, () -> {
            Set<Queue> union = new HashSet<>();
            int sum = 0;
            for (Consumer member : members) {
                Set<Queue> owned = member.owned();
                if (owned.size() > (queues + members.length - 1) / members.length) return false;
                union.addAll(owned);
                sum += owned.size();
            }
            return union.size() == queues && sum == queues;
        });
    }
}
