package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vostok.it.client.ClientFailure;
import io.vostok.it.client.ConsumerSpec;
import io.vostok.it.client.Draft;
import io.vostok.it.client.Got;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.client.PullClient;
import io.vostok.it.client.Queue;
import io.vostok.it.client.Sent;
import io.vostok.it.kit.Child;
import io.vostok.it.kit.Folders;
import io.vostok.it.kit.Inbox;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.Ports;
import io.vostok.it.kit.Scenario;
import io.vostok.it.kit.ServerSpec;
import io.vostok.it.kit.VostokServer;
import io.vostok.it.kit.VostokServer.Machine;
import io.vostok.it.kit.Wire;
import io.vostok.kit.Await;
import io.vostok.wire.RequestCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the machine, the operator and strangers do to a process: too few descriptors, no memory, pauses, signals, wrong files. */
class FaultIT extends Scenario {
    private static final int MIB = 1 << 20;
    private static final Duration STOP = Duration.ofSeconds(10);

    /** A send that was acknowledged. */
    private record Told(String text, Sent sent) {}

    @Test
    void servesItsClientsAndRollsItsLogWhileStrangersTakeEveryConnection() {
        VostokServer few = ended(VostokServer.start(
                ServerSpec.plain().segmentBytes(MIB),
                new Machine(220, List.of("-Xmx128m")),
                "--store.touchAheadBytes=256KiB"));
        Producer producer = closing(Peers.client(Peers.NEW, few.nameServer())
                .producer(ProducerSpec.of(fresh("p")).queues(1).compressFromBytes(MIB)));
        String topic = fresh("few");
        producer.send(Draft.of(topic, "before"));
        List<Wire> strangers = new ArrayList<>();

        for (int i = 0; i < 300; i++) strangers.add(closing(new Wire(few.brokerPort())));
        byte[] body = new byte[100_000];
        for (int i = 0; i < 50; i++) producer.send(Draft.of(topic, body));
        producer.send(Draft.of(fresh("made_meanwhile"), "b"));

        assertThat(Folders.count(few.store().resolve("commitlog"))).isGreaterThan(4);
        strangers.forEach(Wire::close);
        Await.until("a new client is served", SOON, () -> served(few.brokerPort()));
    }

    @Test
    void refusesWhatFindsNoBufferAndServesAgainOnceThereAreSome() throws IOException {
        VostokServer small = ended(VostokServer.start(
                ServerSpec.plain(), new Machine(0, List.of("-Xmx128m", "-XX:MaxDirectMemorySize=32m"))));
        Producer producer = closing(Peers.client(Peers.NEW, small.nameServer())
                .producer(ProducerSpec.of(fresh("p")).compressFromBytes(16 * MIB)));
        String topic = fresh("tight");
        producer.send(Draft.of(topic, "before"));
        byte[] frame = Wire.frame(RequestCode.SEND_MESSAGE_V2, 1, 0, new byte[4 * MIB]);
        byte[] nearlyAll = Arrays.copyOf(frame, frame.length - 1);

        // More than there is memory for; each ends when its connection is closed or has sent all.
        List<Thread> writers = new ArrayList<>();
        List<Wire> hungry = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            Wire wire = closing(new Wire(small.brokerPort()));
            hungry.add(wire);
            writers.add(started(() -> writeOrLose(wire, nearlyAll)));
        }
        join(writers);
        hungry.forEach(Wire::close);

