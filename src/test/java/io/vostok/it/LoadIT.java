package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.it.client.ClientFailure;
import io.vostok.it.client.Consumer;
import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Got;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.client.PullClient;
import io.vostok.it.client.Queue;
import io.vostok.it.client.Sent;
import io.vostok.it.kit.Inbox;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.Scenario;
import io.vostok.it.kit.Server;
import io.vostok.kit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ten producers and ten consumers at once, on a server that stays and on one that is killed. */
class LoadIT extends Scenario {
    private static final int PRODUCERS = 10;
    private static final int CONSUMERS = 10;
    private static final int QUEUES = 16;
    private static final int MESSAGES = Boolean.getBoolean("it.long") ? 1_000_000 : 100_000;
    private static final Duration LONG = Duration.ofMinutes(Boolean.getBoolean("it.long") ? 20 : 3);

    /** A send that was acknowledged. */
    private record Told(String text, Sent sent) {}

    @Test
    void losesNothingAndKeepsOrderUnderLoad() throws InterruptedException {
        String topic = fresh("load");
        List<Producer> producers = producers(server, topic);
        Inbox inbox = new Inbox();
        consumers(server, ConsumerSpec.of(fresh("g"), topic).inOrder(), inbox);
        ConcurrentLinkedQueue<Told> told = new ConcurrentLinkedQueue<>();

        List<Thread> threads = new ArrayList<>();
        for (int p = 0; p < PRODUCERS; p++) {
            int number = p;
            threads.add(started(() -> {
                for (int n = 0; n < MESSAGES / PRODUCERS; n++) {
                    String text = number + ":" + n;
                    told.add(new Told(text, producers.get(number).send(Draft.of(topic, text))));
                }
            }));
        }
        join(threads);

        assertThat(told).hasSize(MESSAGES);
        assertReceived(inbox, told);
        inbox.assertOrderInEachQueue();
        Map<String, Integer> last = new HashMap<>();
        for (Got got : assertPlaces(server, topic, told)) {
            if (!got.text().contains(":")) continue;
            int colon = got.text().indexOf(':');
            int n = Integer.parseInt(got.text().substring(colon + 1));
            // A producer that waits for each answer has its messages in each queue in the order in which it sent them.
            Integer before = last.put(got.queue().index() + "/" + got.text().substring(0, colon), n);
            if (before != null) assertThat(n).isGreaterThan(before);
        }
    }

    @ParameterizedTest
    @CsvSource({"false, 40000", "true, 10000"})
    void losesNothingAcknowledgedWhenKilledUnderLoad(boolean syncFlush, int messages) throws InterruptedException {
        int kills = Boolean.getBoolean("it.long") ? 10 : 2;
        Server victim = start(spec().syncFlush(syncFlush).segmentBytes(16 * 1024 * 1024));
        String topic = fresh("killed");
        List<Producer> producers = producers(victim, topic);
        Inbox inbox = new Inbox();
        consumers(victim, ConsumerSpec.of(fresh("g"), topic), inbox);
        ConcurrentLinkedQueue<Told> told = new ConcurrentLinkedQueue<>();
        AtomicInteger next = new AtomicInteger();
        byte[] padding = new byte[500];

        List<Thread> threads = new ArrayList<>();
        for (Producer producer : producers) {
            threads.add(started(() -> {
                Semaphore inFlight = new Semaphore(32);
                while (next.get() < messages) {
                    inFlight.acquireUninterruptibly();
                    String text =
                            "m" + next.get() + "/" + Thread.currentThread().getId() + "/" + System.nanoTime();
                    sendAsync(
                            producer,
                            Draft.of(topic, text).with("padding", "x".repeat(padding.length)),
                            (sent) -> {
                                told.add(new Told(text, sent));
                                next.incrementAndGet();
                            },
                            inFlight);
                }
                inFlight.acquireUninterruptibly(32);
            }));
        }
        for (int kill = 1; kill <= kills; kill++) {
            int enough = messages / (kills + 1) * kill;
            Await.until(enough + " are acknowledged", LONG, () -> next.get() >= enough);
            victim.kill();
            victim.restart();
        }
        join(threads);

        assertReceived(inbox, told);
        assertPlaces(victim, topic, told);
    }

    /** What is not acknowledged is not owed: a failed send only makes room for the next. */
    @SuppressWarnings("FutureReturnValueIgnored") // its outcome is handled in full
    private static void sendAsync(
            Producer producer, Draft draft, java.util.function.Consumer<Sent> acknowledged, Semaphore inFlight) {
        try {
            producer.sendAsync(draft).whenComplete((sent, failure) -> {
                if (sent != null) acknowledged.accept(sent);
                else LockSupport.parkNanos(20_000_000); // the server is down: leave the processor to its restart
                inFlight.release();
            });
        } catch (ClientFailure refused) {
            inFlight.release();
            LockSupport.parkNanos(5_000_000); // the server is down: do not spin
        }
    }

    private List<Producer> producers(Server target, String topic) {
        List<Producer> producers = new ArrayList<>();
        for (int i = 0; i < PRODUCERS; i++) {
            producers.add(closing(Peers.client(version(i), target.nameServer())
                    .producer(ProducerSpec.of(fresh("p")).queues(QUEUES).retries(0))));
        }
        producers.get(0).send(Draft.of(topic, "makes the topic"));
        assertThat(producers.get(0).queues(topic)).hasSize(QUEUES);
        return producers;
    }

    private void consumers(Server target, ConsumerSpec spec, Inbox inbox) {
        List<Consumer> members = new ArrayList<>();
        for (int i = 0; i < CONSUMERS; i++) {
            members.add(closing(Peers.client(version(i), target.nameServer()).consumer(spec.threads(2), inbox)));
        }
        Await.until(
                "each consumer has a queue",
                SOON,
                () -> members.stream().noneMatch(member -> member.owned().isEmpty()));
    }

    private static Thread started(Runnable work) {
        Thread thread = new Thread(work);
        thread.start();
        return thread;
    }

    private static void join(List<Thread> threads) throws InterruptedException {
        for (Thread thread : threads) {
            thread.join(LONG.toMillis());
            assertThat(thread.isAlive()).as("a producer is stuck").isFalse();
        }
    }

    private static void assertReceived(Inbox inbox, Collection<Told> told) {
        Set<String> owed = new HashSet<>();
        told.forEach(each -> owed.add(each.text()));
        inbox.awaitTexts(owed, LONG);
    }

    /** Every acknowledged message is in the queue and at the offset that its send was told. */
    private List<Got> assertPlaces(Server target, String topic, Collection<Told> told) {
        PullClient puller = closing(Peers.client(Peers.NEW, target.nameServer()).puller(fresh("reader")));
        Map<String, String> places = new HashMap<>();
        List<Got> all = new ArrayList<>();
        for (Queue queue : puller.queues(topic)) {
            long expected = puller.minOffset(queue);
            for (Got got : everything(puller, queue, "*")) {
                assertThat(got.queueOffset())
                        .as("offsets of %s have no gap", queue)
                        .isEqualTo(expected++);
                all.add(got);
                places.put(queue.index() + "@" + got.queueOffset(), got.text());
            }
        }
        for (Told each : told) {
            assertThat(places.get(
                            each.sent().queue().index() + "@" + each.sent().queueOffset()))
                    .as("at the place told by %s", each.sent())
                    .isEqualTo(each.text());
        }
        return all;
    }

    private static String version(int i) {
        return i % 2 == 0 ? Peers.OLD : Peers.NEW;
    }
}
