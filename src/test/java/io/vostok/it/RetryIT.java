package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.it.client.ClientFailure;
import io.vostok.it.client.Consumer;
import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Got;
import io.vostok.it.client.Listener;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.client.PullClient;
import io.vostok.it.client.Queue;
import io.vostok.it.client.RealClient;
import io.vostok.it.client.Sent;
import io.vostok.it.kit.Inbox;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.Scenario;
import io.vostok.it.kit.Server;
import io.vostok.it.kit.VostokServer;
import io.vostok.it.kit.Wire;
import io.vostok.kit.Await;
import io.vostok.wire.RequestCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Failed consumption: it comes again, with growing attempts and delays, and ends as a dead letter. */
class RetryIT extends Scenario {
    private static final Duration TWO_RETRIES = Duration.ofSeconds(100);

    @ParameterizedTest
    @ValueSource(strings = Peers.NEW)
    void bringsAFailedMessageAgainUntilItSucceeds(String version) {
        String topic = fresh("retry");
        Sent sent = send(version, Draft.of(topic, "stubborn").tags("T").keys("k1"));
        Inbox inbox = new Inbox();

        closing(client(version).consumer(ConsumerSpec.of(fresh("g"), topic), messages -> {
            inbox.take(messages);
            return messages.get(0).reconsumeTimes() == 2;
        }));
        Await.until("three attempts", TWO_RETRIES, () -> inbox.all().size() >= 3);

        List<Got> all = inbox.all();
        assertThat(all).extracting(Got::reconsumeTimes).containsExactly(0, 1, 2);
        assertThat(all).extracting(Got::topic).containsOnly(topic);
        assertThat(all).extracting(Got::messageId).containsOnly(sent.messageId());
        assertThat(all).extracting(Got::tags).containsOnly("T");
        assertThat(all).extracting(Got::bornMillis).containsOnly(all.get(0).bornMillis());
        assertThat(all.get(1).storedMillis() - all.get(0).storedMillis()).isGreaterThanOrEqualTo(10_000L);
        assertThat(all.get(2).storedMillis() - all.get(1).storedMillis()).isGreaterThanOrEqualTo(30_000L);
        assertThat(all.get(2).properties())
                .containsEntry("RETRY_TOPIC", topic)
                .containsEntry("ORIGIN_MESSAGE_ID", sent.offsetMessageId().get(0));
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void givesUpAfterTheMostRetriesAndKeepsADeadLetterThatCanBeConsumed(String version) {
        String topic = fresh("dead");
        String group = fresh("g");
        Sent sent = send(version, Draft.of(topic, "poison").with("color", "red"));
        Inbox attempts = new Inbox();

        closing(client(version).consumer(ConsumerSpec.of(group, topic).maxReconsumeTimes(1), messages -> {
            attempts.take(messages);
            return false;
        }));
        Await.until("two attempts", TWO_RETRIES, () -> attempts.all().size() >= 2);
        Inbox dead = new Inbox();
        Await.until(
                "the dead-letter topic is there",
                SOON,
                () -> !deadLetters(version, group).isEmpty());
        closing(client(version).consumer(ConsumerSpec.of(fresh("g"), "%DLQ%" + group), dead));
        dead.awaitTexts(List.of("poison"));

        assertThat(attempts.all()).extracting(Got::reconsumeTimes).containsExactly(0, 1);
        Got letter = dead.all().get(0);
        assertThat(letter.reconsumeTimes()).isEqualTo(2);
        assertThat(letter.messageId()).isEqualTo(sent.messageId());
        assertThat(letter.properties())
                .containsEntry("RETRY_TOPIC", topic)
                .containsEntry("ORIGIN_MESSAGE_ID", sent.offsetMessageId().get(0))
                .containsEntry("color", "red");
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void anOrderlyConsumerRetriesItselfAndThenSendsToTheDeadLetters(String version) {
        String topic = fresh("orderlydead");
        String group = fresh("g");
        Sent sent = send(version, Draft.of(topic, "first poison"));
        send(version, Draft.of(topic, "fine"));
        Inbox attempts = new Inbox();

        closing(client(version).consumer(ConsumerSpec.of(group, topic).inOrder().maxReconsumeTimes(2), messages -> {
            attempts.take(messages);
            return messages.stream().noneMatch(each -> each.text().contains("poison"));
        }));
        Await.until(
                "the dead letter is there",
                TWO_RETRIES,
                () -> !deadLetters(version, group).isEmpty());
        attempts.awaitTexts(List.of("fine"));

        Got letter = deadLetters(version, group).get(0);
        assertThat(letter.text()).isEqualTo("first poison");
        assertThat(letter.properties())
                .containsEntry("RETRY_TOPIC", topic)
                .containsEntry("ORIGIN_MESSAGE_ID", sent.messageId());
    }

    /** What consumers of both clients do with messages that fail, and what they were given. */
    private static final class Failing implements Listener {
        private final int succeedsAt;
        private final int heldAt;
        private final CountDownLatch held = new CountDownLatch(1);
        private final CountDownLatch mayEnd = new CountDownLatch(1);
        private final Map<String, List<Integer>> attempts = new ConcurrentHashMap<>();

        /** @param heldAt the attempt that does not end before {@link #letGo} */
        Failing(int succeedsAt, int heldAt) {
            this.succeedsAt = succeedsAt;
            this.heldAt = heldAt;
        }

        @Override
        public boolean take(List<Got> messages) {
            boolean done = true;
            for (Got got : messages) {
                attempts.computeIfAbsent(got.text(), none -> new CopyOnWriteArrayList<>())
                        .add(got.reconsumeTimes());
                done &= got.reconsumeTimes() >= succeedsAt;
                if (got.reconsumeTimes() == heldAt) hold();
            }
            return done;
        }

        private void hold() {
            held.countDown();
            try {
                mayEnd.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        boolean holds() {
            return held.getCount() == 0;
        }

        void letGo() {
            mayEnd.countDown();
        }

        boolean hasSeen(List<String> texts, int attempt) {
            return texts.stream()
                    .allMatch(text -> attempts.getOrDefault(text, List.of()).contains(attempt));
        }

        /** A crash may repeat an attempt, but none is skipped and none comes before the one before it. */
        void assertEachAttemptInItsTurn(int most) {
            List<Integer> turns = IntStream.rangeClosed(0, most).boxed().toList();
            attempts.forEach((text, each) -> assertThat(each.stream().distinct().filter(times -> times <= most))
                    .as("attempts of %s: %s", text, each)
                    .containsExactlyElementsOf(turns));
        }
    }

    /** Kills while all wait for their first retry, and while the last attempt is under way. */
    @Test
    void failedMessagesComeAgainOrBecomeDeadLettersThoughTheBrokerIsKilled() {
        Server victim = ended(VostokServer.start(spec(), "--broker.delayLevels=1s 1s 3s 1s 1s 1s 1s 1s"));
        String topic = fresh("killed");
        List<String> texts = IntStream.range(0, 20).mapToObj(i -> "m" + i).toList();
        try (Producer producer = Peers.client(Peers.NEW, victim.nameServer())
                .producer(ProducerSpec.of(fresh("p")).queues(2))) {
            for (String text : texts) producer.send(Draft.of(topic, text));
        }
        Map<Failing, Consumer> all = new LinkedHashMap<>();
        List<Failing> recovering = new ArrayList<>();
        Map<String, Failing> poisoned = new LinkedHashMap<>();
        for (String version : List.of(Peers.OLD, Peers.NEW)) {
            RealClient client = Peers.client(version, victim.nameServer());
            Failing recovers = new Failing(2, -1);
            recovering.add(recovers);
            all.put(recovers, closing(client.consumer(ConsumerSpec.of(fresh("g"), topic), recovers)));
            Failing never = new Failing(Integer.MAX_VALUE, 3);
            String group = fresh("g");
            poisoned.put(group, never);
            all.put(never, closing(client.consumer(ConsumerSpec.of(group, topic).maxReconsumeTimes(3), never)));
        }

        all.forEach((listener, consumer) -> Await.until(
                "all have failed and were sent back", SOON, () -> listener.hasSeen(texts, 0) && consumer.idle()));
        victim.kill();
        victim.restart();
        poisoned.values().forEach(each -> Await.until("the last attempt is under way", SOON, each::holds));
        victim.kill();
        poisoned.values().forEach(Failing::letGo);
        victim.restart();

        for (Failing each : recovering) {
            Await.until("all have succeeded", SOON, () -> each.hasSeen(texts, 2));
            each.assertEachAttemptInItsTurn(2);
        }
        poisoned.forEach((group, each) -> {
            Await.until(
                    "all are dead letters",
                    SOON,
                    () -> texts(deadLetters(victim, group)).containsAll(texts));
            each.assertEachAttemptInItsTurn(3);
            assertThat(deadLetters(victim, group)).allSatisfy(letter -> {
                assertThat(letter.properties()).containsEntry("RETRY_TOPIC", topic);
                assertThat(letter.reconsumeTimes()).isGreaterThanOrEqualTo(4);
            });
        });
    }

    private static Set<String> texts(List<Got> messages) {
        return messages.stream().map(Got::text).collect(Collectors.toSet());
    }

    private List<Got> deadLetters(Server broker, String group) {
        try (PullClient puller = Peers.client(Peers.NEW, broker.nameServer()).puller(fresh("reader"))) {
            List<Got> all = new ArrayList<>();
            for (Queue queue : puller.queues("%DLQ%" + group)) all.addAll(everything(puller, queue, "*"));
            return all;
        } catch (ClientFailure notYet) {
            return List.of(); // no route before the first dead letter
        }
    }

    @Test
    void refusesWhatCannotComeAgain() {
        String topic = fresh("refused");
        String group = fresh("g");
        Inbox inbox = new Inbox();
        send(Peers.NEW, Draft.of(topic, "hello"));
        closing(client(Peers.NEW).consumer(ConsumerSpec.of(group, topic), inbox));
        inbox.awaitTexts(List.of("hello"));
        long position = inbox.all().get(0).logPosition();

        try (Wire wire = new Wire(server.brokerPort())) {
            assertThat(sendBack(wire, fresh("nobody"), position)).isEqualTo(26);
            assertThat(sendBack(wire, group, position + 1)).isEqualTo(1);
            assertThat(sendBack(wire, group, 1L << 40)).isEqualTo(1);
            assertThat(sendBack(wire, group, -7)).isEqualTo(1);
            assertThat(sendBack(wire, group, position)).isZero();
        }
    }

    private static int sendBack(Wire wire, String group, long position) {
        return wire.ask(
                        RequestCode.CONSUMER_SEND_MSG_BACK,
                        "group",
                        group,
                        "offset",
                        "" + position,
                        "delayLevel",
                        "0",
                        "maxReconsumeTimes",
                        "16")
                .code();
    }

    private List<Got> deadLetters(String version, String group) {
        try {
            return everything(version, "%DLQ%" + group);
        } catch (ClientFailure notYet) {
            return List.of(); // no route before the first dead letter
        }
    }

    private Sent send(String version, Draft draft) {
        try (Producer producer =
                client(version).producer(ProducerSpec.of(fresh("p")).queues(1))) {
            return producer.send(draft);
        }
    }
}
