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
import io.vostok.it.kit.Server;
import io.vostok.it.kit.ServerSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages with a delay level: when they come, what they are then, and that stopping the broker loses none. */
class DelayIT extends Scenario {
    private static final long[] DELAY_MILLIS = {0, 1_000, 5_000, 10_000};
    /** This process and the broker share a clock: a message is born before it is stored, and so before its delay begins. */
    private static final long GENEROUS_MILLIS = 30_000;

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void deliversNeverBeforeTheDelayOfTheLevelAndSoonAfter(String version) {
        String topic = fresh("delay");
        Producer producer = closing(client(version).producer(ProducerSpec.of(fresh("p"))));
        producer.send(Draft.of(topic, "makes the topic"));
        Inbox inbox = new Inbox();
        closing(client(version).consumer(ConsumerSpec.of(fresh("g"), topic), inbox));
        inbox.awaitTexts(List.of("makes the topic"));

        List<String> texts = new ArrayList<>();
        for (int level = 3; level >= 1; level--) {
            for (int i = 0; i < 3; i++) {
                String text = "level " + level + " nr " + i;
                texts.add(text);
                Sent sent =
                        producer.send(Draft.of(topic, text).tags("T" + level).with("DELAY", "" + level));
                assertThat(sent.status()).isEqualTo("SEND_OK");
                assertThat(sent.queue().topic()).isEqualTo(topic);
            }
        }
        inbox.awaitTexts(texts);

        assertThat(inbox.all()).hasSize(10);
        for (Got got : inbox.all()) {
            if (!got.text().startsWith("level")) continue;
            int level = got.text().charAt(6) - '0';
            long waited = got.storedMillis() - got.bornMillis();
            assertThat(waited)
                    .as("%s waited", got.text())
                    .isBetween(DELAY_MILLIS[level], DELAY_MILLIS[level] + GENEROUS_MILLIS);
            assertThat(got.topic()).isEqualTo(topic);
            assertThat(got.tags()).isEqualTo("T" + level);
            assertThat(got.reconsumeTimes()).isZero();
            assertThat(got.properties())
                    .containsEntry("REAL_TOPIC", topic)
                    .containsEntry("REAL_QID", "" + got.queue().index())
                    .containsEntry("DELAY", "" + level);
        }
    }

    @ParameterizedTest
    @CsvSource({Peers.OLD + ",false", Peers.NEW + ",true"})
    void deliversWhatWasPendingWhenTheBrokerEnded(String version, boolean killed) {
        Server own = start(ServerSpec.plain());
        String topic = fresh("pending");
        List<String> texts = new ArrayList<>();
        Producer producer = closing(Peers.client(version, own.nameServer()).producer(ProducerSpec.of(fresh("p"))));
        producer.send(Draft.of(topic, "makes the topic"));
        for (int i = 0; i < 40; i++) {
            // Some are delivered before the end, some are due while the broker is away, some later.
            String text = "m" + i;
            texts.add(text);
            producer.send(Draft.of(topic, text).with("DELAY", "" + (1 + i % 3)));
        }
        if (killed) own.kill();
        else own.stop();
        own.restart();

        Inbox inbox = new Inbox();
        closing(Peers.client(version, own.nameServer()).consumer(ConsumerSpec.of(fresh("g"), topic), inbox));
        inbox.awaitTexts(texts, Duration.ofSeconds(60));

        if (!killed) assertThat(inbox.all()).as("a clean stop repeats nothing").hasSize(41);
    }
}
