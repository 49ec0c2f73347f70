package io.vostok.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.vostok.bench.Rival.Kind;
import io.vostok.time.SystemClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Puts the same questions to our broker and to Apache's, in turn, each time to a new process with an empty store, and prints the
 * medians beside each other. Settings are system properties:
 *
 * <ul>
 *   <li>{@code compare}: a regular expression for the names of cases; everything by default
 *   <li>{@code compare.pairs}: how often each rival is asked, 3
 *   <li>{@code compare.warmUp} and {@code compare.seconds}: 10 and 10
 *   <li>{@code compare.backlog}: messages that readers find, 500000
 *   <li>{@code compare.rivals}: {@code VOSTOK}, {@code APACHE} or both
 *   <li>{@code compare.cachedGiB}: how much of the machine's memory the page cache is given before each question, 0. In a virtual
 *       machine the first use of a page that the host has not given yet costs as much as ten messages, and neither rival is the
 *       cause
 * </ul>
 *
 * Every reading is appended to {@code target/bench/readings.jsonl}.
 */
final class Compare {
    private static final Duration TOGETHER = Duration.ofMinutes(5);

    private final int pairs = Integer.getInteger("compare.pairs", 3);
    private final Plan.Span span = new Plan.Span(
            Duration.ofSeconds(Integer.getInteger("compare.warmUp", 10)),
            Duration.ofSeconds(Integer.getInteger("compare.seconds", 10)));
    private final long backlog = Long.getLong("compare.backlog", 500_000);
    private final String rivals = System.getProperty("compare.rivals", "VOSTOK,APACHE");
    private final long cachedGiB = Long.getLong("compare.cachedGiB", 0);
    private final Path readings = Path.of("target", "bench", "readings.jsonl");
    private final ObjectMapper json = new ObjectMapper();

    private Compare() {}

    public static void main(String[] args) throws Exception {
        new Compare().run(Pattern.compile(System.getProperty("compare", ".*")).asMatchPredicate());
        System.exit(0);
    }

    private interface Question {
        Map<String, Double> ask(Rival rival) throws IOException, InterruptedException;
    }

    private void run(Predicate<String> wanted) throws IOException, InterruptedException {
        Files.createDirectories(readings.getParent());
        for (Case each : Case.all(backlog)) {
            if (wanted.test(each.name())) compare(each.name(), each.syncFlush(), rival -> load(each, rival));
        }
        if (wanted.test("idle")) compare("idle", false, this::idle);
        if (wanted.test("cold-start")) compare("cold-start", false, this::coldStart);
        if (wanted.test("recovery")) compare("recovery", false, this::recovery);
    }

    private void compare(String name, boolean syncFlush, Question question) throws IOException, InterruptedException {
        Map<Kind, List<Map<String, Double>>> answers = new EnumMap<>(Kind.class);
        for (int i = 0; i < pairs; i++) {
            for (Kind kind : Kind.values()) {
                if (!rivals.contains(kind.name())) continue;
                cacheMemory();
                try (Rival rival = new Rival(kind, syncFlush)) {
                    Map<String, Double> answer = question.ask(rival);
                    answers.computeIfAbsent(kind, none -> new ArrayList<>()).add(answer);
                    keep(name, kind, answer);
                }
            }
        }
        print(name, answers);
    }

