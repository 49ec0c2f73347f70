package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Got;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.client.Sent;
import io.vostok.it.kit.Inbox;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.Scenario;
import io.vostok.it.kit.Wire;
import io.vostok.kit.Await;
import io.vostok.wire.RequestCode;
import java.time.Duration;
import java.util.List;
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
        } catch (io.vostok.it.client.ClientFailure notYet) {
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
