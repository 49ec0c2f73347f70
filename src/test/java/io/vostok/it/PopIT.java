package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Got;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.kit.Inbox;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.PopWire;
import io.vostok.it.kit.Scenario;
import io.vostok.it.kit.Server;
import io.vostok.it.kit.ServerSpec;
import io.vostok.kit.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Stock push consumers of 5.5.0 that pop: they share queues, fail, and live through the broker's end. */
class PopIT extends Scenario {
    private static final long INVISIBLE = 5_000;

    @Test
    void consumersOfAGroupShareOneQueueAndEachMessageComesOnce() {
        String topic = fresh("share");
        String group = popping(server, topic);
        Inbox first = new Inbox();
        Inbox second = new Inbox();
        closing(client(Peers.NEW).popConsumer(ConsumerSpec.of(group, topic), 60_000, first));
        closing(client(Peers.NEW).popConsumer(ConsumerSpec.of(group, topic), 60_000, second));

        List<String> texts = new ArrayList<>();
        try (Producer producer =
                client(Peers.NEW).producer(ProducerSpec.of(fresh("p")).queues(1))) {
            for (int i = 0; first.all().isEmpty() || second.all().isEmpty() || i < 300; i++) {
                if (i > 100_000) throw new AssertionError("one consumer gets nothing");
                texts.add("m" + i);
                producer.send(Draft.of(topic, "m" + i));
            }
        }
        Await.until(
                "all have come", SOON, () -> first.all().size() + second.all().size() >= texts.size());
        List<Got> all = new ArrayList<>(first.all());
        all.addAll(second.all());
        assertThat(all).extracting(Got::text).contains(texts.toArray(new String[0]));
        assertThat(all).extracting(Got::text).doesNotHaveDuplicates();
        assertThat(all).extracting(got -> got.queue().index()).containsOnly(0);
        assertThat(all).extracting(Got::reconsumeTimes).containsOnly(0);
    }

    @Test
    void aFailedMessageComesAgainWithGrowingAttemptsWhileOthersGoOn() {
        String topic = fresh("fail");
        String group = popping(server, topic);
        Inbox inbox = new Inbox();
        closing(client(Peers.NEW).popConsumer(ConsumerSpec.of(group, topic), INVISIBLE, messages -> {
            inbox.take(messages);
            return messages.stream().noneMatch(each -> each.text().equals("bad") && each.reconsumeTimes() == 0);
        }));
        try (Producer producer =
                client(Peers.NEW).producer(ProducerSpec.of(fresh("p")).queues(1))) {
            producer.send(Draft.of(topic, "bad").tags("T").with("color", "red"));
            // Not in one batch with the bad one, with which it would fail.
            Await.until(
                    "the bad one has come", SOON, () -> !attempts(inbox, "bad").isEmpty());
            producer.send(Draft.of(topic, "good"));
        }
        Await.until(
                "the bad one comes again", SOON, () -> attempts(inbox, "bad").size() >= 2);

        assertThat(attempts(inbox, "bad")).extracting(Got::reconsumeTimes).containsExactly(0, 1);
        assertThat(attempts(inbox, "bad")).extracting(Got::topic).containsOnly(topic);
        assertThat(attempts(inbox, "bad").get(1).properties()).containsEntry("color", "red");
        assertThat(attempts(inbox, "bad").get(1).storedMillis())
                .isGreaterThanOrEqualTo(attempts(inbox, "bad").get(0).storedMillis() + 10_000);
        assertThat(attempts(inbox, "good")).hasSize(1);
    }

    @Test
    void whatIsInFlightComesAgainAfterTheBrokerWasKilled() {
        Server own = start(ServerSpec.plain().named("broker-a"));
        String topic = fresh("killed");
        String group = popping(own, topic);
        Set<String> done = ConcurrentHashMap.newKeySet();
        Set<String> seen = ConcurrentHashMap.newKeySet();
        AtomicBoolean killed = new AtomicBoolean();
        closing(Peers.client(Peers.NEW, own.nameServer())
                .popConsumer(ConsumerSpec.of(group, topic), INVISIBLE, messages -> {
                    messages.forEach(each -> seen.add(each.text()));
                    if (!killed.get()) return false; // Nothing is done before.
                    messages.forEach(each -> done.add(each.text()));
                    return true;
                }));
        try (Producer producer = Peers.client(Peers.NEW, own.nameServer())
                .producer(ProducerSpec.of(fresh("p")).queues(4).retries(20))) {
            for (int i = 0; i < 200; i++) producer.send(Draft.of(topic, "m" + i));
            Await.until("some are in flight", SOON, () -> seen.size() > 50);
            own.kill();
            own.restart();
            killed.set(true);
            for (int i = 200; i < 400; i++) producer.send(Draft.of(topic, "m" + i));
        }
        Await.until("all are done", SOON.multipliedBy(2), () -> done.size() == 400);
    }

    private static List<Got> attempts(Inbox inbox, String text) {
        return inbox.all().stream().filter(each -> each.text().equals(text)).toList();
    }

    /** A group that pops a topic of one message, which is consumed. */
    private String popping(Server broker, String topic) {
        String group = fresh("g");
        try (Producer producer = Peers.client(Peers.NEW, broker.nameServer())
                .producer(ProducerSpec.of(fresh("p")).queues(topic.startsWith("killed") ? 4 : 1))) {
            producer.send(Draft.of(topic, "first"));
        }
        try (PopWire pop = new PopWire(broker.brokerPort())) {
            assertThat(pop.ack(group, pop.popSome(group, topic, 1, 60_000).get(0)))
                    .isZero();
            assertThat(pop.setMode(group, topic, "POP", 0)).isZero();
        }
        return group;
    }
}
