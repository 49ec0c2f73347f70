package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Got;
import io.vostok.it.client.LitePull;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.client.PullClient;
import io.vostok.it.client.Pulled;
import io.vostok.it.client.Queue;
import io.vostok.it.client.Sent;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.Scenario;
import io.vostok.kit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pull and lite pull consumers of both client versions. */
class PullIT extends Scenario {

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void tellsWhereAQueueBeginsAndEnds(String version) {
        Queue queue = queueWith(version, fresh("bounds"), 10);
        PullClient puller = closing(client(version).puller(fresh("g")));

        assertThat(puller.minOffset(queue)).isZero();
        assertThat(puller.maxOffset(queue)).isEqualTo(10);
        Pulled some = puller.pull(queue, "*", 4, 3);
        assertThat(some.status()).isEqualTo("FOUND");
        assertThat(some.messages()).extracting(Got::text).containsExactly("m4", "m5", "m6");
        assertThat(some.nextOffset()).isEqualTo(7);
        assertThat(some.minOffset()).isZero();
        assertThat(some.maxOffset()).isEqualTo(10);
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void namesTheReasonWhenNothingIsFound(String version) {
        Queue queue = queueWith(version, fresh("reasons"), 10);
        PullClient puller = closing(client(version).puller(fresh("g")));

        Pulled atEnd = puller.pull(queue, "*", 10, 32);
        Pulled beyond = puller.pull(queue, "*", 1_000, 32);
        Pulled filtered = puller.pull(queue, "NoSuchTag", 0, 32);

        assertThat(atEnd.status()).isEqualTo("NO_NEW_MSG");
        assertThat(atEnd.nextOffset()).isEqualTo(10);
        assertThat(beyond.status()).isEqualTo("OFFSET_ILLEGAL");
        assertThat(beyond.nextOffset()).isEqualTo(10);
        assertThat(filtered.status()).isEqualTo("NO_MATCHED_MSG");
        assertThat(filtered.nextOffset()).isEqualTo(10);
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void findsOffsetsByTime(String version) {
        Queue queue = queueWith(version, fresh("times"), 5);
        PullClient puller = closing(client(version).puller(fresh("g")));
        List<Got> old = everything(puller, queue, "*");
        long later = old.get(4).storedMillis() + 20;
        Await.until("the clock has moved on", SOON, () -> System.currentTimeMillis() > later);
        Producer producer = closing(client(version).producer(ProducerSpec.of(fresh("p"))));
        producer.send(Draft.of(queue.topic(), "later"), queue);

        assertThat(puller.offsetAt(queue, 0)).isZero();
        assertThat(puller.offsetAt(queue, later)).isEqualTo(5);
        assertThat(puller.offsetAt(queue, System.currentTimeMillis() + 60_000)).isEqualTo(6);
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void keepsAGroupsOffsetsApart(String version) {
        Queue queue = queueWith(version, fresh("commit"), 10);
        PullClient one = closing(client(version).puller(fresh("g1")));
        PullClient two = closing(client(version).puller(fresh("g2")));
        one.pull(queue, "*", 0, 1);
        two.pull(queue, "*", 0, 1);

        one.commit(queue, 7);
        two.commit(queue, 3);

        assertThat(one.committed(queue)).isEqualTo(7);
        assertThat(two.committed(queue)).isEqualTo(3);
        one.commit(queue, 2);
        assertThat(one.committed(queue)).as("going back is allowed").isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void answersAWaitingPullWhenAMessageComes(String version) {
        Queue queue = queueWith(version, fresh("wait"), 1);
        PullClient puller = closing(client(version).puller(fresh("g")));
        Producer producer = closing(client(version).producer(ProducerSpec.of(fresh("p"))));
        long before = System.nanoTime();

        CompletableFuture<Pulled> answer = CompletableFuture.supplyAsync(() -> puller.pullWaiting(queue, "*", 1, 32));
        Sent sent = producer.send(Draft.of(queue.topic(), "awaited"), queue);

        assertThat(answer.join().messages()).extracting(Got::text).containsExactly("awaited");
        assertThat(sent.queueOffset()).isEqualTo(1);
        // The client lets the broker hold a pull for 20 s.
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(18));
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void servesALitePullConsumerThatSubscribes(String version) {
        String topic = fresh("lite");
        String group = fresh("g");
        Set<String> wanted = new HashSet<>();
        Producer producer = closing(client(version).producer(ProducerSpec.of(fresh("p"))));
        for (int i = 0; i < 200; i++) {
            producer.send(Draft.of(topic, "m" + i).tags(i % 2 == 0 ? "even" : "odd"));
            if (i % 2 == 0) wanted.add("m" + i);
        }

        LitePull consumer =
                client(version).litePull(ConsumerSpec.of(group, topic).only("even"));
        Set<String> got = new HashSet<>();
        pollUntil(consumer, got, wanted.size());
        consumer.commit();
        consumer.close();
        producer.send(Draft.of(topic, "new").tags("even"));
        LitePull again =
                closing(client(version).litePull(ConsumerSpec.of(group, topic).only("even")));
        Set<String> rest = new HashSet<>();
        pollUntil(again, rest, 1);

        assertThat(got).isEqualTo(wanted);
        assertThat(rest).containsExactly("new");
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void servesALitePullConsumerThatChoosesItsQueues(String version) {
        Queue queue = queueWith(version, fresh("assign"), 20);
        LitePull consumer = closing(client(version).litePull(ConsumerSpec.of(fresh("g"), "")));
        consumer.assign(List.of(queue));
        consumer.seek(queue, 15);

        List<String> got = new ArrayList<>();
        Await.until("five messages come", SOON, () -> {
            consumer.poll(Duration.ofMillis(500)).forEach(each -> got.add(each.text()));
            return got.size() >= 5;
        });

        assertThat(got)
                .containsExactlyElementsOf(
                        IntStream.range(15, 20).mapToObj(i -> "m" + i).toList());
    }

    private Queue queueWith(String version, String topic, int messages) {
        Producer producer =
                closing(client(version).producer(ProducerSpec.of(fresh("p")).queues(1)));
        Queue queue = producer.send(Draft.of(topic, "m0")).queue();
        for (int i = 1; i < messages; i++) {
            producer.send(Draft.of(topic, "m" + i), queue);
        }
        return queue;
    }

    private static void pollUntil(LitePull consumer, Set<String> got, int count) {
        Await.until(count + " messages come", SOON, () -> {
            consumer.poll(Duration.ofMillis(500)).forEach(each -> got.add(each.text()));
            return got.size() >= count;
        });
    }
}
