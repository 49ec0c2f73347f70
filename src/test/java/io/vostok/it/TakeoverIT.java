package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.client.Decider;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Got;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.client.TransactionalProducer;
import io.vostok.it.kit.ApacheServer;
import io.vostok.it.kit.Folders;
import io.vostok.it.kit.Inbox;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.PopWire;
import io.vostok.it.kit.Scenario;
import io.vostok.it.kit.Server;
import io.vostok.it.kit.ServerSpec;
import io.vostok.it.kit.VostokServer;
import io.vostok.it.kit.Wire;
import io.vostok.kit.Await;
import io.vostok.wire.RequestCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What waits in a store, undecided, popped or delayed, lives on with the next broker, or in the next file of the log. */
class TakeoverIT extends Scenario {
    private static final int SEGMENT = 8 * 1024 * 1024;
    private static final long WAITS = 15_000;
    private static final String[] CHECKS_EVERY_SECOND = {
        "--transaction.timeout=1s", "--transaction.checkInterval=1s", "--transaction.checkMax=1000"
    };

    /** Only what each test starts is of interest. */
    @Override
    protected Server startOwn() {
        return ended(
                VostokServer.start(spec().segmentBytes(1 << 20), "--broker.delayLevels=1s " + WAITS / 1_000 + "s"));
    }

    private static Decider always(Decider.Outcome first, Decider.Outcome checked) {
        return new Decider() {
            @Override
            public Outcome execute(Draft draft) {
                return first;
            }

            @Override
            public Outcome check(Got half) {
                return checked;
            }
        };
    }

    private static void send(Server broker, String topic, String... texts) {
        try (Producer producer = Peers.client(Peers.NEW, broker.nameServer())
                .producer(ProducerSpec.of(fresh("p")).queues(1))) {
            for (String text : texts) producer.send(Draft.of(topic, text));
        }
    }

    private static void half(Server broker, String group, Decider.Outcome outcome, Draft draft) {
        try (TransactionalProducer producer = Peers.client(Peers.OLD, broker.nameServer())
                .transactional(ProducerSpec.of(group), always(outcome, Decider.Outcome.UNKNOW))) {
            producer.send(draft);
        }
    }

    /** A producer of the group that knows how the transactions ended; brokers hear of it once it has sent something. */
    private void knows(Server broker, String group, String topic) {
        closing(Peers.client(Peers.NEW, broker.nameServer())
                        .transactional(ProducerSpec.of(group), always(Decider.Outcome.COMMIT, Decider.Outcome.COMMIT)))
                .send(Draft.of(topic, "one more"));
    }

    private Inbox consuming(Server broker, String topic) {
        Inbox inbox = new Inbox();
        closing(Peers.client(Peers.NEW, broker.nameServer()).consumer(ConsumerSpec.of(fresh("g"), topic), inbox));
        return inbox;
    }

    @Test
    void whatApacheHadUndecidedOrPoppedGoesOnHere() {
        Path store = Folders.make("takeover");
        ServerSpec spec = ServerSpec.plain().segmentBytes(SEGMENT).on(store);
        ApacheServer apache = ended(ApacheServer.start(spec));
        String topic = fresh("pay");
        String popped = fresh("popped");
        String group = fresh("g");
        String producers = fresh("p");
        send(apache, topic, "first");
        send(apache, popped, "acked", "held");
        half(
                apache,
                producers,
                Decider.Outcome.UNKNOW,
                Draft.of(topic, "undecided").with("color", "red"));
        half(apache, producers, Decider.Outcome.UNKNOW, Draft.of(topic, "undecided too"));
        half(apache, producers, Decider.Outcome.ROLLBACK, Draft.of(topic, "rolled back there"));
        try (PopWire pop = new PopWire(apache.brokerPort())) {
            List<PopWire.Message> both = pop.popSome(group, popped, 32, 15_000);
            assertThat(both).extracting(PopWire.Message::text).containsExactly("acked", "held");
            assertThat(pop.ack(group, both.get(0))).isZero();
        }
        apache.stop();
        apache.close();

        VostokServer ours = ended(VostokServer.start(spec, CHECKS_EVERY_SECOND));
        Inbox inbox = consuming(ours, topic);
        knows(ours, producers, topic);
        inbox.awaitTexts(List.of("first", "undecided", "undecided too"));
        try (PopWire pop = new PopWire(ours.brokerPort())) {
            List<PopWire.Message> again = pop.popSome(group, popped, 32, 60_000);
            assertThat(again)
                    .as("what was acked there does not come")
                    .extracting(PopWire.Message::text)
                    .containsExactly("held");
            assertThat(again.get(0).reconsumeTimes()).isEqualTo(1);
            assertThat(pop.ack(group, again.get(0))).isZero();
            assertThat(pop.pop(group, popped, 32, 60_000, 200).code()).isEqualTo(210);
        }
        assertThat(inbox.all()).extracting(Got::text).containsOnlyOnce("undecided", "undecided too");
        assertThat(inbox.all())
                .filteredOn(got -> got.text().equals("undecided"))
                .allSatisfy(got -> assertThat(got.properties()).containsEntry("color", "red"));
        send(ours, topic, "last");
        inbox.awaitTexts(List.of("last"));
        ours.kill();
        ours.restart();
        Inbox afterwards = consuming(ours, topic);
        afterwards.awaitTexts(List.of("undecided", "undecided too", "last"));
        assertThat(afterwards.all())
                .extracting(Got::text)
                .containsOnlyOnce("undecided", "undecided too")
                .doesNotContain("rolled back there");
    }

