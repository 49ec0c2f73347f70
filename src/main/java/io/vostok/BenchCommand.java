package io.vostok;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.vostok.bench.Outcome;
import io.vostok.bench.Plan;
import io.vostok.bench.Run;
import io.vostok.time.SystemClock;
import io.vostok.wire.frame.Encoding;
import java.io.IOException;
import java.io.PrintStream;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Loads a broker and prints what it bore. Progress goes to standard error, the result to standard output. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Loads any broker of the RocketMQ protocol and measures it. Use a topic of its own: it keeps what is sent.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:measured",
            "1:the broker could not be reached, ended a connection, or refused requests",
            "2:wrong usage"
        })
final class BenchCommand implements Callable<Integer> {
    private static final int FAILED = 1;

    enum Format {
        text,
        json
    }

    @Parameters(
            paramLabel = "MODE",
            description = "send, transaction, pull (from the first message, again and again), pop (with acks), "
                    + "end-to-end (at a rate, from due time to arrival), hold (pulls that wait)")
    private String mode = "";

    @Option(
            names = {"-n", "--name-server"},
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:9876",
            description = "default ${DEFAULT-VALUE}")
    private String nameServer = "";

    @Option(
            names = {"-t", "--topic"},
            defaultValue = "vostok-bench",
            description = "made when it is missing; default ${DEFAULT-VALUE}")
    private String topic = "";

    @Option(names = "--queues", defaultValue = "8", description = "of a topic that is made; default ${DEFAULT-VALUE}")
    private int queues;

    @Option(
            names = {"-c", "--connections"},
            defaultValue = "4",
            description = "default ${DEFAULT-VALUE}")
    private int connections;

    @Option(
            names = {"-i", "--in-flight"},
            defaultValue = "16",
            description = "requests of a connection that wait for answers; default ${DEFAULT-VALUE}")
    private int inFlight;

    @Option(
            names = {"-s", "--size"},
            defaultValue = "1024",
            description = "bytes of a message's body; default ${DEFAULT-VALUE}")
    private int size;

    @Option(names = "--batch", defaultValue = "1", description = "messages of a send; default ${DEFAULT-VALUE}")
    private int batch;

    @Option(
            names = "--fetch",
            defaultValue = "32",
            description = "most messages of a pull or pop; default ${DEFAULT-VALUE}")
    private int fetch;

    @Option(
            names = {"-r", "--rate"},
            defaultValue = "0",
            description = "messages per second in all; default 0, as many as the broker takes")
    private double rate;

    @Option(names = "--delay-level", defaultValue = "0", description = "delay level of what is sent; default 0, none")
    private int delayLevel;

    @Option(
            names = "--sql",
            description = "condition on properties for pulls; what send sends has n from 0 to 9: n > 4")
    private @Nullable String sql;

    @Option(
            names = "--header",
            defaultValue = "json",
            description = "json or binary, as clients may; default ${DEFAULT-VALUE}")
    private String header = "";

    @Option(names = "--warm-up", defaultValue = "3", description = "seconds; default ${DEFAULT-VALUE}")
    private int warmUp;

    @Option(names = "--seconds", defaultValue = "10", description = "measured seconds; default ${DEFAULT-VALUE}")
    private int seconds;

    @Option(
            names = {"-o", "--output"},
            defaultValue = "text",
            description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}")
    private Format output = Format.text;

    @Override
    public Integer call() throws InterruptedException {
        Plan plan;
        try {
            plan = plan();
        } catch (IllegalArgumentException e) {
            System.err.println("vostok: " + e.getMessage());
            return CommandLine.ExitCode.USAGE;
        }
        try {
            Outcome outcome = new Run(plan, new SystemClock(), new SecureRandom(), new Progress(System.err)).run();
            System.out.println(output == Format.json ? json(outcome) : text(outcome));
            return outcome.refused() == 0 ? 0 : FAILED;
        } catch (IOException e) {
            System.err.println("vostok: " + e.getMessage());
            return FAILED;
        }
    }

    private Plan plan() {
        return new Plan(
                oneOf(Plan.Mode.class, "mode", mode),
                new Plan.Aim(nameServer, topic, queues),
                new Plan.Load(connections, inFlight, rate, oneOf(Encoding.class, "header", header)),
                new Plan.Content(size, batch, delayLevel),
                new Plan.Take(fetch, sql),
                new Plan.Span(Duration.ofSeconds(warmUp), Duration.ofSeconds(seconds)));
    }

    private static <E extends Enum<E>> E oneOf(Class<E> type, String option, String text) {
        StringBuilder known = new StringBuilder();
        for (E each : type.getEnumConstants()) {
            String name = each.name().toLowerCase(Locale.ROOT).replace('_', '-');
            if (name.equals(text)) return each;
            known.append(known.isEmpty() ? "" : ", ").append(name);
        }
        throw new IllegalArgumentException(option + " must be one of " + known + ", was '" + text + "'");
    }

    private static String text(Outcome outcome) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "%,d messages in %.1f s: %,.0f a second, %,.1f MiB a second%n",
                outcome.messages(),
                outcome.seconds(),
                outcome.perSecond(),
                outcome.bytes() / outcome.seconds() / (1 << 20)));
        if (!outcome.latencyMicros().isEmpty()) {
            text.append("latency in us:");
            outcome.latencyMicros()
                    .forEach((name, micros) ->
                            text.append(' ').append(name).append('=').append(micros));
            text.append(System.lineSeparator());
        }
        text.append(String.format(Locale.ROOT, "%,d of %,d requests refused", outcome.refused(), outcome.requests()));
        outcome.refusals()
                .forEach((reason, times) -> text.append(System.lineSeparator())
                        .append("  ")
                        .append(times)
                        .append(" x ")
                        .append(reason));
        return text.toString();
    }

    private static String json(Outcome outcome) {
        Map<String, Object> shown = new LinkedHashMap<>();
        Plan plan = outcome.plan();
        shown.put("mode", plan.mode().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        shown.put("topic", plan.aim().topic());
        shown.put("connections", plan.load().connections());
        shown.put("inFlight", plan.load().inFlight());
        shown.put("sizeBytes", plan.content().bodyBytes());
        shown.put("batch", plan.content().batch());
        shown.put("fetch", plan.take().fetch());
        shown.put("rate", plan.load().rate());
        shown.put("delayLevel", plan.content().delayLevel());
        shown.put("seconds", outcome.seconds());
        shown.put("messages", outcome.messages());
        shown.put("bytes", outcome.bytes());
        shown.put("requests", outcome.requests());
        shown.put("messagesPerSecond", outcome.perSecond());
        shown.put("latencyMicros", outcome.latencyMicros());
        shown.put("refusals", outcome.refusals());
        try {
            return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(shown);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("numbers and texts are always JSON", e);
        }
    }

    /** A line each second. */
    private record Progress(PrintStream to) implements Run.Watcher {
        @Override
        public void progress(boolean warm, double perSecond, double p50Micros, double p99Micros, long refused) {
            to.printf(
                    Locale.ROOT,
                    "%-8s %,11.0f messages/s   p50 %,8.0f us   p99 %,9.0f us%s%n",
                    warm ? "measure" : "warm up",
                    perSecond,
                    p50Micros,
                    p99Micros,
                    refused == 0 ? "" : String.format(Locale.ROOT, "   %,d refused", refused));
        }
    }
}
