package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.client.Draft;
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
import io.vostok.it.kit.VostokServer;
import io.vostok.it.kit.Wire;
import io.vostok.kit.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The broker says "not now" at once, with the protocol's code and the name of what is short; and goes on with the rest. */
class FlowIT extends Scenario {
    private static final int BUSY = 2;
    private static final int FLOW_CONTROL = 215;

    private Server limited;

    @BeforeAll
    void startLimited() {
        limited = ended(VostokServer.start(
                ServerSpec.plain(),
                "--limits.topicRates=limited=5",
                "--limits.groupRates=slow_4=20,slow_5=20,slow_raw=1",
                "--limits.untakenBytes=8MiB"));
    }

    @Test
    void refusesSendsBeyondATopicsRateAndTakesThemLater() {
        try (Wire wire = new Wire(limited.brokerPort())) {
            List<Wire.Answer> refused = new ArrayList<>();
            Await.until("one is refused", SOON, () -> {
                Wire.Answer answer = send(wire, "limited", "x");
                if (answer.code() != 0) refused.add(answer);
                return !refused.isEmpty();
            });

            assertThat(refused.get(0).code()).isEqualTo(BUSY);
            assertThat(refused.get(0).remark())
                    .contains("`limited` has its 5 messages a second (limits.topicRates); try again in ");
            assertThat(send(wire, fresh("free"), "x").code()).isZero();
            Await.until(
                    "sends are taken again",
                    SOON,
                    () -> send(wire, "limited", "x").code() == 0);
        }
    }

    @Test
    void refusesPullsBeyondAGroupsRate() {
        String topic = fresh("rate");
        try (Wire wire = new Wire(limited.brokerPort())) {
            for (int i = 0; i < 10; i++) send(wire, topic, "m" + i);
            Await.until(
                    "they can be read", SOON, () -> pull(wire, "reader", topic).code() == 0);
            assertThat(pull(wire, "slow_raw", topic).code()).as("ten at once").isZero();

            Wire.Answer second = pull(wire, "slow_raw", topic);

            assertThat(second.code()).isEqualTo(FLOW_CONTROL);
            assertThat(second.remark()).contains("`slow_raw` has its 1 messages a second (limits.groupRates)");
            assertThat(pull(wire, "reader", topic).code()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void aGroupWithARateGetsEverythingInItsTime(String version) {
        String topic = fresh("slowly");
        Producer producer = closing(Peers.client(version, limited.nameServer())
                .producer(ProducerSpec.of(fresh("p")).timeoutMillis(30_000)));
        List<String> texts = IntStream.range(0, 100).mapToObj(i -> "m" + i).toList();
        texts.forEach(text -> producer.send(Draft.of(topic, text)));
        Inbox inbox = new Inbox();

        closing(Peers.client(version, limited.nameServer())
                .consumer(ConsumerSpec.of("slow_" + version.charAt(0), topic), inbox));

        inbox.awaitTexts(texts);
        assertThat(inbox.all()).hasSize(texts.size());
    }

    @Test
    void consumersThatReadNoAnswersTakeNothingFromProducersAndOtherConsumers() throws IOException {
        String topic = fresh("large");
        Producer producer = closing(Peers.client(Peers.NEW, limited.nameServer())
                .producer(ProducerSpec.of(fresh("p")).queues(1)));
        String body = "x".repeat(3_000);
        Queue queue = producer.send(Draft.of(topic, body)).queue();
        for (int i = 0; i < 80; i++) producer.send(Draft.of(topic, body), queue);
        byte[] pulls = new byte[0];
        for (int i = 0; i < 200; i++)
            pulls = joined(pulls, Wire.frame(11, i, 0, new byte[0], pullFields("deaf", topic)));
        // Together they ask for twice the memory that the process may have, though each stays within its own bound.
        for (int i = 0; i < 60; i++) closing(new Wire(limited.brokerPort())).write(pulls);

        List<Sent> sent = new ArrayList<>();
        for (int i = 0; i < 300; i++) sent.add(producer.send(Draft.of(topic, "small " + i), queue));

        assertThat(sent).extracting(Sent::status).containsOnly("SEND_OK");
        PullClient puller =
                closing(Peers.client(Peers.NEW, limited.nameServer()).puller(fresh("g")));
        assertThat(everything(puller, queue, "*")).hasSize(381);
    }

    @Test
    void refusesSendsWhileTooMuchIsNotFlushedAndServesReads() {
        Server unflushed = ended(
                VostokServer.start(ServerSpec.plain(), "--store.flushInterval=60s", "--limits.unflushedBytes=64KiB"));
        String topic = fresh("unflushed");
        try (Wire wire = new Wire(unflushed.brokerPort())) {
            List<Wire.Answer> refused = new ArrayList<>();
            for (int i = 0; i < 100 && refused.isEmpty(); i++) {
                Wire.Answer answer = send(wire, topic, "x".repeat(1_000));
                if (answer.code() != 0) refused.add(answer);
            }

            assertThat(refused).hasSize(1);
            assertThat(refused.get(0).code()).isEqualTo(BUSY);
            assertThat(refused.get(0).remark())
                    .contains("bytes are not flushed yet (limits.unflushedBytes 65536)")
                    .contains("send again later");
            assertThat(pull(wire, "g", topic).code()).as("reads go on").isZero();
        }
        unflushed.close();
    }

    private static byte[] joined(byte[] one, byte[] other) {
        byte[] both = java.util.Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    private static Wire.Answer send(Wire wire, String topic, String body) {
        return wire.ask(
                10,
                body.getBytes(StandardCharsets.UTF_8),
                "producerGroup",
                "p",
                "topic",
                topic,
                "defaultTopic",
                "TBW102",
                "defaultTopicQueueNums",
                "1",
                "queueId",
                "0",
                "sysFlag",
                "0",
                "bornTimestamp",
                "1",
                "flag",
                "0",
                "properties",
                "");
    }

    private static Wire.Answer pull(Wire wire, String group, String topic) {
        return wire.ask(11, pullFields(group, topic));
    }

    private static String[] pullFields(String group, String topic) {
        return new String[] {
            "consumerGroup",
            group,
            "topic",
            topic,
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
            "1"
        };
    }
}
