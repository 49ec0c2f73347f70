package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.it.client.ClientFailure;
import io.vostok.it.client.Consumer;
import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Got;
import io.vostok.it.client.Listener;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.client.Queue;
import io.vostok.it.kit.Inbox;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.Scenario;
import io.vostok.it.kit.Server;
import io.vostok.it.kit.Wire;
import io.vostok.kit.Await;
import io.vostok.wire.body.LockBatch;
import io.vostok.wire.body.LockBatchResult;
import io.vostok.wire.body.MessageQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Consuming in order: one owner for a queue at a time, over restarts and changes of the group. */
class OrderIT extends Scenario {
    private static final int LOCK_BATCH_MQ = 41;
    private static final int UNLOCK_BATCH_MQ = 42;

    /** Watches listeners of several consumers: who is in which queue. */
    private static final class Watch {
        private final Map<Queue, String> inside = new HashMap<>();
        private final List<String> wrong = new ArrayList<>();
        private final Map<Queue, List<String>> owners = new HashMap<>();
        private final Inbox inbox = new Inbox();

        Listener listener(String consumer) {
            return messages -> {
                Queue queue = messages.get(0).queue();
                enter(queue, consumer);
                LockSupport.parkNanos(500_000); // so that a second owner would be seen inside
                inbox.take(messages);
                leave(queue, consumer);
                return true;
            };
        }

        private synchronized void enter(Queue queue, String consumer) {
            String other = inside.put(queue, consumer);
            if (other != null) wrong.add(consumer + " came to " + queue + " while " + other + " was there");
            List<String> turns = owners.computeIfAbsent(queue, fresh -> new ArrayList<>());
            if (turns.isEmpty() || !turns.get(turns.size() - 1).equals(consumer)) turns.add(consumer);
        }

        private synchronized void leave(Queue queue, String consumer) {
            inside.remove(queue, consumer);
        }

        synchronized int consumersSeen() {
            return (int)
                    owners.values().stream().flatMap(List::stream).distinct().count();
        }

        synchronized void assertOneAtATime() {
            assertThat(wrong).isEmpty();
        }
    }

    private static final Duration LOCK_EXPIRY = Duration.ofSeconds(60);

    @Test
    void keepsOrderAndOneOwnerWhileMembersComeAndGoAndTheBrokerIsKilled() throws InterruptedException {
        Server victim = start(spec());
        String topic = fresh("order");
        Producer producer = closing(Peers.client(Peers.NEW, victim.nameServer())
                .producer(ProducerSpec.of(fresh("p")).queues(4).timeoutMillis(1_000)));
        producer.send(Draft.of(topic, "start"));
        List<Queue> queues = producer.queues(topic);
        AtomicBoolean enough = new AtomicBoolean();
        List<String> texts = new ArrayList<>();
        Thread sending = new Thread(() -> {
            for (int n = 0; !enough.get(); n++) {
                for (Queue queue : queues) {
                    String text = queue.index() + ":" + n;
                    sendUntilAnswered(producer, topic, text, queue);
                    texts.add(text);
                }
                LockSupport.parkNanos(5_000_000);
            }
        });
        sending.start();
        Watch watch = new Watch();
        ConsumerSpec group = ConsumerSpec.of(fresh("g"), topic).inOrder();

        member(victim, Peers.NEW, group, "one", watch);
        Consumer second = member(victim, Peers.OLD, group, "two", watch);
        Await.until("both consume", SOON, () -> watch.consumersSeen() == 2);
        victim.kill();
        victim.restart();
        member(victim, Peers.NEW, group, "three", watch);
        int before = watch.inbox.distinct();
        Await.until("they go on", SOON, () -> watch.inbox.distinct() > before + 100);
        second.close();
        Await.until("the third has its share", SOON, () -> watch.consumersSeen() == 3);
        enough.set(true);
        sending.join();

        // A member that leaves may take a lock again in the same moment; nobody gets that queue before the lock
        // expires.
        watch.inbox.awaitTexts(texts, SOON.plus(LOCK_EXPIRY));
        watch.assertOneAtATime();
        watch.inbox.assertOrderInEachQueue();
        assertSendOrder(watch.inbox.all());
        victim.close();
    }

    private Consumer member(Server server, String version, ConsumerSpec group, String name, Watch watch) {
        return closing(Peers.client(version, server.nameServer()).consumer(group.as(name), watch.listener(name)));
    }

