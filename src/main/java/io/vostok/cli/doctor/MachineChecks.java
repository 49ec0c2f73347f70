package io.vostok.cli.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import io.vostok.time.Clock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Whether the broker's machine gives it what it needs, from what the server tells. */
public final class MachineChecks {
    private static final int FLUSHES = 15;
    private static final int FLUSHED_BYTES = 4_096;
    private static final long SLOW_FLUSH_MICROS = 20_000;
    private static final double FULL = 0.9;
    private static final double MANY = 0.7;
    private static final long FEW_FILES = 10_000;
    private static final long MIB = 1 << 20;
    private static final long CLOCK_WARN_MILLIS = 1_000;
    private static final long CLOCK_FAIL_MILLIS = 60_000;

    private final Clock clock;

    public MachineChecks(Clock clock) {
        this.clock = clock;
    }

    /**
     * Room for messages.
     *
     * @param broker its figures
     * @param cleanPercent of disk use, from which old messages are deleted early
     */
    public Finding disk(JsonNode broker, int cleanPercent) {
        double used = broker.path("diskUsed").asDouble();
        String words =
                percent(used) + " used, " + size(broker.path("diskFreeBytes").asLong()) + " free, the log has "
                        + size(broker.path("logBytes").asLong());
        if (!broker.path("writable").asBoolean()) {
            return Finding.fail(
                    "disk", "the broker takes no messages; " + words, "make room, then see its log for the cause");
        }
        if (used * 100 >= cleanPercent) {
            return Finding.warn(
                    "disk",
                    words,
                    "from " + cleanPercent + "% on the oldest messages are deleted before store.retention: make room,"
                            + " or keep less");
        }
        return Finding.ok("disk", words);
    }

    /** Forces a small file in {@code store} several times; removes it. */
    public Finding flush(Path store) {
        if (!Files.isDirectory(store)) {
            return Finding.skipped("flush", "the store (" + store + ") is not on this machine");
        }
        if (!Files.isWritable(store)) return Finding.skipped("flush", "no permission to write to " + store);
        long[] micros = new long[FLUSHES];
        try {
            Path file = Files.createTempFile(store, "doctor-", ".tmp");
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                for (int i = 0; i < FLUSHES; i++) {
                    long start = clock.monotonicNanos();
                    channel.write(ByteBuffer.allocate(FLUSHED_BYTES));
                    channel.force(false);
                    micros[i] = (clock.monotonicNanos() - start) / 1_000;
                }
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            return Finding.fail(
                    "flush", "cannot write to " + store + ": " + e, "see the machine's log for disk errors");
        }
        Arrays.sort(micros);
        long median = micros[FLUSHES / 2];
        String words = String.format(
                Locale.ROOT, "4 KiB take %.1f ms, at most %.1f ms", median / 1e3, micros[FLUSHES - 1] / 1e3);
        return median < SLOW_FLUSH_MICROS
                ? Finding.ok("flush", words)
                : Finding.warn(
                        "flush",
                        words,
                        "with store.flush=SYNC no send is answered sooner: use a disk with a lower flush time");
    }

    /** Heap, direct memory and all of the process. */
    public List<Finding> memory(JsonNode process) {
        List<Finding> findings = new ArrayList<>();
        findings.add(share(
                "heap",
                process.path("heapUsedBytes").asLong(),
                process.path("heapMaxBytes").asLong(),
                "give it more with -Xmx"));
        findings.add(share(
                "direct memory",
                process.path("directUsedBytes").asLong(),
                process.path("directMaxBytes").asLong(),
                "give it more with -XX:MaxDirectMemorySize"));
        long machine = process.path("machineBytes").asLong();
        long most = process.path("heapMaxBytes").asLong()
                + process.path("directMaxBytes").asLong();
        if (machine == 0) {
            findings.add(Finding.skipped("memory", "the machine does not tell"));
            return findings;
        }
        String words = "the process holds " + size(process.path("residentBytes").asLong()) + " of " + size(machine)
                + " and may grow to " + size(most) + " and what it maps";
        findings.add(
                most > machine
                        ? Finding.warn(
                                "memory", words, "the machine may kill it: lower -Xmx or -XX:MaxDirectMemorySize")
                        : Finding.ok("memory", words));
        return findings;
    }

    private static Finding share(String check, long used, long most, String advice) {
        if (most <= 0) return Finding.skipped(check, "the server does not tell");
        String words = size(used) + " of " + size(most);
        return used > most * FULL ? Finding.warn(check, words, advice) : Finding.ok(check, words);
    }

    /** Descriptors and mappings; each of {@code queues} maps files. */
    public List<Finding> limits(JsonNode process, long queues) {
        List<Finding> findings = new ArrayList<>();
        long open = process.path("openFiles").asLong();
        long maxOpen = process.path("maxOpenFiles").asLong();
        if (maxOpen == 0) {
            findings.add(Finding.skipped("open files", "the server does not tell"));
        } else {
            String words = open + " of " + maxOpen;
            boolean few = open > maxOpen * MANY || maxOpen < FEW_FILES;
            findings.add(
                    few
                            ? Finding.warn(
                                    "open files",
                                    words,
                                    "each connection needs one and the store some: raise it with ulimit -n 65536")
                            : Finding.ok("open files", words));
        }
        long mapped = process.path("mappings").asLong();
        long maxMapped = process.path("maxMappings").asLong();
        if (maxMapped == 0) {
            findings.add(Finding.skipped("mappings", "the server does not tell"));
            return findings;
        }
        String words = mapped + " of " + maxMapped + " with " + queues + " queues";
        findings.add(
                Math.max(mapped, queues) > maxMapped * MANY
                        ? Finding.warn(
                                "mappings",
                                words,
                                "each queue maps a file: raise it with sysctl vm.max_map_count=" + 4 * maxMapped)
                        : Finding.ok("mappings", words));
        return findings;
    }

    /**
     * The server's clock against this machine's.
     *
     * @param serverMillis what the server said it was
     * @param askedMillis when it was asked, by this machine's
     */
    public Finding clock(long serverMillis, long askedMillis) {
        long now = clock.wallMillis();
        // It was read between the two; within the time that the answer took nothing can be said.
        long off =
                serverMillis < askedMillis ? serverMillis - askedMillis : serverMillis > now ? serverMillis - now : 0;
        String words = Math.abs(off) < CLOCK_WARN_MILLIS
                ? "the server's agrees with this machine's"
                : "the server's is " + Math.abs(off) + " ms " + (off < 0 ? "behind" : "ahead of") + " this machine's";
        String advice = "delays, retention and ids follow it: let both machines keep their time by NTP";
        if (Math.abs(off) >= CLOCK_FAIL_MILLIS) return Finding.fail("clock", words, advice);
        return Math.abs(off) >= CLOCK_WARN_MILLIS ? Finding.warn("clock", words, advice) : Finding.ok("clock", words);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.0f%%", share * 100);
    }

    private static String size(long bytes) {
        return bytes < 10 * 1024 * MIB
                ? Math.max(bytes > 0 ? 1 : 0, bytes / MIB) + " MiB"
                : bytes / (1024 * MIB) + " GiB";
    }
}
