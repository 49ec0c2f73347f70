package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vostok.it.client.ClientFailure;
import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Got;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.client.PullClient;
import io.vostok.it.client.Queue;
import io.vostok.it.client.Sent;
import io.vostok.it.kit.Inbox;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.Scenario;
import io.vostok.it.kit.Server;
import io.vostok.it.kit.ServerSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages with a delivery time of their own: when they come, what they are then, restarts, and recalls. */
class TimerIT extends Scenario {
    private static final String DELIVER_MS = "TIMER_DELIVER_MS";
    private static final String DELAY_SEC = "TIMER_DELAY_SEC";
    private static final String DELAY_MS = "TIMER_DELAY_MS";

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void deliversNeverBeforeTheTimeAndSoonAfter(String version) {
        String topic = fresh("timer");
        Producer producer = producer(server, version);
        producer.send(Draft.of(topic, "makes the topic"));
        Inbox inbox = new Inbox();
        closing(client(version).consumer(ConsumerSpec.of(fresh("g"), topic), inbox));
        inbox.awaitTexts(List.of("makes the topic"));

        long now = now();
        send(producer, Draft.of(topic, "2500 at").with(DELIVER_MS, "" + (now + 2_500)));
        send(producer, Draft.of(topic, "2000 sec").tags("T").keys("k").with(DELAY_SEC, "2"));
        send(producer, Draft.of(topic, "300 millis").with("color", "red").with(DELAY_MS, "300"));
        send(producer, Draft.of(topic, "1000 seconds win").with(DELAY_SEC, "1").with(DELAY_MS, "90000"));
        send(producer, Draft.of(topic, "0 past").with(DELIVER_MS, "" + (now - 5_000)));
        send(producer, Draft.of(topic, "1000 level wins").with("DELAY", "1").with(DELIVER_MS, "" + (now + 99_999)));
        inbox.awaitTexts(List.of("2500 at", "2000 sec", "300 millis", "1000 seconds win", "0 past", "1000 level wins"));

        assertThat(inbox.all()).hasSize(7);
        for (Got got : inbox.all()) {
            if (got.text().startsWith("makes")) continue;
            long delay = Long.parseLong(got.text().substring(0, got.text().indexOf(' ')));
            long due = got.text().endsWith("at") ? now + delay : got.bornMillis() + delay;
            assertThat(got.storedMillis()).as(got.text()).isBetween(due, due + 30_000);
            assertThat(got.topic()).isEqualTo(topic);
        }
        Got sec = byText(inbox, "2000 sec");
        assertThat(sec.tags()).isEqualTo("T");
        assertThat(sec.keys()).isEqualTo("k");
        assertThat(sec.properties())
                .containsKeys("TIMER_OUT_MS", "TIMER_ENQUEUE_MS", "TIMER_DEQUEUE_MS")
                .doesNotContainKeys("REAL_TOPIC", "REAL_QID");
        assertThat(byText(inbox, "300 millis").properties()).containsEntry("color", "red");
        assertThat(byText(inbox, "1000 level wins").properties()).doesNotContainKey("TIMER_OUT_MS");
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void refusesTimesThatAreNoneAndThatAreTooFarAway(String version) {
        String topic = fresh("refused");
        Producer producer = producer(server, version);
        producer.send(Draft.of(topic, "makes the topic"));

        refuses(producer, Draft.of(topic, "x").with(DELIVER_MS, "tomorrow"));
        refuses(producer, Draft.of(topic, "x").with(DELAY_SEC, "" + (30 * 86_400 + 60)));
        refuses(producer, Draft.of(topic, "x").with(DELAY_SEC, "" + Long.MAX_VALUE));
        refuses(producer, Draft.of("rmq_sys_wheel_timer", "x").with("TIMER_OUT_MS", "1"));
        assertThat(producer.send(Draft.of(topic, "y").with(DELAY_SEC, "" + 30 * 86_400))
                        .status())
                .as("thirty days")
                .isEqualTo("SEND_OK");
    }

    private static void refuses(Producer producer, Draft draft) {
        assertThatThrownBy(() -> producer.send(draft)).isInstanceOf(ClientFailure.class);
    }

    @ParameterizedTest
    @CsvSource({Peers.OLD + ",true", Peers.NEW + ",false"})
    void deliversWhatWasPendingWhenTheBrokerEndedInOrderOfDueTime(String version, boolean killed) {
        Server own = start(ServerSpec.plain());
        String topic = fresh("pending");
        Producer producer = closing(Peers.client(version, own.nameServer())
                .producer(ProducerSpec.of(fresh("p")).queues(1)));
        producer.send(Draft.of(topic, "makes the topic"));
        Queue queue = producer.queues(topic).get(0);
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 60; i++) order.add(i);
        Collections.shuffle(order, new Random(11));
        // The first are delivered before the end, most are due while nobody runs, the last after the start.
        long base = now() + 3_000;
        LongUnaryOperator due = i -> base + i * 50 + (i >= 50 ? 8_000 : 0);
        for (int i : order) {
            producer.send(Draft.of(topic, "m" + i).with(DELIVER_MS, "" + due.applyAsLong(i)), queue);
        }
        if (killed) own.kill();
        else own.stop();
        own.restart();

        Inbox inbox = new Inbox();
        closing(Peers.client(version, own.nameServer()).consumer(ConsumerSpec.of(fresh("g"), topic), inbox));
        inbox.awaitTexts(order.stream().map(i -> "m" + i).toList());
        if (!killed) assertThat(inbox.all()).as("a clean stop repeats nothing").hasSize(61);
        int last = -1;
        List<Got> all = new ArrayList<>(inbox.all());
        all.sort(Comparator.comparingLong(Got::queueOffset));
        for (Got got : all) {
            if (!got.text().startsWith("m") || got.text().startsWith("makes")) continue;
            int number = Integer.parseInt(got.text().substring(1));
            assertThat(got.storedMillis()).as(got.text()).isGreaterThanOrEqualTo(due.applyAsLong(number));
            if (!killed) assertThat(number).as("in order of due time").isGreaterThan(last);
            last = number;
        }
    }

