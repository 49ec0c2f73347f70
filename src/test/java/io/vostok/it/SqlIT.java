package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vostok.it.client.ClientFailure;
import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Got;
import io.vostok.it.client.LitePull;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.client.Queue;
import io.vostok.it.kit.Inbox;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.Scenario;
import io.vostok.it.kit.Wire;
import io.vostok.kit.Await;
import io.vostok.wire.RequestCode;
import io.vostok.wire.ResponseCode;
import io.vostok.wire.body.CheckClientConfig;
import io.vostok.wire.body.SubscriptionData;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Conditions on properties, by both client versions. */
class SqlIT extends Scenario {

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void givesAPushConsumerWhatSatisfiesItsCondition(String version) {
        String topic = fresh("sql_push");
        Inbox inbox = new Inbox();
        Producer producer = producer(version);
        List<String> wanted = sendMany(producer, topic, 0, 200);

        closing(client(version)
                .consumer(
                        ConsumerSpec.of(fresh("g"), topic).where("age BETWEEN 10 AND 19 AND name IS NOT NULL"), inbox));
        inbox.awaitTexts(wanted);
        List<String> later = sendMany(producer, topic, 200, 100);
        inbox.awaitTexts(later);

        Set<String> all = new HashSet<>(wanted);
        all.addAll(later);
        assertThat(inbox.all()).extracting(Got::text).containsExactlyInAnyOrderElementsOf(all);
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void givesALitePullConsumerWhatSatisfiesItsCondition(String version) {
        String topic = fresh("sql_lite");
        List<String> wanted = sendMany(producer(version), topic, 0, 200);

        LitePull consumer = closing(client(version)
                .litePull(ConsumerSpec.of(fresh("g"), topic).where("age >= 10 AND age < 20 AND name = 'n'")));
        List<String> got = new ArrayList<>();
        Await.until("all come", SOON, () -> {
            consumer.poll(Duration.ofMillis(500)).forEach(each -> got.add(each.text()));
            return got.size() >= wanted.size();
        });

        assertThat(got).containsExactlyInAnyOrderElementsOf(wanted);
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void refusesToStartAPushConsumerWhoseConditionIsMalformed(String version) {
        String topic = fresh("sql_bad");
        producer(version).send(Draft.of(topic, "makes the topic"));

        ConsumerSpec bad = ConsumerSpec.of(fresh("g"), topic).where("age = 1 AND name != 'n'");
        assertThatThrownBy(() -> client(version).consumer(bad, new Inbox()))
                .isInstanceOf(ClientFailure.class)
                .hasStackTraceContaining("malformed at character 18");
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void givesAMessageAgainThatWasNotConsumed(String version) {
        String topic = fresh("sql_retry");
        Inbox inbox = new Inbox();
        AtomicInteger refused = new AtomicInteger();
        closing(client(version).consumer(ConsumerSpec.of(fresh("g"), topic).where("age = 10"), messages -> {
            if (refused.getAndIncrement() == 0) return false;
            return inbox.take(messages);
        }));
        Producer producer = producer(version);
        producer.send(draft(topic, 9));
        producer.send(draft(topic, 10));

        inbox.awaitTexts(List.of("m10"));
        assertThat(inbox.all()).extracting(Got::text).containsExactly("m10");
        assertThat(refused.get()).isGreaterThan(1);
    }

    @Test
    void letsAPullWaitOnWhileWhatArrivesIsNotWanted() {
        Producer producer =
                closing(client(Peers.NEW).producer(ProducerSpec.of(fresh("p")).queues(1)));
        Queue queue = producer.send(draft(fresh("sql_wait"), 0)).queue();
        try (Wire wire = new Wire(server.brokerPort())) {
            long before = System.nanoTime();
            CompletableFuture<Wire.Answer> answer =
                    CompletableFuture.supplyAsync(() -> pull(wire, queue, 1, "age = 42", 20_000));
            Await.until("the pull waits", SOON, () -> System.nanoTime() - before > 500_000_000L);
            for (int i = 1; i <= 20; i++) producer.send(draft(queue.topic(), i), queue);
            assertThat(answer).isNotDone();
            producer.send(draft(queue.topic(), 42), queue);

            assertThat(answer.join().code()).isEqualTo(ResponseCode.SUCCESS);
            assertThat(answer.join().ext()).containsEntry("nextBeginOffset", "22");
        }
    }

    @Test
    void tellsAPullThatWaitedInVainHowFarItHasLooked() {
        Producer producer =
                closing(client(Peers.NEW).producer(ProducerSpec.of(fresh("p")).queues(1)));
        Queue queue = producer.send(draft(fresh("sql_vain"), 0)).queue();
        try (Wire wire = new Wire(server.brokerPort())) {
            long before = System.nanoTime();
            CompletableFuture<Wire.Answer> answer =
                    CompletableFuture.supplyAsync(() -> pull(wire, queue, 1, "age = 42", 6_000));
            Await.until("the pull waits", SOON, () -> System.nanoTime() - before > 500_000_000L);
            for (int i = 1; i <= 5; i++) producer.send(draft(queue.topic(), i), queue);

            assertThat(answer.join().code()).isEqualTo(ResponseCode.PULL_RETRY_IMMEDIATELY);
            assertThat(answer.join().ext()).containsEntry("nextBeginOffset", "6");
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThan(Duration.ofMillis(5_900));
        }
    }

    @Test
    void answersAPullOnceThatMayNotWait() {
        Producer producer =
                closing(client(Peers.NEW).producer(ProducerSpec.of(fresh("p")).queues(1)));
        Queue queue = producer.send(draft(fresh("sql_once"), 0)).queue();
        try (Wire wire = new Wire(server.brokerPort())) {
            Wire.Answer none = pull(wire, queue, 0, "age = 42", 0);
            Wire.Answer found = pull(wire, queue, 0, "age = 0", 0);
            Wire.Answer malformed = pull(wire, queue, 0, "age = ", 0);

            assertThat(none.code()).isEqualTo(ResponseCode.PULL_RETRY_IMMEDIATELY);
            assertThat(none.ext()).containsEntry("nextBeginOffset", "1");
            assertThat(found.code()).isEqualTo(ResponseCode.SUCCESS);
            assertThat(malformed.code()).isEqualTo(ResponseCode.SUBSCRIPTION_PARSE_FAILED);
            assertThat(malformed.remark()).contains("malformed at character 7");
        }
    }

    @Test
    void checksASubscriptionBeforeAClientStarts() {
        try (Wire wire = new Wire(server.brokerPort())) {
            assertThat(check(wire, "a = 1", "SQL92").code()).isEqualTo(ResponseCode.SUCCESS);
            assertThat(check(wire, "A || B", "TAG").code()).isEqualTo(ResponseCode.SUCCESS);
            assertThat(check(wire, "a = 1 and more", "SQL92").code()).isEqualTo(ResponseCode.SUCCESS);
            Wire.Answer malformed = check(wire, "a ==", "SQL92");
            assertThat(malformed.code()).isEqualTo(ResponseCode.SUBSCRIPTION_PARSE_FAILED);
            assertThat(malformed.remark()).contains("malformed at character 4");
            assertThat(check(wire, "", "SQL92").code()).isEqualTo(ResponseCode.SUBSCRIPTION_PARSE_FAILED);
            assertThat(check(wire, "x", "XPATH").code()).isEqualTo(ResponseCode.SUBSCRIPTION_PARSE_FAILED);
        }
    }

    private static Wire.Answer check(Wire wire, String expression, String type) {
        SubscriptionData wish = new SubscriptionData("any", expression, type, Set.of(), Set.of(), 1, false);
        return wire.ask(RequestCode.CHECK_CLIENT_CONFIG, new CheckClientConfig("c", "g", "", wish).write());
    }

    private static Wire.Answer pull(Wire wire, Queue queue, long offset, String expression, long holdMillis) {
        return wire.ask(
                RequestCode.PULL_MESSAGE,
                "consumerGroup",
                "sql_by_hand",
                "topic",
                queue.topic(),
                "queueId",
                "" + queue.index(),
                "queueOffset",
                "" + offset,
                "maxMsgNums",
                "32",
                "sysFlag",
                holdMillis > 0 ? "6" : "4",
                "commitOffset",
                "0",
                "suspendTimeoutMillis",
                "" + holdMillis,
                "subscription",
                expression,
                "subVersion",
                "0",
                "expressionType",
                "SQL92");
    }

    private Producer producer(String version) {
        return closing(client(version).producer(ProducerSpec.of(fresh("p"))));
    }

    private static Draft draft(String topic, int number) {
        return Draft.of(topic, "m" + number).with("age", "" + number);
    }

    /** Sends messages of which every second has a name; returns the texts of those with a name and an age from 10 to 19. */
    private static List<String> sendMany(Producer producer, String topic, int first, int count) {
        List<String> wanted = new ArrayList<>();
        for (int i = first; i < first + count; i++) {
            int age = i % 40;
            Draft draft = Draft.of(topic, "m" + i).with("age", "" + age);
            producer.send(i % 2 == 0 ? draft.with("name", "n") : draft);
            if (i % 2 == 0 && age >= 10 && age <= 19) wanted.add("m" + i);
        }
        return wanted;
    }
}
