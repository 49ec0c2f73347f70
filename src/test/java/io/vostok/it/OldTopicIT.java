package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

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
import io.vostok.it.kit.ServerSpec;
import io.vostok.kit.Await;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a new group starts in a topic that is no longer young: the broker leaves it to the client (reference 5.7, 6.4). */
class OldTopicIT extends Scenario {
    @Override
    protected ServerSpec spec() {
        return ServerSpec.plain().youngTopicsWhole(false);
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void startsAtTheEndWhenTheGroupAsksForTheLast(String version) {
        Producer producer =
                closing(client(version).producer(ProducerSpec.of(fresh("p")).queues(1)));
        Queue queue = sent(producer, fresh("last"), 0, 20);
        Inbox inbox = new Inbox();

        var consumer = closing(client(version)
                .consumer(ConsumerSpec.of(fresh("g"), queue.topic()).fromLast(), inbox));
        Await.until("the consumer owns the queue", SOON, () -> consumer.owned().size() == 1);
        Await.until("a message after its start arrives", SOON, () -> {
            producer.send(Draft.of(queue.topic(), "new"), queue);
            return !inbox.all().isEmpty();
        });

        assertThat(inbox.all()).extracting(Got::text).containsOnly("new");
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void startsAtTheTimeTheGroupAsksFor(String version) {
        Producer producer =
                closing(client(version).producer(ProducerSpec.of(fresh("p")).queues(1)));
        Queue queue = sent(producer, fresh("time"), 0, 10);
        PullClient reader = closing(client(version).puller(fresh("g")));
        List<Got> before = everything(reader, queue, "*");
        // consumeTimestamp has whole seconds: wait for the next one after the last message.
        long second = before.get(9).storedMillis() / 1_000 + 1;
        Await.until("the next second", SOON, () -> System.currentTimeMillis() > second * 1_000 + 5);
        IntStream.range(10, 20).forEach(i -> producer.send(Draft.of(queue.topic(), "m" + i), queue));
        String time = DateTimeFormatter.ofPattern("yyyyMMddHHmmss")
                .withZone(ZoneId.systemDefault())
                .format(Instant.ofEpochSecond(second));
        Inbox inbox = new Inbox();

        closing(client(version)
                .consumer(ConsumerSpec.of(fresh("g"), queue.topic()).fromTime(time), inbox));

        inbox.awaitTexts(IntStream.range(10, 20).mapToObj(i -> "m" + i).toList());
        assertThat(inbox.all()).hasSize(10);
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void startsAtTheBeginningWhenTheGroupAsksForTheFirst(String version) {
        Producer producer =
                closing(client(version).producer(ProducerSpec.of(fresh("p")).queues(1)));
        Queue queue = sent(producer, fresh("first"), 0, 20);
        Inbox inbox = new Inbox();

        closing(client(version).consumer(ConsumerSpec.of(fresh("g"), queue.topic()), inbox));

        inbox.awaitTexts(IntStream.range(0, 20).mapToObj(i -> "m" + i).toList());
    }

    private static Queue sent(Producer producer, String topic, int from, int to) {
        Queue queue = producer.send(Draft.of(topic, "m" + from)).queue();
        IntStream.range(from + 1, to).forEach(i -> producer.send(Draft.of(topic, "m" + i), queue));
        return queue;
    }
}
