package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.it.client.Draft;
import io.vostok.it.client.Got;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.client.PullClient;
import io.vostok.it.client.Sent;
import io.vostok.it.kit.LosingRelay;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.Scenario;
import io.vostok.it.kit.Server;
import io.vostok.it.kit.ServerSpec;
import io.vostok.it.kit.VostokServer;
import io.vostok.it.kit.Wire;
import io.vostok.kit.Await;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A send that comes a second time is stored once; the answer is the first's. Apache stores it twice. */
class RepeatIT extends Scenario {

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void aClientThatLosesAnswersStoresEachMessageOnce(String version) throws Exception {
        Server behindRelay =
                ended(VostokServer.start(ServerSpec.plain(), "--broker.advertisedHost=" + LosingRelay.HOST));
        LosingRelay relay = closing(new LosingRelay(behindRelay.brokerPort()));
        Producer producer = closing(Peers.client(version, behindRelay.nameServer())
                .producer(ProducerSpec.of(fresh("p")).timeoutMillis(1_500)));
        String topic = fresh("lost");
        producer.sendAgain(Draft.of(topic, "m0"), 1, 10);

        relay.lose(1);
        Sent sent = producer.sendAgain(Draft.of(topic, "m1").tags("T").keys("k"), 1, 10)
                .get(0);
        relay.lose(1);
        Sent delayed = producer.sendAgain(Draft.of(topic, "m2").with("DELAY", "1"), 1, 10)
                .get(0);

        assertThat(relay.lost()).isEqualTo(2);
        assertThat(List.of(sent, delayed)).extracting(Sent::status).containsOnly("SEND_OK");
        PullClient puller =
                closing(Peers.client(version, behindRelay.nameServer()).puller(fresh("g")));
        Await.until(
                "the delayed message is there", SOON, () -> texts(puller, topic).contains("m2"));
        assertThat(texts(puller, topic)).containsExactlyInAnyOrder("m0", "m1", "m2");
        // What the client was told is where the message is, though its last attempt named another queue.
        Got got = everything(puller, sent.queue(), "*").stream()
                .filter(each -> each.text().equals("m1"))
                .findFirst()
                .orElseThrow();
        assertThat(got.queueOffset()).isEqualTo(sent.queueOffset());
        behindRelay.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void oneMessageObjectSentTwiceIsOneMessage(String version) {
        String topic = fresh("object");
        Producer producer = closing(client(version).producer(ProducerSpec.of(fresh("p"))));

        List<Sent> answers = producer.sendAgain(Draft.of(topic, "once").tags("T"), 2, 2);

        assertThat(answers.get(1)).isEqualTo(answers.get(0));
        assertThat(everything(version, topic)).extracting(Got::text).containsExactly("once");
    }

    @Test
    void theAnswerToARepeatRecallsTheFirst() {
        String topic = fresh("recall");
        Producer producer = closing(client(Peers.NEW).producer(ProducerSpec.of(fresh("p"))));

        List<Sent> answers = producer.sendAgain(Draft.of(topic, "recalled").with("TIMER_DELAY_SEC", "3600"), 2, 2);

        assertThat(answers.get(1)).isEqualTo(answers.get(0));
        assertThat(producer.recall(topic, answers.get(1).recallHandle()))
                .isEqualTo(answers.get(0).messageId());
    }

    private List<String> texts(PullClient puller, String topic) {
        return puller.queues(topic).stream()
                .flatMap(queue -> everything(puller, queue, "*").stream())
                .map(Got::text)
                .toList();
    }

    @Test
    void answersTheSameFrameTwiceWithTheFirstsPlaceAlsoFromAnotherConnectionAndToAnotherQueue() {
        String topic = fresh("twice");
        try (Wire one = new Wire(server.brokerPort());
                Wire other = new Wire(server.brokerPort())) {
            Wire.Answer first = send(one, topic, 1, "id-1", "body");

            assertThat(first.code()).isZero();
            assertThat(send(one, topic, 1, "id-1", "body").ext()).isEqualTo(first.ext());
            assertThat(send(other, topic, 1, "id-1", "body").ext()).isEqualTo(first.ext());
            assertThat(send(other, topic, 3, "id-1", "body").ext()).isEqualTo(first.ext());
            assertThat(stored(one, topic)).isEqualTo(1);
        }
    }

    @Test
    void storesAnotherBodyUnderTheSameIdAndMessagesWithoutId() {
        String topic = fresh("other");
        try (Wire wire = new Wire(server.brokerPort())) {
            send(wire, topic, 0, "id-1", "body");
            send(wire, topic, 0, "id-1", "another body");
            send(wire, topic, 0, "id-2", "body");
            send(wire, topic, 0, "", "body");
            send(wire, topic, 0, "", "body");
            send(wire, fresh("another"), 0, "id-1", "body");

            assertThat(stored(wire, topic)).isEqualTo(5);
        }
    }

    @Test
    void answersABatchThatComesAgainWithAllTheFirstsIds() {
        String topic = fresh("batch");
        try (Wire wire = new Wire(server.brokerPort())) {
            Wire.Answer first = sendBatch(wire, topic, "a", "b", "c");

            assertThat(first.ext())
                    .hasEntrySatisfying(
                            "msgId", ids -> assertThat(ids.split(",")).hasSize(3));
            assertThat(sendBatch(wire, topic, "a", "b", "c").ext()).isEqualTo(first.ext());
            assertThat(stored(wire, topic)).isEqualTo(3);
            assertThat(sendBatch(wire, topic, "a", "b").code()).isZero();
            assertThat(sendBatch(wire, topic, "a", "x", "c").code()).isZero();
            assertThat(stored(wire, topic)).isGreaterThanOrEqualTo(6);
        }
    }

    @Test
    void knowsRepeatsOfWhatIsInFlightAndAfterAKill() throws IOException {
        Server own = start(ServerSpec.plain().syncFlush(true));
        String topic = fresh("killed");
        Wire.Answer first;
        Wire.Answer batch;
        try (Wire wire = new Wire(own.brokerPort())) {
            first = send(wire, topic, 2, "id-1", "body");
            batch = sendBatch(wire, topic, "a", "b");
            // The second is asked for while the first waits for its flush.
            wire.write(frame(101, topic, 0, "id-2", "in flight"));
            wire.write(frame(102, topic, 1, "id-2", "in flight"));
            assertThat(wire.read().ext()).isEqualTo(wire.read().ext());
            assertThat(stored(wire, topic)).isEqualTo(4);
        }

        own.kill();
        own.restart();

        try (Wire wire = new Wire(own.brokerPort())) {
            assertThat(send(wire, topic, 2, "id-1", "body").ext()).isEqualTo(first.ext());
            assertThat(sendBatch(wire, topic, "a", "b").ext()).isEqualTo(batch.ext());
            assertThat(stored(wire, topic)).isEqualTo(4);
        }
        own.close();
    }

    @Test
    void storesItAgainAfterTheWindow() {
        Server own = ended(VostokServer.start(ServerSpec.plain(), "--store.repeatWindow=1s"));
        String topic = fresh("window");
        try (Wire wire = new Wire(own.brokerPort())) {
            Wire.Answer first = send(wire, topic, 2, "id-1", "body");
            Await.until("the window is over", SOON, () -> {
                Wire.Answer again = send(wire, topic, 2, "id-1", "body");
                return !again.ext().equals(first.ext());
            });
            assertThat(stored(wire, topic)).isEqualTo(2);
        }
        own.close();
    }

    @Test
    void storesEverythingWhenSwitchedOff() {
        Server own = ended(VostokServer.start(ServerSpec.plain(), "--store.repeatWindow=0s"));
        String topic = fresh("off");
        try (Wire wire = new Wire(own.brokerPort())) {
            send(wire, topic, 0, "id-1", "body");
            send(wire, topic, 0, "id-1", "body");

            assertThat(stored(wire, topic)).isEqualTo(2);
        }
        own.close();
    }

    private static Wire.Answer send(Wire wire, String topic, int queue, String id, String body) {
        return wire.ask(10, body.getBytes(StandardCharsets.UTF_8), fields(topic, queue, id, false));
    }

    private static byte[] frame(int opaque, String topic, int queue, String id, String body) {
        return Wire.frame(10, opaque, 0, body.getBytes(StandardCharsets.UTF_8), fields(topic, queue, id, false));
    }

    private static Wire.Answer sendBatch(Wire wire, String topic, String... bodies) {
        ByteBuffer batch = ByteBuffer.allocate(4_096);
        for (int i = 0; i < bodies.length; i++) {
            byte[] body = bodies[i].getBytes(StandardCharsets.UTF_8);
            byte[] properties = ("UNIQ_KEY\1batch-" + i + "\2").getBytes(StandardCharsets.UTF_8);
            batch.putInt(22 + body.length + properties.length)
                    .putInt(0)
                    .putInt(0)
                    .putInt(0);
            batch.putInt(body.length)
                    .put(body)
                    .putShort((short) properties.length)
                    .put(properties);
        }
        byte[] encoded = new byte[batch.flip().remaining()];
        batch.get(encoded);
        return wire.ask(10, encoded, fields(topic, 0, "", true));
    }

    private static String[] fields(String topic, int queue, String id, boolean batch) {
        Map<String, String> fields = Map.ofEntries(
                Map.entry("producerGroup", "p"),
                Map.entry("topic", topic),
                Map.entry("defaultTopic", "TBW102"),
                Map.entry("defaultTopicQueueNums", "4"),
                Map.entry("queueId", Integer.toString(queue)),
                Map.entry("sysFlag", "0"),
                Map.entry("bornTimestamp", Long.toString(System.currentTimeMillis())),
                Map.entry("flag", "0"),
                Map.entry("batch", Boolean.toString(batch)),
                Map.entry("properties", id.isEmpty() ? "KEYS\1k\2" : "KEYS\1k\2UNIQ_KEY\1" + id + "\2"));
        return fields.entrySet().stream()
                .flatMap(each -> List.of(each.getKey(), each.getValue()).stream())
                .toArray(String[]::new);
    }

    /** How many messages all queues of the topic hold; waits until what was answered is dispatched. */
    private static long stored(Wire wire, String topic) {
        return IntStream.range(0, 4)
                .mapToLong(queue -> Long.parseLong(wire.ask(30, "topic", topic, "queueId", "" + queue)
                        .ext()
                        .get("offset")))
                .sum();
    }
}