    /** Reads a file without blocks: its pages are memory of this machine, and free for whoever needs them. */
    private void cacheMemory() throws IOException {
        if (cachedGiB == 0) return;
        Path sparse = readings.resolveSibling("sparse");
        try (FileChannel file = FileChannel.open(sparse, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            if (file.size() != cachedGiB << 30) file.truncate(0).write(ByteBuffer.allocate(1), (cachedGiB << 30) - 1);
            ByteBuffer part = ByteBuffer.allocateDirect(1 << 20);
            while (file.read(part.clear()) > 0) {
                // Only to have them in memory.
            }
        }
    }

    private Map<String, Double> load(Case question, Rival rival) throws IOException, InterruptedException {
        rival.start();
        first(rival, question);
        long filled = 0;
        while (filled < question.preload()) {
            filled += run(question.filling(rival.nameServer(), Duration.ofSeconds(5)), new Run.Watcher() {}).messages();
        }
        var window = new Window(rival.pid());
        Outcome outcome = run(question.plan(rival.nameServer(), span), window);
        Map<String, Double> figures = window.figures(outcome);
        if (outcome.refused() > 0) {
            System.out.println(question.name() + " " + rival.kind + " refused: " + outcome.refusals());
        }
        return figures;
    }

    /** CPU and memory when nothing happens: sixty seconds, half a minute after the start. */
    private Map<String, Double> idle(Rival rival) throws IOException, InterruptedException {
        rival.start();
        first(rival, Case.all(0).get(0));
        TimeUnit.SECONDS.sleep(30);
        Account before = Account.of(rival.pid());
        TimeUnit.SECONDS.sleep(60);
        Account after = Account.of(rival.pid());
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("% of a core", (after.cpuSeconds() - before.cpuSeconds()) / 60 * 100);
        figures.put("resident MiB", after.residentBytes() / (1 << 20));
        figures.put("anonymous MiB", after.anonymousBytes() / (1 << 20));
        return figures;
    }

    /** From the start of the process to the first send that was accepted. */
    private Map<String, Double> coldStart(Rival rival) throws IOException, InterruptedException {
        long from = System.nanoTime();
        rival.start();
        first(rival, Case.all(0).get(0));
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("seconds", (System.nanoTime() - from) / 1e9);
        figures.put("cpu s", Account.of(rival.pid()).cpuSeconds());
        return figures;
    }

    /** From the start of the process behind a kill to the first send that was accepted. */
    private Map<String, Double> recovery(Rival rival) throws IOException, InterruptedException {
        Case question = Case.all(0).stream().filter(each -> each.name().equals("pipelined-4-1024")).findFirst().orElseThrow();
        rival.start();
        first(rival, question);
        long filled = 0;
        while (filled < backlog * 8) {
            filled += run(question.filling(rival.nameServer(), Duration.ofSeconds(5)), new Run.Watcher() {}).messages();
        }
        rival.kill();
        long from = System.nanoTime();
        rival.start();
        first(rival, question);
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("seconds", (System.nanoTime() - from) / 1e9);
        figures.put("cpu s", Account.of(rival.pid()).cpuSeconds());
        figures.put("messages", (double) filled);
        return figures;
    }

    private static Outcome run(Plan plan, Run.Watcher watcher) throws IOException, InterruptedException {
        return new Run(plan, new SystemClock(), new Random(), watcher).run();
    }

    /** Sends single messages until one is accepted. */
    private void first(Rival rival, Case question) throws IOException, InterruptedException {
        long end = System.nanoTime() + TOGETHER.toNanos();
        while (true) {
            try {
                First.send(question.plan(rival.nameServer(), span));
                return;
            } catch (IOException notYet) {
                if (!rival.isAlive() || System.nanoTime() > end) {
                    throw new IOException(rival.kind + " does not answer: " + notYet.getMessage() + "\n" + rival.tail(), notYet);
                }
            }
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    private void keep(String name, Kind kind, Map<String, Double> answer) throws IOException {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("at", Instant.now().toString());
        line.put("case", name);
        line.put("rival", kind.name());
        line.putAll(answer);
        Files.writeString(
                readings, json.writeValueAsString(line) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static void print(String name, Map<Kind, List<Map<String, Double>>> answers) {
        TreeSet<String> known = new TreeSet<>();
        answers.values().forEach(list -> list.forEach(answer -> known.addAll(answer.keySet())));
        System.out.printf("%n%s%n", name);
        for (String figure : known) {
            System.out.printf("  %-22s", figure);
            for (Kind kind : Kind.values()) {
                List<Double> values = new ArrayList<>();
                for (Map<String, Double> answer : answers.getOrDefault(kind, List.of())) {
                    Double value = answer.get(figure);
                    if (value != null) values.add(value);
                }
                if (values.isEmpty()) continue;
                values.sort(null);
                System.out.printf(
                        Locale.ROOT,
                        "  %s %,.2f (%,.2f..%,.2f)",
                        kind,
                        values.get(values.size() / 2),
                        values.get(0),
                        values.get(values.size() - 1));
            }
            System.out.println();
        }
    }

    /** What the process used while it was measured. */
    private static final class Window implements Run.Watcher {
        private final long pid;
        private Account before;
        private Account after;
        private double fromSeconds;
        private double clientBefore;
        private double clientAfter;

        Window(long pid) {
            this.pid = pid;
            before = after = Account.of(pid);
        }

        @Override
        public void measuring() {
            before = Account.of(pid);
            fromSeconds = System.nanoTime() / 1e9;
            clientBefore = ownCpu();
        }

        @Override
        public void measured() {
            clientAfter = ownCpu();
            after = Account.of(pid);
        }

        Map<String, Double> figures(Outcome outcome) {
            Map<String, Double> figures = new LinkedHashMap<>();
            double cpu = after.cpuSeconds() - before.cpuSeconds();
            double millions = outcome.messages() / 1e6;
            figures.put("messages/s", outcome.perSecond());
            outcome.latencyMicros().forEach((name, micros) -> figures.put(name + " us", micros));
            if (millions > 0) {
                figures.put("cpu s/M", cpu / millions);
                figures.put("user s/M", (after.userSeconds() - before.userSeconds()) / millions);
                figures.put("allocated B/msg", (after.allocatedBytes() - before.allocatedBytes()) / outcome.messages());
            }
            figures.put("% of a core", cpu / (System.nanoTime() / 1e9 - fromSeconds) * 100);
            figures.put("resident MiB", after.residentBytes() / (1 << 20));
            figures.put("anonymous MiB", after.anonymousBytes() / (1 << 20));
            figures.put("refused", (double) outcome.refused());
            double ours = cpu + clientAfter - clientBefore;
            figures.put("others' cpu s", Math.max(0, after.machineBusySeconds() - before.machineBusySeconds() - ours));
            return figures;
        }

        private static double ownCpu() {
            return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toMillis() / 1e3;
        }
    }
}
