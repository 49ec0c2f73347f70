package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vostok.it.client.ClientFailure;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Got;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.client.PullClient;
import io.vostok.it.client.Queue;
import io.vostok.it.client.Sent;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.Scenario;
import io.vostok.kit.Await;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What producers of both client versions send arrives as it was, and they are told where it is. */
class SendIT extends Scenario {
    private static final int MIB = 1024 * 1024;

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void keepsEveryFieldOfAMessage(String version) {
        String topic = fresh("fields");
        Producer producer = producer(version);
        Draft draft = Draft.of(topic, "hello").tags("TagA").keys("k1 k2").flag(0x7EADBEEF);

        Sent sent = producer.send(draft);

        Got got = single(everything(version, topic));
        assertThat(sent.status()).isEqualTo("SEND_OK");
        assertThat(sent.messageId()).isEqualTo(got.messageId()).matches("[0-9A-F]{32}|[0-9A-F]{56}");
        assertThat(got.properties()).containsEntry("UNIQ_KEY", sent.messageId());
        assertThat(got.text()).isEqualTo("hello");
        assertThat(got.tags()).isEqualTo("TagA");
        assertThat(got.keys()).isEqualTo("k1 k2");
        assertThat(got.flag()).isEqualTo(0x7EADBEEF);
        assertThat(got.queue()).isEqualTo(sent.queue());
        assertThat(got.queueOffset()).isEqualTo(sent.queueOffset()).isZero();
        assertThat(got.reconsumeTimes()).isZero();
        assertThat(got.bornMillis()).isBetween(System.currentTimeMillis() - 60_000, System.currentTimeMillis());
        assertThat(got.storedMillis()).isBetween(got.bornMillis(), System.currentTimeMillis());
        assertThat(got.bornHost()).contains("127.0.0.1:");
        assertThat(got.storeHost()).endsWith("127.0.0.1:" + server.brokerPort());
        assertThat(got.properties()).containsEntry("CLUSTER", "DefaultCluster");
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void tellsAnIdThatNamesTheBrokerAndThePlaceInItsLog(String version) {
        String topic = fresh("ids");
        Producer producer = producer(version);
        producer.send(Draft.of(topic, "first"));

        Sent sent = producer.send(Draft.of(topic, "second"));

        Got got = everything(version, topic).stream()
                .filter(each -> each.text().equals("second"))
                .findFirst()
                .orElseThrow();
        String expected = HexFormat.of().withUpperCase().formatHex(new byte[] {127, 0, 0, 1})
                + String.format("%08X%016X", server.brokerPort(), got.logPosition());
        assertThat(sent.offsetMessageId()).containsExactly(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void countsOffsetsUpByOneInEachQueue(String version) {
        String topic = fresh("count");
        Producer producer = producer(version);
        producer.send(Draft.of(topic, "makes the topic"));
        List<Queue> queues = producer.queues(topic);
        assertThat(queues).hasSize(4);
        Queue queue = queues.get(2);
        long first = producer.send(Draft.of(topic, "0"), queue).queueOffset();

        List<Long> offsets = IntStream.range(1, 50)
                .mapToObj(i -> producer.send(Draft.of(topic, "" + i), queue).queueOffset())
                .toList();

        assertThat(offsets)
                .containsExactlyElementsOf(
                        IntStream.range(1, 50).mapToObj(i -> first + i).toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void carriesBodiesOfEverySizeUpToFourMebibytes(String version) {
        String topic = fresh("sizes");
        Producer producer =
                closing(client(version).producer(ProducerSpec.of(fresh("p")).compressFromBytes(Integer.MAX_VALUE)));
        List<byte[]> bodies = IntStream.of(1, 2, 100, 4096, 65_536, MIB, 4 * MIB)
                .mapToObj(SendIT::noise)
                .toList();

        List<Sent> sent = bodies.stream()
                .map(body -> producer.send(Draft.of(topic, body)))
                .toList();

        List<Got> all = everything(version, topic);
        assertThat(all).hasSize(bodies.size());
        for (int i = 0; i < bodies.size(); i++) {
            assertThat(find(all, sent.get(i)).body()).isEqualTo(bodies.get(i));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void carriesBodiesThatTheClientCompresses(String version) {
        String topic = fresh("zip");
        Producer producer = producer(version);
        byte[] body = "the same words again ".repeat(100_000).getBytes(java.nio.charset.StandardCharsets.US_ASCII);

        Sent sent = producer.send(Draft.of(topic, body));

        Got got = find(everything(version, topic), sent);
        assertThat(got.body()).isEqualTo(body);
        PullClient other =
                closing(Peers.client(other(version), server.nameServer()).puller(fresh("g")));
        assertThat(single(everything(other, sent.queue(), "*")).body())
                .as("read by client " + other(version))
                .isEqualTo(body);
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void refusesABodyOfMoreThanFourMebibytes(String version) {
        String topic = fresh("huge");
        Producer producer = closing(client(version)
                .producer(ProducerSpec.of(fresh("p")).maxMessageBytes(16 * MIB).compressFromBytes(Integer.MAX_VALUE)));
        producer.send(Draft.of(topic, "makes the topic"));

        assertThatThrownBy(() -> producer.send(Draft.of(topic, noise(4 * MIB + 1))))
                .isInstanceOfSatisfying(
                        ClientFailure.class,
                        failure -> assertThat(failure.code()).isEqualTo(13));

        assertThat(everything(version, topic)).hasSize(1);
        assertThat(producer.send(Draft.of(topic, "still served")).status()).isEqualTo("SEND_OK");
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void keepsPropertiesWithOddCharacters(String version) {
        String topic = fresh("props");
        Producer producer = producer(version);
        Map<String, String> odd = Map.of(
                "plain", "value",
                "with.dots.and-dashes_", "a=b=c; d&e",
                "ключ", "значение",
                "emoji", "\uD83D\uDE80 to the \uD83C\uDF19",
                "quotes", "\"'`\\ {json:[1]}",
                "lines", "first\nsecond\r\n\tthird",
                " spaces ", "  around  ",
                "long", "x".repeat(20_000),
                "digits", "0");
        Draft draft = Draft.of(topic, "b").tags("标签").keys("κλειδί \uD83D\uDD11");
        for (Map.Entry<String, String> each : odd.entrySet()) {
            draft = draft.with(each.getKey(), each.getValue());
        }

        producer.send(draft);

        Got got = single(everything(version, topic));
        assertThat(got.properties()).containsAllEntriesOf(odd);
        assertThat(got.tags()).isEqualTo("标签");
        assertThat(got.keys()).isEqualTo("κλειδί \uD83D\uDD11");
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void refusesPropertiesThatAreTooLong(String version) {
        String topic = fresh("longprops");
        Producer producer = producer(version);
        producer.send(Draft.of(topic, "makes the topic"));

        assertThatThrownBy(() -> producer.send(Draft.of(topic, "b").with("long", "x".repeat(33_000))))
                .isInstanceOfSatisfying(
                        ClientFailure.class,
                        failure -> assertThat(failure.code()).isEqualTo(13));

        assertThat(everything(version, topic)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void answersEveryAsynchronousSend(String version) {
        String topic = fresh("async");
        Producer producer = producer(version);
        producer.send(Draft.of(topic, "makes the topic"));

        List<CompletableFuture<Sent>> answers = IntStream.range(0, 500)
                .mapToObj(i -> producer.sendAsync(Draft.of(topic, "m" + i)))
                .toList();
        List<Sent> sent = answers.stream().map(CompletableFuture::join).toList();

        assertThat(sent).extracting(Sent::status).containsOnly("SEND_OK");
        List<Got> all = everything(version, topic);
        assertThat(all).hasSize(501);
        for (int i = 0; i < 500; i++) {
            assertThat(find(all, sent.get(i)).text()).isEqualTo("m" + i);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void keepsWhatIsSentOneWay(String version) {
        String topic = fresh("oneway");
        Producer producer = producer(version);
        producer.send(Draft.of(topic, "m0"));

        for (int i = 1; i < 200; i++) {
            producer.sendOneWay(Draft.of(topic, "m" + i));
        }

        PullClient puller = closing(client(version).puller(fresh("g")));
        Await.until(
                "all one-way messages are there",
                SOON,
                () -> puller.queues(topic).stream().mapToLong(puller::maxOffset).sum() == 200);
        assertThat(everything(version, topic))
                .extracting(Got::text)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 200).mapToObj(i -> "m" + i).toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void splitsABatchIntoMessagesOfConsecutiveOffsets(String version) {
        String topic = fresh("batch");
        Producer producer = producer(version);
        List<Draft> drafts = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            drafts.add(Draft.of(topic, "m" + i)
                    .tags("T" + i % 3)
                    .keys("key" + i)
                    .flag(i)
                    .with("nr", "№" + i));
        }
        producer.send(Draft.of(topic, "makes the topic"));

        Sent sent = producer.sendBatch(drafts);

        assertThat(sent.status()).isEqualTo("SEND_OK");
        assertThat(sent.offsetMessageId()).hasSize(50).doesNotHaveDuplicates();
        List<Got> batch = everything(version, topic).stream()
                .filter(got -> !got.text().equals("makes the topic"))
                .toList();
        assertThat(batch).hasSize(50);
        for (int i = 0; i < 50; i++) {
            Got got = batch.get(i);
            assertThat(got.queue()).isEqualTo(sent.queue());
            assertThat(got.queueOffset()).isEqualTo(sent.queueOffset() + i);
            assertThat(got.text()).isEqualTo("m" + i);
            assertThat(got.tags()).isEqualTo("T" + i % 3);
            assertThat(got.keys()).isEqualTo("key" + i);
            assertThat(got.flag()).isEqualTo(i);
            assertThat(got.properties()).containsEntry("nr", "№" + i);
            assertThat(sent.messageId()).contains(got.messageId());
            assertThat(sent.offsetMessageId().get(i)).endsWith(String.format("%016X", got.logPosition()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void refusesASendToATopicThatOnlyTheBrokerWrites(String version) {
        Producer producer =
                closing(client(version).producer(ProducerSpec.of(fresh("p")).retries(0)));

        assertThatThrownBy(() -> producer.send(
                        Draft.of("SELF_TEST_TOPIC", "b"), new Queue("SELF_TEST_TOPIC", server.brokerName(), 0)))
                .isInstanceOf(ClientFailure.class);
    }

    private Producer producer(String version) {
        return closing(client(version).producer(ProducerSpec.of(fresh("p"))));
    }

    private static String other(String version) {
        return version.equals(Peers.OLD) ? Peers.NEW : Peers.OLD;
    }

    private static Got single(List<Got> all) {
        assertThat(all).hasSize(1);
        return all.get(0);
    }

    private static Got find(List<Got> all, Sent sent) {
        return all.stream()
                .filter(got -> got.queue().equals(sent.queue()) && got.queueOffset() == sent.queueOffset())
                .findFirst()
                .orElseThrow(() -> new AssertionError("nothing at " + sent));
    }

    private static byte[] noise(int bytes) {
        byte[] body = new byte[bytes];
        new Random(bytes).nextBytes(body);
        return body;
    }
}
