package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.it.client.Draft;
import io.vostok.it.client.Got;
import io.vostok.it.client.Producer;
import io.vostok.it.client.ProducerSpec;
import io.vostok.it.client.PullClient;
import io.vostok.it.client.Queue;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.Scenario;
import io.vostok.it.kit.Server;
import io.vostok.it.kit.VostokServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Queues beyond what a process may map: few are mapped at a time, none stays open, and nothing is lost by it. */
class ManyQueuesIT extends Scenario {
    private static final boolean LONG = Boolean.getBoolean("it.long");
    private static final int TOPICS = LONG ? 10_000 : 40;
    private static final int MAPPED = LONG ? 4_096 : 16;
    /** Messages of a topic before and after the kill: some for each queue. */
    private static final int MESSAGES = LONG ? 8 : 16;

    /** Threads of the server that may use a file which was let go just now. */
    private static final int USERS = 8;

    private VostokServer vostok() {
        return (VostokServer) server;
    }

    @Override
    protected Server startOwn() {
        return ended(VostokServer.start(
                spec(),
                "--store.mappedQueueFiles=" + MAPPED,
                "--store.checkpointInterval=100ms",
                "--broker.maxTopics=" + (TOPICS + 1_000)));
    }

    @Test
    void mapsFewQueuesAtATimeAndKeepsWhatIsInAllOfThem() throws IOException {
        String prefix = fresh("many");
        Map<String, List<String>> told = new HashMap<>();
        sendToAll(prefix, "before", told);
        assertFewAreMapped();

        vostok().kill();
        vostok().restart();
        sendToAll(prefix, "after", told);
        assertFewAreMapped();

        PullClient puller = closing(client(Peers.NEW).puller(fresh("reader")));
        for (int topic = 0; topic < TOPICS; topic++) {
            String name = prefix + "_" + topic;
            List<String> got = new ArrayList<>();
            for (Queue queue : puller.queues(name)) {
                List<Got> inQueue = everything(puller, queue, "*");
                for (int i = 0; i < inQueue.size(); i++) {
                    assertThat(inQueue.get(i).queueOffset()).isEqualTo(i);
                    got.add(inQueue.get(i).text());
                }
            }
            assertThat(got).as(name).containsExactlyInAnyOrderElementsOf(told.getOrDefault(name, List.of()));
        }
        assertFewAreMapped();
    }

    private void sendToAll(String prefix, String when, Map<String, List<String>> told) {
        Producer producer =
                closing(client(Peers.OLD).producer(ProducerSpec.of(fresh("p")).queues(8)));
        for (int round = 0; round < MESSAGES; round++) {
            for (int topic = 0; topic < TOPICS; topic++) {
                String name = prefix + "_" + topic;
                String text = when + " " + round;
                producer.send(Draft.of(name, text));
                told.computeIfAbsent(name, none -> new ArrayList<>()).add(text);
            }
        }
    }

    private void assertFewAreMapped() throws IOException {
        Path process = Path.of("/proc", Long.toString(vostok().pid()));
        if (!Files.isDirectory(process)) return; // no Linux
        try (Stream<String> mappings = Files.lines(process.resolve("maps"))) {
            assertThat(mappings.filter(line -> line.contains("/consumequeue/")).count())
                    .isPositive()
                    .isLessThanOrEqualTo(MAPPED + USERS);
        }
        try (Stream<Path> open = Files.list(process.resolve("fd"))) {
            assertThat(open.filter(ManyQueuesIT::isQueueFile).count()).isLessThanOrEqualTo(USERS);
        }
    }

    private static boolean isQueueFile(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().contains("/consumequeue/");
        } catch (IOException e) {
            return false; // closed meanwhile
        }
    }
}