    @Test
    void recalledMessagesDoNotComeEvenWhenTheBrokerWasKilledInBetween() {
        Server own = start(ServerSpec.plain());
        String topic = fresh("recall");
        Producer producer = closing(Peers.client(Peers.NEW, own.nameServer()).producer(ProducerSpec.of(fresh("p"))));
        producer.send(Draft.of(topic, "makes the topic"));
        Sent near = producer.send(Draft.of(topic, "near").with(DELAY_MS, "14000"));
        Sent later = producer.send(Draft.of(topic, "later").with(DELAY_MS, "17000"));
        producer.send(Draft.of(topic, "stays").with(DELAY_MS, "17500"));
        Sent far = producer.send(Draft.of(topic, "far").with(DELAY_SEC, "864000"));

        assertThat(plain(near.recallHandle()))
                .startsWith("v1 " + topic + " " + own.brokerName() + " ")
                .endsWith(" " + near.messageId());
        assertThat(producer.recall(topic, near.recallHandle())).isEqualTo(near.messageId());
        assertThat(producer.recall(topic, later.recallHandle())).isEqualTo(later.messageId());
        assertThat(producer.recall(topic, far.recallHandle())).isEqualTo(far.messageId());
        assertThat(producer.recall(topic, far.recallHandle())).as("again").isEqualTo(far.messageId());
        own.kill();
        own.restart();

        Inbox inbox = new Inbox();
        closing(Peers.client(Peers.OLD, own.nameServer()).consumer(ConsumerSpec.of(fresh("g"), topic), inbox));
        inbox.awaitTexts(List.of("stays"));
        assertThat(inbox.all()).extracting(Got::text).containsExactlyInAnyOrder("makes the topic", "stays");
    }

    @Test
    void answersRecallsThatCannotBe() {
        String topic = fresh("norecall");
        Producer producer = producer(server, Peers.NEW);
        assertThat(producer.send(Draft.of(topic, "now")).recallHandle()).isEmpty();
        Sent sent = producer.send(Draft.of(topic, "waits").with(DELAY_SEC, "60"));
        String other = fresh("other");
        producer.send(Draft.of(other, "now"));

        assertThat(code(producer, other, sent.recallHandle())).isEqualTo(604);
        assertThat(code(producer, topic, handle(topic, now() - 1_000))).isEqualTo(604);
        assertThat(code(producer, topic, handle(topic, now() + 31L * 86_400_000)))
                .isEqualTo(604);
        PullClient puller = closing(client(Peers.NEW).puller(fresh("g")));
        assertThat(puller.queues(topic)).isNotEmpty();
    }

    private int code(Producer producer, String topic, String handle) {
        try {
            throw new AssertionError("recalled " + producer.recall(topic, handle));
        } catch (ClientFailure refused) {
            return refused.code();
        }
    }

    private String handle(String topic, long millis) {
        String plain = "v1 " + topic + " " + server.brokerName() + " " + millis + " 0A000001000018B4AAC2000000000000";
        return Base64.getUrlEncoder().encodeToString(plain.getBytes(StandardCharsets.UTF_8));
    }

    private static String plain(String handle) {
        return new String(Base64.getUrlDecoder().decode(handle), StandardCharsets.UTF_8);
    }

    private static Got byText(Inbox inbox, String text) {
        return inbox.all().stream()
                .filter(each -> each.text().equals(text))
                .findFirst()
                .orElseThrow();
    }

    private void send(Producer producer, Draft draft) {
        Sent sent = producer.send(draft);
        assertThat(sent.status()).isEqualTo("SEND_OK");
        assertThat(sent.queue().topic()).isEqualTo(draft.topic());
    }

    private Producer producer(Server target, String version) {
        return closing(Peers.client(version, target.nameServer()).producer(ProducerSpec.of(fresh("p"))));
    }

    private static long now() {
        return System.currentTimeMillis();
    }
}
