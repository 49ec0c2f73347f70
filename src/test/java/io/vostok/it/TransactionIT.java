package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.client.Decider;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Got;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.client.PullClient;
import io.vostok.it.client.Queue;
import io.vostok.it.client.RealClient;
import io.vostok.it.client.Sent;
import io.vostok.it.client.TransactionalProducer;
import io.vostok.it.kit.Inbox;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.Scenario;
import io.vostok.it.kit.Server;
import io.vostok.it.kit.ServerSpec;
import io.vostok.it.kit.VostokServer;
import io.vostok.it.kit.Wire;
import io.vostok.kit.Await;
import io.vostok.wire.RequestCode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Transactional messages with both clients, on a broker that checks every second. */
class TransactionIT extends Scenario {
    private static final String HALVES = "RMQ_SYS_TRANS_HALF_TOPIC";
    private static final int COMMIT = 8;
    private static final int ROLLBACK = 12;

    @Override
    protected Server startOwn() {
        return startOn(
                spec(), "--transaction.timeout=1s", "--transaction.checkInterval=1s", "--transaction.checkMax=1000");
    }

    private Server startOn(ServerSpec spec, String... more) {
        return ended(VostokServer.start(spec, more));
    }

    private static ServerSpec otherStore() {
        return ServerSpec.plain();
    }

    /** Answers as told, and keeps what it was asked. */
    private static final class Answers implements Decider {
        private final Outcome first;
        private volatile Function<Got, Outcome> later;
        private final List<Got> asked = new CopyOnWriteArrayList<>();

        Answers(Outcome first, Outcome later) {
            this.first = first;
            this.later = half -> later;
        }

        @Override
        public Outcome execute(Draft draft) {
            return first;
        }

