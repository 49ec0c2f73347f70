package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Got;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.client.PullClient;
import io.vostok.it.client.Queue;
import io.vostok.it.client.RealClient;
import io.vostok.it.kit.HeldPulls;
import io.vostok.it.kit.Inbox;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.Scenario;
import io.vostok.it.kit.Wire;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is visible on the sockets: held pulls, broken frames, unknown codes, TLS, the VIP port, binary headers. */
class WireIT extends Scenario {

    @Test
    void holdsTwoThousandPullsAndAnswersEachAfterItsTime() throws IOException {
        Queue queue = someQueue("held");

        try (HeldPulls pulls = new HeldPulls(server.brokerPort(), queue.topic(), queue.index(), 1, 2_000, 15_000)) {
            pulls.awaitAnswers(2_000);

            for (HeldPulls.Answered each : pulls.answers()) {
                assertThat(each.answer().code()).isEqualTo(19);
                assertThat(each.answer().flag() & 1).isOne();
                assertThat(each.answer().ext())
                        .containsEntry("nextBeginOffset", "1")
                        .containsEntry("minOffset", "0")
                        .containsEntry("maxOffset", "1")
                        .containsKey("suggestWhichBrokerId");
                assertThat(each.answer().body()).isEmpty();
                assertThat(each.afterMillis()).isGreaterThanOrEqualTo(15_000L);
            }
        }
    }

    @Test
    void answersEveryHeldPullOfAQueueWhenAMessageComes() throws IOException {
        Queue queue = someQueue("bell");
        Producer producer = closing(client(Peers.NEW).producer(ProducerSpec.of(fresh("p"))));

        try (HeldPulls pulls = new HeldPulls(server.brokerPort(), queue.topic(), queue.index(), 1, 200, 25_000)) {
            long before = System.nanoTime();
            producer.send(Draft.of(queue.topic(), "awaited by many"), queue);
            pulls.awaitAnswers(200);

            // Long before the end of their time.
            assertThat((System.nanoTime() - before) / 1_000_000).isLessThan(20_000);

            assertThat(pulls.answers())
                    .allSatisfy(each -> assertThat(each.answer().code()).isZero())
                    .allSatisfy(each -> assertThat(new String(each.answer().body(), StandardCharsets.UTF_8))
                            .contains("awaited by many"))
                    .allSatisfy(each -> assertThat(each.answer().ext()).containsEntry("nextBeginOffset", "2"));
        }
    }

    @Test
    void answersAnUnknownCodeByNamingIt() {
        try (Wire broker = new Wire(server.brokerPort());
                Wire nameServer = new Wire(server.nameServerPort())) {
            for (Wire wire : List.of(broker, nameServer)) {
                Wire.Answer answer = wire.ask(7_654);

                assertThat(answer.code()).isEqualTo(3);
                assertThat(answer.remark()).contains("7654");
                assertThat(wire.ask(7_655).code()).as("the connection goes on").isEqualTo(3);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "a frame larger than any, 7fffffff00000000",
        "a length below zero, ffffffff00000000",
        "a header longer than its frame, 0000000800ffffff00000000",
        "an unknown encoding, 0000000a0900000678787878787878",
        "a header that is not JSON, 0000000a000000067b7b7b7b7b7b",
        "bytes of another protocol, 474554202f20485454502f312e310d0a0d0a"
    })
    void closesOnlyTheConnectionOfABrokenFrame(String what, String hex) throws IOException {
        for (int port : new int[] {server.brokerPort(), server.nameServerPort()}) {
            try (Wire good = new Wire(port);
                    Wire broken = new Wire(port)) {
                assertThat(broken.ask(7_654).code()).isEqualTo(3);

                broken.write(java.util.HexFormat.of().parseHex(hex));

                assertThat(broken.endsWithin(10_000))
                        .as("%s closes port %s", what, port)
                        .isTrue();
                assertThat(good.ask(7_654).code()).as("others go on").isEqualTo(3);
            }
        }
    }

    @Test
    void answersManyFramesWrittenAtOnceAndOneWrittenByteByByte() throws IOException {
        try (Wire wire = new Wire(server.brokerPort())) {
            ByteBuffer many = ByteBuffer.allocate(64 * 1024);
            for (int i = 0; i < 100; i++) {
                many.put(Wire.frame(7_000 + i, 1_000 + i, 0, new byte[0]));
            }
            wire.write(java.util.Arrays.copyOf(many.array(), many.position()));
            List<Integer> answered = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                answered.add(wire.read().opaque());
            }
            assertThat(answered)
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(1_000, 1_100).boxed().toList());

            for (byte each : Wire.frame(7_000, 5, 0, new byte[0])) {
                wire.write(new byte[] {each});
            }
            assertThat(wire.read().opaque()).isEqualTo(5);
        }
    }

    @Test
    void neverAnswersAOneWayRequest() throws IOException {
        try (Wire wire = new Wire(server.brokerPort())) {
            wire.write(Wire.frame(7_654, 77, 2, new byte[0]));

            assertThat(wire.ask(7_655).remark()).contains("7655");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void servesAClientOverTls(String version) {
        exchange(Peers.client(version, "JSON", server.nameServer(), true, false), version);
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void servesAClientOnTheVipPort(String version) {
        exchange(Peers.client(version, "JSON", server.nameServer(), false, true), version);
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void servesAClientWithBinaryHeaders(String version) {
        exchange(Peers.client(version, "ROCKETMQ", server.nameServer(), false, false), version);
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void servesAClientWithBinaryHeadersOverTls(String version) {
        exchange(Peers.client(version, "ROCKETMQ", server.nameServer(), true, false), version);
    }

    private void exchange(RealClient client, String version) {
        String topic = fresh("exchange");
        Producer producer = closing(client.producer(ProducerSpec.of(fresh("p"))));
        Inbox inbox = new Inbox();
        producer.send(Draft.of(topic, "m0").tags("T").with("name", "значение"));
        closing(client.consumer(ConsumerSpec.of(fresh("g"), topic), inbox));

        List<String> texts = IntStream.range(1, 100).mapToObj(i -> "m" + i).toList();
        texts.forEach(text -> producer.send(Draft.of(topic, text)));

        inbox.awaitTexts(texts);
        assertThat(inbox.all())
                .filteredOn(got -> got.text().equals("m0"))
                .first()
                .satisfies(got -> assertThat(got.properties()).containsEntry("name", "значение"));
        // Another client, plain and with JSON headers, sees the same.
        assertThat(everything(version, topic))
                .extracting(Got::text)
                .hasSize(100)
                .containsAll(texts);
    }

    /** A queue that holds one message. */
    private Queue someQueue(String purpose) {
        Producer producer =
                closing(client(Peers.NEW).producer(ProducerSpec.of(fresh("p")).queues(1)));
        String topic = fresh(purpose);
        Queue queue = producer.send(Draft.of(topic, "first")).queue();
        PullClient puller = closing(client(Peers.NEW).puller(fresh("g")));
        assertThat(puller.maxOffset(queue)).isOne();
        return queue;
    }
}
