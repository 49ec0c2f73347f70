package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

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
import io.vostok.kit.Await;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a group without offsets starts: at the first message, the last, or a time. */
class StartPointIT extends Scenario {

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void startsAtTheFirstMessage(String version) {
        Queue queue = queueWith(version, "first", 20);
        Inbox inbox = new Inbox();

        closing(client(version).consumer(ConsumerSpec.of(fresh("g"), queue.topic()), inbox));

        inbox.awaitTexts(texts(0, 20));
        inbox.awaitCount(20);
    }

    /** A young topic is given whole to a group that asks for the last, so that a consumer that starts late loses none. */
    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void givesAllOfAYoungTopicToAGroupThatAsksForTheLast(String version) {
        Queue queue = queueWith(version, "young", 20);
        Inbox inbox = new Inbox();

        closing(client(version)
                .consumer(ConsumerSpec.of(fresh("g"), queue.topic()).fromLast(), inbox));

        inbox.awaitTexts(texts(0, 20));
    }

    /** A group that has been told a queue's end starts there: the client asks for it as it asks for every other place. */
    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void startsAtTheOffsetThatWasSetForTheGroup(String version) {
        Queue queue = queueWith(version, "set", 20);
        String group = fresh("g");
        try (PullClient puller = client(version).puller(group)) {
            puller.pull(queue, "*", 0, 1);
            puller.commit(queue, puller.maxOffset(queue) - 5);
        }
        Inbox inbox = new Inbox();

        closing(client(version).consumer(ConsumerSpec.of(group, queue.topic()).fromLast(), inbox));

        inbox.awaitTexts(texts(15, 20));
        assertThat(inbox.all()).hasSize(5);
    }

    /** A lite pull consumer and a reset tool find the offset of a time; the push consumer does the same for old topics. */
    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void findsTheOffsetOfATimeAndStartsThere(String version) {
        Queue queue = queueWith(version, "time", 10);
        PullClient reader = closing(client(version).puller(fresh("g")));
        List<Got> before = everything(reader, queue, "*");
        // consumeTimestamp has whole seconds: wait for the next one after the last message.
        long second = before.get(9).storedMillis() / 1_000 + 1;
        Await.until("the next second", SOON, () -> System.currentTimeMillis() > second * 1_000 + 5);
        Producer producer = closing(client(version).producer(ProducerSpec.of(fresh("p"))));
        texts(10, 20).forEach(text -> producer.send(Draft.of(queue.topic(), text), queue));

        assertThat(reader.offsetAt(queue, second * 1_000)).isEqualTo(10);
        String time = DateTimeFormatter.ofPattern("yyyyMMddHHmmss")
                .withZone(ZoneId.systemDefault())
                .format(Instant.ofEpochSecond(second));
        Inbox inbox = new Inbox();
        Consumer consumer = closing(client(version)
                .consumer(ConsumerSpec.of(fresh("g"), queue.topic()).fromTime(time), inbox));
        inbox.awaitTexts(texts(10, 20));
        assertThat(consumer.owned()).hasSize(1);
    }

    private Queue queueWith(String version, String purpose, int messages) {
        Producer producer =
                closing(client(version).producer(ProducerSpec.of(fresh("p")).queues(1)));
        String topic = fresh(purpose);
        Queue queue = producer.send(Draft.of(topic, "m0")).queue();
        texts(1, messages).forEach(text -> producer.send(Draft.of(topic, text), queue));
        return queue;
    }

    private static List<String> texts(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "m" + i).toList();
    }
}
