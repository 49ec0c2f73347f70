package io.vostok.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.it.client.Got;
import io.vostok.it.client.PullClient;
import io.vostok.it.client.Queue;
import io.vostok.it.kit.Peers;
import io.vostok.it.kit.Scenario;
import io.vostok.it.kit.Wire;
import io.vostok.kit.Await;
import io.vostok.wire.RequestCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Measures: two million pending messages in a heap of 256 MiB, how late messages come at 1,000 a second beside them, and how
 * long a start takes after a kill. Only with {@code -Dit.timers=2000000}, which is how many are pending; prints what it found.
 */
@EnabledIfSystemProperty(named = "it.timers", matches = "\\d+")
class TimerLoadIT extends Scenario {
    private static final int PENDING = Integer.getInteger("it.timers", 0);
    private static final int DUE = 20_000;
    private static final int WINDOW = 500;
    private static final Duration LONG = Duration.ofMinutes(10);

    private final Random random = new Random(1);

    @Test
    void holdsMillionsAndDeliversOnTime() throws IOException {
        String far = fresh("far");
        String due = fresh("due");
        long began = System.nanoTime();
        send(far, PENDING, () -> now() + 3_600_000L + (long) (random.nextDouble() * 29.9 * 86_400_000L));
        print("pending=%d sent in %.1f s, rss=%s", PENDING, seconds(began), rss());

        long[] next = {now() + 12_000};
        send(due, DUE, () -> next[0]++);
        print("lateness at 1,000/s, millis: %s, rss=%s", lateness(due, DUE), rss());

        server.kill();
        began = System.nanoTime();
        server.restart();
        print("ready after a kill in %.1f s, rss=%s", seconds(began), rss());
        String after = fresh("after");
        next[0] = now() + 10_000;
        send(after, DUE / 2, () -> next[0]++);
        print("lateness after the kill, millis: %s, rss=%s", lateness(after, DUE / 2), rss());
    }

    private String lateness(String topic, int count) {
        PullClient puller = closing(Peers.client(Peers.NEW, server.nameServer()).puller(fresh("reader")));
        List<Queue> queues = puller.queues(topic);
        Await.until(
                "all are delivered",
                LONG,
                () -> queues.stream().mapToLong(puller::maxOffset).sum() >= count + 1);
        long[] late = queues.stream()
                .flatMap(queue -> everything(puller, queue, "*").stream())
                .filter(got -> got.properties().containsKey("TIMER_OUT_MS"))
                .mapToLong(TimerLoadIT::lateMillis)
                .sorted()
                .toArray();
        assertThat(late).hasSize(count);
        assertThat(late[0]).as("earliest").isNotNegative();
        return "p50=" + late[count / 2] + " p99=" + late[count * 99 / 100] + " p99.9=" + late[count * 999 / 1000]
                + " max=" + late[count - 1];
    }

    private static long lateMillis(Got got) {
        return got.storedMillis() - Long.parseLong(got.properties().get("TIMER_OUT_MS"));
    }

    /** By hand and pipelined: a stock client waits for each answer, or has many threads. */
    private void send(String topic, int count, LongSupplier deliverMillis) throws IOException {
        try (Wire wire = new Wire(server.brokerPort())) {
            wire.write(frame(topic, 0, "a\u0001b\u0002"));
            assertThat(wire.read().code()).isZero();
            for (int sent = 0; sent < count; ) {
                int window = Math.min(WINDOW, count - sent);
                ByteArrayOutputStream frames = new ByteArrayOutputStream(WINDOW * 500);
                for (int i = 0; i < window; i++) {
                    String properties = "TIMER_DELIVER_MS\u0001" + deliverMillis.getAsLong() + "\u0002UNIQ_KEY\u0001"
                            + topic + (sent + i) + "\u0002";
                    frames.writeBytes(frame(topic, sent + i, properties));
                }
                wire.write(frames.toByteArray());
                for (int i = 0; i < window; i++) {
                    assertThat(wire.read().code()).isZero();
                }
                sent += window;
            }
        }
    }

    private static byte[] frame(String topic, int opaque, String properties) {
        return Wire.frame(
                RequestCode.SEND_MESSAGE_V2,
                opaque,
                0,
                "0123456789".getBytes(StandardCharsets.UTF_8),
                "a",
                "p",
                "b",
                topic,
                "c",
                "TBW102",
                "d",
                "1",
                "e",
                "0",
                "f",
                "0",
                "g",
                "" + now(),
                "h",
                "0",
                "i",
                properties,
                "j",
                "0",
                "k",
                "false",
                "m",
                "false");
    }

    private String rss() {
        try {
            return Files.readAllLines(Path.of("/proc/" + server.pid() + "/status")).stream()
                    .filter(line -> line.startsWith("VmRSS") || line.startsWith("RssAnon"))
                    .map(line -> line.replaceAll("\\s+", " "))
                    .toList()
                    .toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void print(String format, Object... values) {
        System.out.println("timers: " + String.format(java.util.Locale.ROOT, format, values));
    }

    private static double seconds(long sinceNanos) {
        return (System.nanoTime() - sinceNanos) / 1e9;
    }

    private static long now() {
        return System.currentTimeMillis();
    }
}
