package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.it.client.Draft;
import io.vostok.it.client.Got;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.client.Sent;
import io.vostok.it.kit.ApacheServer;
import io.vostok.it.kit.ApacheStore;
import io.vostok.it.kit.Folders;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.Scenario;
import io.vostok.it.kit.Server;
import io.vostok.it.kit.ServerSpec;
import io.vostok.kit.Await;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Questions by key and by id, and the index files carried to Apache's store and back. */
class IndexIT extends Scenario {
    private static final int SEGMENT = 8 * 1024 * 1024;

    @Override
    protected ServerSpec spec() {
        return ServerSpec.plain().segmentBytes(SEGMENT);
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void findsMessagesByKeyAndById(String version) {
        String topic = fresh("query");
        Producer producer = producer(version, server);
        long before = System.currentTimeMillis();
        Sent first = producer.send(Draft.of(topic, "one").keys("k1 common"));
        Sent second = producer.send(Draft.of(topic, "two").keys("k2 common"));

        awaitFound(producer, topic, "k2", "two");
        assertThat(texts(producer.query(topic, "k1", 32, 0, Long.MAX_VALUE))).containsExactly("one");
        assertThat(texts(producer.query(topic, "common", 32, before - 1_000, System.currentTimeMillis() + 60_000)))
                .containsExactlyInAnyOrder("one", "two");
        assertThat(producer.view(topic, first.offsetMessageId().get(0)).text()).isEqualTo("one");
        assertThat(producer.view(topic, second.messageId()).text())
                .as("by unique id")
                .isEqualTo("two");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void apacheFindsKeysInFilesWeWrote(boolean killed) {
        Server ours = start(spec().on(Folders.make("ours")));
        String topic = fresh("ours");
        List<Sent> sent = send(ours, topic, 30);
        awaitFound(producer(Peers.NEW, ours), topic, "key29", "m29");
        if (killed) ours.kill();
        else ours.stop();

        List<String> keys = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            keys.add(topic + "#key" + i);
            keys.add(topic + "#" + sent.get(i).messageId());
        }
        ApacheStore found = ApacheStore.read(ours.store(), SEGMENT, keys);
        assertThat(found.of(topic)).hasSize(30);
        for (ApacheStore.Item item : found.of(topic)) {
            assertThat(found.found(topic + "#" + item.properties().get("KEYS"))).containsExactly(item.logPosition());
            assertThat(found.found(topic + "#" + item.properties().get("UNIQ_KEY")))
                    .containsExactly(item.logPosition());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void weFindKeysInFilesApacheWrote(boolean killed) {
        Path store = Folders.make("theirs");
        ApacheServer apache = ended(ApacheServer.start(spec().on(store)));
        String topic = fresh("theirs");
        send(apache, topic, 30);
        awaitFound(producer(Peers.NEW, apache), topic, "key29", "m29");
        if (killed) apache.kill();
        else apache.stop();
        apache.close();

        Server ours = start(spec().on(store));
        Producer producer = producer(Peers.NEW, ours);
        producer.send(Draft.of(topic, "ours").keys("ours"));
        awaitFound(producer, topic, "ours", "ours");
        for (int i = 0; i < 30; i++) {
            assertThat(texts(producer.query(topic, "key" + i, 32, 0, Long.MAX_VALUE)))
                    .containsExactly("m" + i);
        }
    }

    private List<Sent> send(Server target, String topic, int count) {
        Producer producer = producer(Peers.NEW, target);
        List<Sent> sent = new ArrayList<>();
        for (int i = 0; i < count; i++)
            sent.add(producer.send(Draft.of(topic, "m" + i).keys("key" + i)));
        return sent;
    }

    private Producer producer(String version, Server target) {
        return closing(Peers.client(version, target.nameServer()).producer(ProducerSpec.of(fresh("p"))));
    }

    /** Keys are indexed behind the answer of the send. */
    private static void awaitFound(Producer producer, String topic, String key, String text) {
        Await.until("key " + key + " is found", SOON, () -> {
            try {
                return texts(producer.query(topic, key, 32, 0, Long.MAX_VALUE)).equals(List.of(text));
            } catch (io.vostok.it.client.ClientFailure none) {
                return false;
            }
        });
    }

    private static List<String> texts(List<Got> messages) {
        return messages.stream().map(Got::text).toList();
    }
}