        @Override
        public Outcome check(Got half) {
            asked.add(half);
            return later.apply(half);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void deliversWhatIsCommittedAndNothingElse(String version) {
        String topic = topic(version);
        String group = fresh("p");
        Inbox inbox = consuming(version, topic);

        Answers rollsBack = new Answers(Decider.Outcome.ROLLBACK, Decider.Outcome.ROLLBACK);
        TransactionalProducer other = closing(client(version).transactional(ProducerSpec.of(fresh("p")), rollsBack));
        TransactionalProducer producer = closing(client(version)
                .transactional(ProducerSpec.of(group), new Answers(Decider.Outcome.COMMIT, Decider.Outcome.COMMIT)));
        other.send(Draft.of(topic, "rolled back"));
        Sent sent =
                producer.send(Draft.of(topic, "committed").tags("T").keys("k").with("color", "red"));
        other.send(Draft.of(topic, "rolled back too"));
        producer.send(Draft.of(topic, "last"));
        inbox.awaitTexts(List.of("committed", "last"));

        assertThat(sent.status()).isEqualTo("SEND_OK");
        assertThat(sent.queue().topic()).isEqualTo(topic);
        assertThat(inbox.all())
                .extracting(Got::text)
                .containsOnlyOnce("committed", "last")
                .hasSize(3);
        Got got = inbox.all().stream()
                .filter(each -> each.text().equals("committed"))
                .findFirst()
                .orElseThrow();
        assertThat(got.messageId()).isEqualTo(sent.messageId());
        assertThat(got.queue().index()).isEqualTo(sent.queue().index());
        assertThat(got.sysFlag() & 0xC).isEqualTo(COMMIT);
        assertThat(got.tags()).isEqualTo("T");
        assertThat(got.properties())
                .containsEntry("PGROUP", group)
                .containsEntry("TRAN_MSG", "true")
                .containsEntry("__transactionId__", sent.messageId())
                .containsEntry("color", "red");
        assertThat(rollsBack.asked)
                .as("a decided transaction is not asked about")
                .isEmpty();
    }

    /** An application whose transaction failed tries again with the same object, and its unique id. */
    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void aMessageObjectThatWasRolledBackCanBeSentInATransactionOfItsOwn(String version) {
        String topic = topic(version);
        Inbox inbox = consuming(version, topic);
        AtomicInteger transactions = new AtomicInteger();
        Decider thirdTime = new Decider() {
            @Override
            public Outcome execute(Draft draft) {
                return transactions.incrementAndGet() < 3 ? Outcome.ROLLBACK : Outcome.COMMIT;
            }

            @Override
            public Outcome check(Got half) {
                return Outcome.ROLLBACK;
            }
        };
        TransactionalProducer producer = closing(client(version).transactional(ProducerSpec.of(fresh("p")), thirdTime));

        List<Sent> answers = producer.sendAgain(Draft.of(topic, "tried three times"), 3);
        producer.sendAgain(Draft.of(topic, "last"), 1);
        inbox.awaitTexts(List.of("tried three times", "last"));

        assertThat(answers).extracting(Sent::queueOffset).doesNotHaveDuplicates();
        assertThat(inbox.all()).extracting(Got::text).containsOnlyOnce("tried three times");
    }

    /** Clients of 5.x refuse delays in transactions themselves, those of 4.9 take levels away. */
    @Test
    void whatIsCommittedWithADelayWaitsFromThenOnAndComesOnce() {
        String topic = topic(Peers.OLD);
        Inbox inbox = consuming(Peers.OLD, topic);
        TransactionalProducer producer = closing(client(Peers.OLD)
                .transactional(
                        ProducerSpec.of(fresh("p")), new Answers(Decider.Outcome.COMMIT, Decider.Outcome.COMMIT)));
        long before = System.currentTimeMillis();

        producer.send(Draft.of(topic, "waits").with("TIMER_DELAY_MS", "1000"));
        producer.send(Draft.of(topic, "waits too").with("TIMER_DELAY_MS", "1000"));
        inbox.awaitTexts(List.of("waits", "waits too"));

        assertThat(inbox.all()).extracting(Got::text).containsOnlyOnce("waits", "waits too");
        assertThat(inbox.all())
                .filteredOn(got -> got.text().startsWith("waits"))
                .allSatisfy(got -> assertThat(got.storedMillis()).isGreaterThanOrEqualTo(before + 1_000));
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void asksTheProducerUntilItKnows(String version) {
        String topic = topic(version);
        Inbox inbox = consuming(version, topic);
        Answers answers = new Answers(Decider.Outcome.UNKNOW, Decider.Outcome.UNKNOW);
        answers.later = half -> answers.asked.size() >= 2 ? Decider.Outcome.COMMIT : Decider.Outcome.UNKNOW;
        TransactionalProducer producer = closing(client(version).transactional(ProducerSpec.of(fresh("p")), answers));

        Sent sent = producer.send(Draft.of(topic, "known later").with("color", "red"));
        inbox.awaitTexts(List.of("known later"));

        assertThat(inbox.all()).extracting(Got::text).containsOnlyOnce("known later");
        assertThat(answers.asked).hasSizeGreaterThanOrEqualTo(2);
        Got half = answers.asked.get(0);
        assertThat(half.topic()).isEqualTo(topic);
        assertThat(half.queue().index()).isEqualTo(sent.queue().index());
        assertThat(half.properties()).containsEntry("UNIQ_KEY", sent.messageId());
        assertThat(half.queueOffset()).isEqualTo(sent.queueOffset());
        assertThat(half.text()).isEqualTo("known later");
        assertThat(half.properties()).containsEntry("color", "red");
        assertThat(times(half)).isPositive();
        assertThat(times(answers.asked.get(1))).isEqualTo(times(half) + 1);
        assertThat(answers.asked.get(1).storedMillis()).isEqualTo(half.storedMillis());
    }

    @ParameterizedTest
    @CsvSource({Peers.OLD + "," + Peers.NEW, Peers.NEW + "," + Peers.OLD})
    void anotherProducerOfTheGroupAnswersForOneThatIsGone(String gone, String there) {
        String topic = topic(gone);
        String group = fresh("p");
        Inbox inbox = consuming(gone, topic);
        Answers silent = new Answers(Decider.Outcome.UNKNOW, Decider.Outcome.UNKNOW);
        try (TransactionalProducer producer = client(gone).transactional(ProducerSpec.of(group), silent)) {
            producer.send(Draft.of(topic, "orphan"));
            producer.send(Draft.of(topic, "unwanted"));
        }
        Answers answers = new Answers(Decider.Outcome.UNKNOW, Decider.Outcome.UNKNOW);
        answers.later = half -> half.text().equals("orphan") ? Decider.Outcome.COMMIT : Decider.Outcome.ROLLBACK;
        TransactionalProducer heir = closing(client(there).transactional(ProducerSpec.of(group), answers));
        heir.send(Draft.of(topic, "unwanted"));

        inbox.awaitTexts(List.of("orphan"));
        Await.until("all three were asked about", SOON, () -> answers.asked.size() >= 3);
        assertThat(inbox.all()).extracting(Got::text).doesNotContain("unwanted");
    }

    @ParameterizedTest
    @CsvSource({Peers.OLD + ",false", Peers.NEW + ",true"})
    void decidesAfterAKillWhatWasPendingBefore(String version, boolean syncFlush) {
        Server own = startOn(
                otherStore().syncFlush(syncFlush),
                "--transaction.timeout=1s",
                "--transaction.checkInterval=2s",
                "--transaction.checkMax=1000");
        String topic = fresh("killed");
        Answers answers = new Answers(Decider.Outcome.UNKNOW, Decider.Outcome.UNKNOW);
        TransactionalProducer producer =
                closing(Peers.client(version, own.nameServer()).transactional(ProducerSpec.of(fresh("p")), answers));
        TransactionalProducer decided = closing(Peers.client(version, own.nameServer())
                .transactional(
                        ProducerSpec.of(fresh("p")), new Answers(Decider.Outcome.COMMIT, Decider.Outcome.COMMIT)));
        List<String> wanted = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            producer.send(Draft.of(topic, (i % 3 == 0 ? "rolled back " : "committed ") + i));
            decided.send(Draft.of(topic, "before " + i));
            wanted.add("before " + i);
            if (i % 3 != 0) wanted.add("committed " + i);
        }
        own.kill();
        answers.asked.clear();
        answers.later = half -> half.text().startsWith("committed") ? Decider.Outcome.COMMIT : Decider.Outcome.ROLLBACK;
        own.restart();

        Inbox inbox = new Inbox();
        closing(Peers.client(version, own.nameServer()).consumer(ConsumerSpec.of(fresh("g"), topic), inbox));
        inbox.awaitTexts(wanted);
        Await.until("all thirty were asked about", SOON, () -> answers.asked.size() >= 30);

        assertThat(inbox.all()).extracting(Got::text).containsExactlyInAnyOrderElementsOf(wanted);
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void givesUpAfterTheLastCheckAndTakesUpAgainWhenTold(String version) {
        Server own = startOn(
                otherStore(), "--transaction.timeout=1s", "--transaction.checkInterval=2s", "--transaction.checkMax=3");
        RealClient client = Peers.client(version, own.nameServer());
        String topic = fresh("tx");
        String group = fresh("p");
        Answers answers = new Answers(Decider.Outcome.UNKNOW, Decider.Outcome.UNKNOW);
        TransactionalProducer producer = closing(client.transactional(ProducerSpec.of(group), answers));
        Sent sent = producer.send(Draft.of(topic, "nobody knows").tags("T"));

        PullClient puller = closing(client.puller(fresh("reader")));
        Queue givenUp = new Queue("TRANS_CHECK_MAX_TIME_TOPIC", own.brokerName(), 0);
        Await.until("given up", SOON, () -> puller.maxOffset(givenUp) > 0);
        Got letter = everything(puller, givenUp, "*").get(0);
        // The first check may have come before the client's first heartbeat.
        assertThat(answers.asked)
                .extracting(TransactionIT::times)
                .endsWith(2, 3)
                .isSorted();
        assertThat(answers.asked).hasSizeLessThanOrEqualTo(3);
        assertThat(letter.text()).isEqualTo("nobody knows");
        assertThat(letter.messageId()).isEqualTo(sent.messageId());
        assertThat(letter.properties())
                .containsEntry("REAL_TOPIC", topic)
                .containsEntry("PGROUP", group)
                .containsEntry("TRANSACTION_CHECK_TIMES", "3");
        assertThat(own.tail())
                .contains("half message given up topic=" + topic + " uniqueId=" + sent.messageId() + " producerGroup="
                        + group);

        try (Wire wire = new Wire(own.brokerPort())) {
            assertThat(end(wire, group, answers.asked.get(0), COMMIT))
                    .as("a commit that comes too late")
                    .isEqualTo(1);
            answers.later = half -> Decider.Outcome.COMMIT;
            String id = String.format("7F000001%08X%016X", own.brokerPort(), letter.logPosition());
            assertThat(wire.ask(RequestCode.RESUME_CHECK_HALF_MESSAGE, "msgId", id)
                            .code())
                    .isZero();
        }
        Inbox inbox = new Inbox();
        closing(client.consumer(ConsumerSpec.of(fresh("g"), topic), inbox));
        inbox.awaitTexts(List.of("nobody knows"));
        assertThat(inbox.all()).extracting(Got::text).containsOnlyOnce("nobody knows");
    }

    @Test
    void endsEachTransactionOnceHoweverOftenItIsTold() {
        Server own = startOn(otherStore());
        String topic = fresh("twice");
        String group = fresh("p");
        try (TransactionalProducer producer = Peers.client(Peers.NEW, own.nameServer())
                .transactional(
                        ProducerSpec.of(group).queues(1),
                        new Answers(Decider.Outcome.UNKNOW, Decider.Outcome.UNKNOW))) {
            producer.send(Draft.of(topic, "once"));
            producer.send(Draft.of(topic, "never"));
        }
        PullClient tool = closing(Peers.client(Peers.NEW, own.nameServer()).puller("TOOLS_CONSUMER"));
        List<Got> halves = everything(tool, new Queue(HALVES, own.brokerName(), 0), "*");
        assertThat(halves).extracting(Got::text).containsExactly("once", "never");
        Got committed = halves.get(0);
        Got rolledBack = halves.get(1);
        for (int life = 0; life < 2; life++) {
            try (Wire wire = new Wire(own.brokerPort())) {
                assertThat(end(wire, fresh("p"), committed, COMMIT)).isEqualTo(1);
                assertThat(end(wire, group, committed.queueOffset() + 1, committed.logPosition(), COMMIT))
                        .isEqualTo(1);
                assertThat(end(wire, group, committed.queueOffset(), 1L << 40, COMMIT))
                        .isEqualTo(1);
                assertThat(end(wire, group, committed, 4)).isEqualTo(29);
                for (int i = 0; i < 3; i++) {
                    assertThat(end(wire, group, committed, COMMIT)).isZero();
                    assertThat(end(wire, group, rolledBack, ROLLBACK)).isZero();
                    assertThat(end(wire, group, rolledBack, COMMIT)).isZero();
                }
            }
            if (life == 0) {
                own.kill();
                own.restart();
            }
        }

        Inbox inbox = new Inbox();
        closing(Peers.client(Peers.NEW, own.nameServer()).consumer(ConsumerSpec.of(fresh("g"), topic), inbox));
        try (Producer last = Peers.client(Peers.NEW, own.nameServer()).producer(ProducerSpec.of(fresh("p")))) {
            last.send(Draft.of(topic, "the end"));
        }
        inbox.awaitTexts(List.of("once", "the end"));
        assertThat(inbox.all()).extracting(Got::text).containsExactlyInAnyOrder("once", "the end");
    }

    @Test
    void showsHalfMessagesToNoConsumer() {
        try (Wire wire = new Wire(server.brokerPort())) {
            Wire.Answer answer = wire.ask(
                    RequestCode.PULL_MESSAGE,
                    "consumerGroup",
                    fresh("g"),
                    "topic",
                    HALVES,
                    "queueId",
                    "0",
                    "queueOffset",
                    "0",
                    "maxMsgNums",
                    "32",
                    "sysFlag",
                    "4",
                    "commitOffset",
                    "0",
                    "suspendTimeoutMillis",
                    "0",
                    "subscription",
                    "*",
                    "subVersion",
                    "0",
                    "expressionType",
                    "TAG");
            assertThat(answer.code()).isEqualTo(16);
        }
    }

    /** How often the broker says it has asked. */
    private static int times(Got half) {
        return Integer.parseInt(half.properties().getOrDefault("TRANSACTION_CHECK_TIMES", "0"));
    }

    private static int end(Wire wire, String group, Got half, int how) {
        return end(wire, group, half.queueOffset(), half.logPosition(), how);
    }

    private static int end(Wire wire, String group, long offset, long position, int how) {
        return wire.ask(
                        RequestCode.END_TRANSACTION,
                        "producerGroup",
                        group,
                        "tranStateTableOffset",
                        "" + offset,
                        "commitLogOffset",
                        "" + position,
                        "commitOrRollback",
                        "" + how,
                        "fromTransactionCheck",
                        "false",
                        "msgId",
                        "any")
                .code();
    }

    /** A topic that is there. */
    private String topic(String version) {
        String topic = fresh("tx");
        try (Producer producer = client(version).producer(ProducerSpec.of(fresh("p")))) {
            producer.send(Draft.of(topic, "makes the topic"));
        }
        return topic;
    }

    private Inbox consuming(String version, String topic) {
        Inbox inbox = new Inbox();
        closing(client(version).consumer(ConsumerSpec.of(fresh("g"), topic), inbox));
        inbox.awaitTexts(List.of("makes the topic"));
        return inbox;
    }
}