        assertThat(small.child().isAlive()).isTrue();
        Await.until("large messages are taken again", SOON, () -> sends(producer, Draft.of(topic, new byte[3 * MIB])));
        for (int i = 0; i < 10; i++) producer.send(Draft.of(topic, new byte[3 * MIB]));
    }

    /** It would limp on: some verticles without their state, some requests without an answer. */
    @Test
    void endsAtOnceWhenItsHeapIsExhausted() throws IOException {
        VostokServer starved =
                ended(VostokServer.start(ServerSpec.plain(), new Machine(0, List.of("-Xmx24m", "-XX:+UseSerialGC"))));
        StringBuilder topics = new StringBuilder();
        for (int i = 0; i < 60_000; i++)
            topics.append(i == 0 ? "" : ",").append("{\"topic\":\"t").append(i).append("\"}");
        byte[] heartbeat = ("{\"clientID\":\"c\",\"consumerDataSet\":[{\"groupName\":\"g\",\"subscriptionDataSet\":["
                        + topics + "]}]}")
                .getBytes(StandardCharsets.UTF_8);

        Await.until("the process has ended", SOON, () -> {
            if (!starved.child().isAlive()) return true;
            try {
                Wire peer = closing(new Wire(starved.brokerPort()));
                peer.write(Wire.frame(RequestCode.HEART_BEAT, 1, 0, heartbeat));
            } catch (IOException | UncheckedIOException ended) {
                // that is what we wait for
            }
            return false;
        });

        assertThat(starved.child().await(Duration.ofSeconds(10))).isEqualTo(3);
        assertThat(starved.tail()).contains("the heap is exhausted");
    }

    @ParameterizedTest
    @ValueSource(strings = {Peers.OLD, Peers.NEW})
    void goesOnAfterThePauseOfItsProcess(String version) {
        VostokServer paused = ended(VostokServer.start(ServerSpec.plain()));
        Producer producer = closing(Peers.client(version, paused.nameServer())
                .producer(ProducerSpec.of(fresh("p")).timeoutMillis(1_500)));
        String topic = fresh("pause");
        producer.send(Draft.of(topic, "first"));
        Inbox inbox = new Inbox();
        closing(Peers.client(version, paused.nameServer()).consumer(ConsumerSpec.of(fresh("g"), topic), inbox));
        ConcurrentLinkedQueue<Told> told = new ConcurrentLinkedQueue<>();
        AtomicBoolean enough = new AtomicBoolean();
        Thread sender = started(() -> sendUntil(enough, producer, topic, told));

        Await.until("some are acknowledged", SOON, () -> told.size() > 50);
        paused.pause();
        long until = System.nanoTime() + 4_000_000_000L;
        Await.until("the pause is over", SOON, () -> System.nanoTime() - until > 0);
        int before = told.size();
        paused.resume();
        Await.until("sends are acknowledged again", SOON, () -> told.size() > before + 50);
        enough.set(true);
        join(List.of(sender));

        inbox.awaitTexts(told.stream().map(Told::text).toList());
    }

    @Test
    void stopsUnderLoadWithinTenSecondsAndKeepsWhatItAcknowledged() {
        VostokServer stopped = ended(VostokServer.start(ServerSpec.plain()));
        List<Producer> producers = new ArrayList<>();
        String topic = fresh("stop");
        for (int i = 0; i < 4; i++) {
            producers.add(closing(Peers.client(i % 2 == 0 ? Peers.OLD : Peers.NEW, stopped.nameServer())
                    .producer(ProducerSpec.of(fresh("p")).retries(0).timeoutMillis(3_000))));
        }
        producers.get(0).send(Draft.of(topic, "first"));
        closing(Peers.client(Peers.NEW, stopped.nameServer())
                .consumer(ConsumerSpec.of(fresh("g"), topic), new Inbox()));
        ConcurrentLinkedQueue<Told> told = new ConcurrentLinkedQueue<>();
        AtomicBoolean enough = new AtomicBoolean();
        List<Thread> senders = new ArrayList<>();
        for (Producer each : producers) senders.add(started(() -> sendUntil(enough, each, topic, told)));
        Await.until("the load is on", SOON, () -> told.size() > 1_000);

        int code = stopped.child().stop(STOP);
        enough.set(true);
        join(senders);
        stopped.restart();

        assertThat(code).isZero();
        assertThat(stopped.tail()).contains("stop=clean");
        assertHolds(stopped, topic, told);
    }

    /** P1 against the real jar: the system itself says that a force failed, here by the hand of strace. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void acknowledgesNothingAfterAForceThatFailed(boolean sync) throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/strace")), "no strace on this machine");
        VostokServer sick = ended(VostokServer.start(ServerSpec.plain().syncFlush(sync)));
        Producer producer = closing(Peers.client(Peers.NEW, sick.nameServer())
                .producer(ProducerSpec.of(fresh("p")).queues(1).retries(0)));
        String topic = fresh("sick");
        List<Told> told = new ArrayList<>();
        told.add(new Told("m0", producer.send(Draft.of(topic, "m0"))));

        Child strace = closingChild(Child.command(
                "strace",
                Folders.make("strace"),
                List.of(
                        "/usr/bin/strace",
                        "-f",
                        "-q",
                        "-p",
                        "" + sick.pid(),
                        "-e",
                        "trace=fsync,fdatasync,msync",
                        "-e",
                        "inject=fsync,fdatasync,msync:error=EIO")));
        AtomicReference<ClientFailure> refusal = new AtomicReference<>();
        Await.until("a send is refused", SOON, () -> {
            if (!strace.isAlive()) assumeTrue(false, "strace may not look at processes here\n" + strace.tail());
            String text = "m" + told.size();
            try {
                told.add(new Told(text, producer.send(Draft.of(topic, text))));
            } catch (ClientFailure refused) {
                refusal.set(refused);
            }
            return refusal.get() != null;
        });
        strace.stop(Duration.ofSeconds(10));

        assertThat(refusal.get()).hasStackTraceContaining("force failed");
        // The disk is sound again, but what it lost before stays lost: only a restart finds out what is there.
        for (int i = 0; i < 20; i++)
            assertThat(sends(producer, Draft.of(topic, "late"))).isFalse();
        sick.kill();
        sick.restart();
        assertHolds(sick, topic, new ConcurrentLinkedQueue<>(told));
        Await.until("sends are taken again", SOON, () -> sends(producer, Draft.of(topic, "again")));
    }

    private Child closingChild(Child child) {
        closing(() -> {
            if (child.isAlive()) child.kill();
        });
        return child;
    }

    @Test
    void refusesASecondProcessBeforeItTouchesTheStore() throws IOException {
        VostokServer owner = ended(VostokServer.start(ServerSpec.plain()));
        Map<String, String> before = fingerprints(owner.store());

        Child second = launch("--store.path=" + owner.store(), "--store.segmentBytes=2MiB");

        assertThat(second.await(Duration.ofSeconds(30))).isEqualTo(3);
        assertThat(second.tail())
                .contains(owner.store().toString())
                .contains("in use by another process (pid " + owner.pid() + ")");
        assertThat(fingerprints(owner.store())).isEqualTo(before);
    }

    @Test
    void namesThePortThatIsTakenAndItsSetting() {
        int taken = server.brokerPort();

        Child second = launch("--store.path=" + Folders.make("other"), "--broker.port=" + taken);

        assertThat(second.await(Duration.ofSeconds(30))).isOne();
        assertThat(second.tail())
                .contains("127.0.0.1:" + taken)
                .contains("broker.port")
                .contains("Address already in use")
                .doesNotContain("Exception");
    }

    /** A peer that vanished without a word looks like one that is silent. */
    @Test
    void forgetsAClientThatFellSilent() throws IOException {
        VostokServer strict =
                ended(VostokServer.start(ServerSpec.plain(), "--limits.idleTime=1s", "--sessions.channelExpiry=60s"));
        String group = fresh("silent");
        byte[] heartbeat = ("{\"clientID\":\"c\",\"producerDataSet\":[],\"consumerDataSet\":[{\"groupName\":\"" + group
                        + "\",\"consumeType\":\"CONSUME_PASSIVELY\",\"messageModel\":\"CLUSTERING\","
                        + "\"consumeFromWhere\":\"CONSUME_FROM_FIRST_OFFSET\",\"unitMode\":false,\"subscriptionDataSet\":[]}]}")
                .getBytes(StandardCharsets.UTF_8);
        try (Wire silent = new Wire(strict.brokerPort())) {
            silent.write(Wire.frame(RequestCode.HEART_BEAT, 1, 0, heartbeat));
            Await.until(
                    "the group has a member", SOON, () -> members(strict, group).contains("\"c\""));

            Await.until(
                    "the group has lost its member",
                    SOON,
                    () -> !members(strict, group).contains("\"c\""));
        }
    }

    @Test
    void startsFromTheCopiesOfConfigurationFilesThatAreBroken() throws IOException {
        VostokServer broken = ended(VostokServer.start(ServerSpec.plain()));
        Producer producer = closing(Peers.client(Peers.NEW, broken.nameServer())
                .producer(ProducerSpec.of(fresh("p")).queues(3)));
        String topic = fresh("kept");
        Queue queue = producer.send(Draft.of(topic, "m0")).queue();
        producer.send(Draft.of(fresh("later"), "makes another copy"));
        String group = fresh("g");
        try (PullClient puller = Peers.client(Peers.NEW, broken.nameServer()).puller(group)) {
            puller.pull(queue, "*", 0, 1);
            puller.commit(queue, 1);
        }
        Path config = broken.store().resolve("config");

        List<String> ways = List.of("flipped", "truncated", "emptied", "deleted");
        for (int i = 0; i < ways.size(); i++) {
            broken.kill();
            damage(config.resolve("topics.json"), ways.get(i));
            damage(config.resolve("subscriptionGroup.json"), ways.get((i + 1) % 4));
            damage(config.resolve("consumerOffset.json"), ways.get((i + 2) % 4));
            damage(broken.store().resolve("checkpoint"), ways.get((i + 3) % 4));
            broken.restart();

            PullClient again =
                    closing(Peers.client(Peers.NEW, broken.nameServer()).puller(group));
            assertThat(again.queues(topic)).as("topics.json %s", ways.get(i)).hasSize(3);
            assertThat(again.committed(queue)).isOne();
            assertThat(everything(again, queue, "*")).extracting(Got::text).containsExactly("m0");
        }
    }

    private static void damage(Path file, String way) throws IOException {
        if (!Files.exists(file)) return;
        byte[] all = Files.readAllBytes(file);
        switch (way) {
            case "flipped" -> {
                for (int at = 0; at < all.length; at += 50) all[at] ^= 0x10;
                Files.write(file, all);
            }
            case "truncated" -> Files.write(file, Arrays.copyOf(all, all.length / 2));
            case "emptied" -> Files.write(file, new byte[0]);
            default -> Files.delete(file);
        }
    }

    private static String members(VostokServer target, String group) {
        try (Wire wire = new Wire(target.brokerPort())) {
            return new String(
                    wire.ask(RequestCode.GET_CONSUMER_LIST_BY_GROUP, "consumerGroup", group)
                            .body(),
                    StandardCharsets.UTF_8);
        }
    }

    /** A process with ports of its own; {@code args} beat the usual ones. */
    private static Child launch(String... args) {
        List<String> all =
                new ArrayList<>(List.of("-Xmx128m", "-jar", VostokServer.jar().toString()));
        if (Stream.of(args).noneMatch(each -> each.startsWith("--broker.port=")))
            all.add("--broker.port=" + Ports.free());
        all.add("--broker.vipPort=0");
        all.add("--nameserver.port=" + Ports.free());
        all.addAll(List.of(args));
        return Child.java("second", Folders.make("second"), all);
    }

    /** What every file of a store is like, without reading gigabytes: its length and when it was written. */
    private static Map<String, String> fingerprints(Path store) throws IOException {
        Map<String, String> all = new TreeMap<>();
        try (Stream<Path> files = Files.walk(store)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                // What the owner itself writes meanwhile says nothing.
                if (file.toString().matches(".*(checkpoint|consumerOffset.*|reserve|commitlog/.*|tls/.*)")) continue;
                all.put(file.toString(), Files.size(file) + " " + Files.getLastModifiedTime(file));
            }
        }
        return all;
    }

    private static void sendUntil(
            AtomicBoolean enough, Producer producer, String topic, ConcurrentLinkedQueue<Told> told) {
        for (int i = 0; !enough.get(); i++) {
            String text = "m" + Thread.currentThread().getId() + "/" + i;
            try {
                told.add(new Told(text, producer.send(Draft.of(topic, text))));
            } catch (ClientFailure notAcknowledged) {
                LockSupport.parkNanos(5_000_000); // not owed; do not spin while the server is away
            }
        }
    }

    private void assertHolds(VostokServer target, String topic, ConcurrentLinkedQueue<Told> told) {
        PullClient puller = closing(Peers.client(Peers.NEW, target.nameServer()).puller(fresh("reader")));
        Map<String, String> places = new HashMap<>();
        for (Queue queue : puller.queues(topic)) {
            for (Got got : everything(puller, queue, "*"))
                places.put(queue.index() + "@" + got.queueOffset(), got.text());
        }
        assertThat(told)
                .allSatisfy(each -> assertThat(places)
                        .containsEntry(
                                each.sent().queue().index() + "@" + each.sent().queueOffset(), each.text()));
    }

    private static boolean served(int port) {
        try (Wire wire = new Wire(port)) {
            return wire.ask(7_654).code() == 3;
        } catch (UncheckedIOException refused) {
            return false;
        }
    }

    private static boolean sends(Producer producer, Draft draft) {
        try {
            producer.send(draft);
            return true;
        } catch (ClientFailure refused) {
            return false;
        }
    }

    private static void writeOrLose(Wire wire, byte[] bytes) {
        try {
            wire.write(bytes);
        } catch (IOException closed) {
            // the server's right
        }
    }

    private static Thread started(Runnable work) {
        Thread thread = new Thread(work);
        thread.start();
        return thread;
    }

    private static void join(List<Thread> threads) {
        for (Thread thread : threads) {
            try {
                thread.join(SOON.toMillis());
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            assertThat(thread.isAlive()).as("a thread is stuck").isFalse();
        }
    }
}
