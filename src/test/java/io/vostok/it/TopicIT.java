package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vostok.it.client.ClientFailure;
import io.vostok.it.client.Consumer;
import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Got;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.client.PullClient;
import io.vostok.it.client.Queue;
import io.vostok.it.kit.Inbox;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.Scenario;
import io.vostok.it.kit.Server;
import io.vostok.it.kit.ServerSpec;
import io.vostok.kit.Await;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Topics made by the first send, or not; and what of all a restart keeps. */
class TopicIT extends Scenario {

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void makesATopicWithTheQueuesAskedFor(String version) {
        Producer three =
                closing(client(version).producer(ProducerSpec.of(fresh("p")).queues(3)));
        Producer many =
                closing(client(version).producer(ProducerSpec.of(fresh("p")).queues(500)));
        String small = fresh("three");
        String large = fresh("many");

        three.send(Draft.of(small, "b"));
        many.send(Draft.of(large, "b"));

        assertThat(three.queues(small)).hasSize(3);
        assertThat(many.queues(large)).as("at most the template's").hasSize(16);
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void keepsTopicsMessagesAndOffsetsOverARestart(String version) {
        String topic = fresh("restart");
        String group = fresh("g");
        Server mine = start(ServerSpec.plain());
        Producer producer = closing(Peers.client(version, mine.nameServer())
                .producer(ProducerSpec.of(fresh("p")).queues(5)));
        List<String> before = IntStream.range(0, 100).mapToObj(i -> "m" + i).toList();
        before.forEach(text -> producer.send(Draft.of(topic, text)));
        Inbox first = new Inbox();
        Consumer consumer = Peers.client(version, mine.nameServer()).consumer(ConsumerSpec.of(group, topic), first);
        first.awaitTexts(before);
        closeIdle(consumer); // tells its offsets
        PullClient puller = Peers.client(version, mine.nameServer()).puller(group);
        List<Queue> queues = puller.queues(topic);
        Await.until("the offsets are told", SOON, () -> sum(puller, queues) == 100);
        List<Long> offsets = queues.stream().map(puller::committed).toList();
        puller.close(); // while it lives it is a member, to which queues may fall

        mine.stop();
        mine.restart();

        PullClient again = Peers.client(version, mine.nameServer()).puller(group);
        assertThat(again.queues(topic)).hasSize(5);
        assertThat(queues.stream().map(again::committed).toList()).isEqualTo(offsets);
        assertThat(queues.stream().flatMap(queue -> everything(again, queue, "*").stream()))
                .extracting(Got::text)
                .containsExactlyInAnyOrderElementsOf(before);
        again.close();
        Inbox second = new Inbox();
        closing(Peers.client(version, mine.nameServer()).consumer(ConsumerSpec.of(group, topic), second));
        producer.send(Draft.of(topic, "after"));
        second.awaitTexts(List.of("after"));
        assertThat(second.all()).hasSize(1);
    }

    private static long sum(PullClient puller, List<Queue> queues) {
        return queues.stream().mapToLong(puller::committed).sum();
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void keepsOffsetsOverAKill(String version) {
        String topic = fresh("kill");
        String group = fresh("g");
        Server mine = start(ServerSpec.plain());
        Producer producer = closing(Peers.client(version, mine.nameServer())
                .producer(ProducerSpec.of(fresh("p")).queues(2)));
        producer.send(Draft.of(topic, "m"));
        Queue queue = producer.queues(topic).get(0);
        for (int i = 0; i < 20; i++) {
            producer.send(Draft.of(topic, "m" + i), queue);
        }
        PullClient puller = closing(Peers.client(version, mine.nameServer()).puller(group));
        puller.pull(queue, "*", 0, 1);
        puller.commit(queue, 13);
        assertThat(puller.committed(queue)).isEqualTo(13);

        mine.kill();
        mine.restart();

        PullClient again = closing(Peers.client(version, mine.nameServer()).puller(group));
        // Apache writes its offsets every 5 s, so a kill takes it back; ours are kept exactly.
        if (!Server.apache()) assertThat(again.committed(queue)).isEqualTo(13);
        assertThat(again.maxOffset(queue)).isBetween(20L, 21L);
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void refusesAnUnknownTopicWhenCreationIsOff(String version) {
        Server strict = start(ServerSpec.plain().autoCreateTopics(false));
        Producer producer = closing(Peers.client(version, strict.nameServer())
                .producer(ProducerSpec.of(fresh("p")).retries(0)));
        String topic = fresh("unwanted");

        assertThatThrownBy(() -> producer.send(Draft.of(topic, "b")))
                .isInstanceOf(ClientFailure.class)
                .hasMessageContaining("No route info of this topic");
        // A client that goes past the route is refused by the broker itself.
        assertThatThrownBy(() -> producer.send(Draft.of("TBW102", "b"), new Queue("TBW102", strict.brokerName(), 0)))
                .isInstanceOf(ClientFailure.class);
    }
}