    private static void sendUntilAnswered(Producer producer, String topic, String text, Queue queue) {
        while (true) {
            try {
                producer.send(Draft.of(topic, text), queue);
                return;
            } catch (ClientFailure brokerAway) {
                LockSupport.parkNanos(50_000_000);
            }
        }
    }

    /** Numbers of a queue rise, but for what comes again: a send that was not answered, or what was not yet committed. */
    private static void assertSendOrder(List<Got> all) {
        Map<String, Integer> last = new HashMap<>();
        for (Got got : all) {
            int colon = got.text().indexOf(':');
            if (colon < 0) continue;
            String queue = got.text().substring(0, colon);
            int n = Integer.parseInt(got.text().substring(colon + 1));
            assertThat(n)
                    .as("after %s in queue %s", last.get(queue), queue)
                    .isLessThanOrEqualTo(last.getOrDefault(queue, -1) + 1);
            last.merge(queue, n, Math::max);
        }
    }

    @Test
    void aLockSurvivesAKillAndAStopAndTheOwnerGoesOnAtOnce() {
        Server own = start(spec());
        try (Wire wire = new Wire(own.brokerPort())) {
            assertThat(lock(wire, "a", 0, 1)).containsExactly(0, 1);
            assertThat(lock(wire, "b", 1, 2)).containsExactly(2);
            unlock(wire, "b", 2);
            assertThat(lock(wire, "c", 2)).containsExactly(2);
        }
        own.kill();
        own.restart();
        try (Wire wire = new Wire(own.brokerPort())) {
            assertThat(lock(wire, "b", 0, 1, 2, 3)).as("only what nobody had").containsExactly(3);
            assertThat(lock(wire, "a", 0, 1)).containsExactly(0, 1);
            unlock(wire, "a", 0);
            assertThat(lock(wire, "b", 0, 1)).containsExactly(0);
        }
        own.stop();
        own.restart();
        try (Wire wire = new Wire(own.brokerPort())) {
            assertThat(lock(wire, "a", 0, 1, 2, 3)).containsExactly(1);
            assertThat(lock(wire, "b", 0, 1, 2, 3)).containsExactly(0, 3);
        }
        own.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void oneQueueIsOneOrderForAllOfATopic(String version) {
        String topic = fresh("global");
        Producer producer =
                closing(client(version).producer(ProducerSpec.of(fresh("p")).queues(1)));
        List<String> texts = IntStream.range(0, 300).mapToObj(i -> "m" + i).toList();
        texts.forEach(text -> producer.send(Draft.of(topic, text)));
        Watch watch = new Watch();
        ConsumerSpec group = ConsumerSpec.of(fresh("g"), topic).inOrder();

        member(server, version, group, "one", watch);
        member(server, version, group, "two", watch);

        watch.inbox.awaitTexts(texts);
        watch.assertOneAtATime();
        assertThat(watch.inbox.all()).extracting(Got::text).containsExactlyElementsOf(texts);
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void messagesOfOneKeyComeInTheirOrder(String version) {
        String topic = fresh("key");
        Producer producer =
                closing(client(version).producer(ProducerSpec.of(fresh("p")).queues(4)));
        List<String> texts = new ArrayList<>();
        for (int n = 0; n < 50; n++) {
            for (int key = 0; key < 6; key++) {
                String text = key + ":" + n;
                producer.sendByKey(Draft.of(topic, text), "key " + key);
                texts.add(text);
            }
        }
        Watch watch = new Watch();
        ConsumerSpec group = ConsumerSpec.of(fresh("g"), topic).inOrder();

        member(server, version, group, "one", watch);
        member(server, version, group, "two", watch);

        watch.inbox.awaitTexts(texts);
        watch.assertOneAtATime();
        assertSendOrder(watch.inbox.all());
    }

    private static List<Integer> lock(Wire wire, String client, int... queues) {
        Wire.Answer answer = wire.ask(LOCK_BATCH_MQ, new LockBatch(client, "g", queues(queues), false).write());
        assertThat(answer.code()).isZero();
        return LockBatchResult.read(answer.body()).lockedQueues().stream()
                .map(MessageQueue::queueId)
                .toList();
    }

    private static void unlock(Wire wire, String client, int... queues) {
        assertThat(wire.ask(UNLOCK_BATCH_MQ, new LockBatch(client, "g", queues(queues), false).write())
                        .code())
                .isZero();
    }

    private static List<MessageQueue> queues(int... indexes) {
        return IntStream.of(indexes)
                .mapToObj(index -> new MessageQueue("orders", "broker-a", index))
                .toList();
    }
}