    @Test
    void whatIsUndecidedHereIsDecidedByApache() {
        ServerSpec spec = ServerSpec.plain().segmentBytes(SEGMENT).on(Folders.make("takeback"));
        VostokServer ours = ended(VostokServer.start(spec));
        String topic = fresh("pay");
        String producers = fresh("p");
        send(ours, topic, "first");
        half(ours, producers, Decider.Outcome.COMMIT, Draft.of(topic, "committed here"));
        half(ours, producers, Decider.Outcome.ROLLBACK, Draft.of(topic, "rolled back here"));
        half(ours, producers, Decider.Outcome.UNKNOW, Draft.of(topic, "undecided"));
        ours.stop();

        ApacheServer apache =
                ended(ApacheServer.start(spec, "transactionTimeOut=1000", "transactionCheckInterval=1000"));
        Inbox inbox = consuming(apache, topic);
        knows(apache, producers, topic);

        inbox.awaitTexts(List.of("first", "committed here", "undecided"));
        assertThat(inbox.all())
                .extracting(Got::text)
                .containsOnlyOnce("committed here")
                .doesNotContain("rolled back here");
    }

    @Test
    void aMessageOnADelayLevelOutlivesItsFileOfTheLog() {
        String topic = fresh("delayed");
        send(server, topic, "first");
        Inbox inbox = consuming(server, topic);
        inbox.awaitTexts(List.of("first"));
        long sent = System.currentTimeMillis();
        try (Producer producer =
                client(Peers.OLD).producer(ProducerSpec.of(fresh("p")).compressFromBytes(Integer.MAX_VALUE))) {
            producer.send(Draft.of(topic, "delayed").tags("T").with("DELAY", "2"));
            String other = fresh("filler");
            for (int i = 0; i < 12; i++) producer.send(Draft.of(other, new byte[200_000]));
        }
        Path oldest = server.store().resolve("commitlog/00000000000000000000");
        try (Wire wire = new Wire(server.brokerPort())) {
            Await.until("the file is gone", SOON, () -> {
                age(oldest); // Again: what is forced to the disk is written now.
                assertThat(wire.ask(RequestCode.DELETE_EXPIRED_COMMITLOG).code())
                        .isZero();
                return !Files.exists(oldest);
            });
            Wire.Answer timers = wire.ask(RequestCode.GET_MAX_OFFSET, "topic", "rmq_sys_wheel_timer", "queueId", "0");
            // A machine that is slow enough has delivered it before.
            if (System.currentTimeMillis() < sent + WAITS)
                assertThat(timers.ext()).containsEntry("offset", "1");
        }
        inbox.awaitTexts(List.of("delayed"));

        Got got = inbox.all().get(1);
        assertThat(got.storedMillis()).isGreaterThanOrEqualTo(sent + WAITS);
        assertThat(got.tags()).isEqualTo("T");
        assertThat(inbox.all()).extracting(Got::text).containsExactly("first", "delayed");
    }

    private static void age(Path file) {
        try {
            if (!Files.exists(file)) return;
            Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(30 * 86_400L)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
