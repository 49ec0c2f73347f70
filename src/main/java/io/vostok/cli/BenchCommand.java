package io.vostok.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vostok.bench.Outcome;
import io.vostok.bench.Plan;
import io.vostok.bench.Run;
import io.vostok.time.SystemClock;
import io.vostok.wire.frame.Encoding;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code bench}: puts load on a broker and measures. */
@Command(
        description = {
            "Put load on any broker of the RocketMQ protocol and measure. A line each second on standard error, the result",
            "on standard output. The topic keeps what is sent: use one that nobody else reads."
        })
final class BenchCommand implements Callable<Integer> {
    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Cli cli;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(
            paramLabel = "MODE",
            description =
                    "send; transaction; pull: from the first message, again and again; pop: with acks; end-to-end: at a "
                            + "rate, from when a message is due to its arrival; hold: pulls that wait")
    private String mode = "";

    @Option(names = "--topic", defaultValue = "vostok-bench", description = "Made if missing (default vostok-bench)")
    private String topic = "";

    @Option(names = "--queues", defaultValue = "8", description = "Of a topic that is made (default 8)")
    private int queues;

    @Option(
            names = "--nameserver",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:9876",
            description = "Default: 127.0.0.1:9876")
    private String nameServer = "";

    @Option(
            names = {"-c", "--connections"},
            paramLabel = "N",
            defaultValue = "4",
            description = "Default 4")
    private int connections;

    @Option(
            names = "--in-flight",
            paramLabel = "N",
            defaultValue = "16",
            description = "Requests of a connection that wait for answers (default 16)")
    private int inFlight;

    @Option(names = "--size", paramLabel = "BYTES", defaultValue = "1024", description = "Of a body (default 1024)")
    private int size;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "1", description = "Messages of a send (default 1)")
    private int batch;

    @Option(
            names = "--delay-level",
            paramLabel = "N",
            defaultValue = "0",
            description = "Of what is sent (default 0, none)")
    private int delayLevel;

    @Option(
            names = "--fetch",
            paramLabel = "N",
            defaultValue = "32",
            description = "Most messages of a pull or pop (default 32)")
    private int fetch;

    @Option(
            names = "--sql",
            paramLabel = "CONDITION",
            description = "For pulls; what send sends has n from 0 to 9: --sql \"n > 4\"")
    private @Nullable String sql;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "0",
            description = "Messages a second in all. Default: as many as go")
    private double rate;

    @Option(names = "--header", defaultValue = "json", description = "json (default) or binary, as clients may")
    private String header = "";

    @Option(names = "--warm-up", paramLabel = "SECONDS", defaultValue = "3", description = "Not measured (default 3)")
    private int warmUp;

    @Option(names = "--seconds", paramLabel = "SECONDS", defaultValue = "10", description = "Measured (default 10)")
    private int seconds;

    @Override
    public Integer call() throws InterruptedException {
        Outcome outcome;
        try {
            outcome = new Run(plan(), new SystemClock(), new SplittableRandom(), new Progress(cli.terminal())).run();
        } catch (IOException e) {
            throw ApiException.unreachable(
                    String.valueOf(e.getMessage()), "--nameserver says where to ask for the broker of the topic");
        }
        cli.output().one(json(outcome));
        if (outcome.refused() == 0) return Cli.DONE;
        throw ApiException.refused(
                outcome.refused() + " of " + outcome.requests() + " requests were refused: " + outcome.refusals(), "");
    }

    private Plan plan() {
        try {
            return new Plan(
                    oneOf(Plan.Mode.class, "MODE", mode),
                    new Plan.Aim(nameServer, topic, queues),
                    new Plan.Load(connections, inFlight, rate, oneOf(Encoding.class, "header", header)),
                    new Plan.Content(size, batch, delayLevel),
                    new Plan.Take(fetch, sql),
                    new Plan.Span(Duration.ofSeconds(warmUp), Duration.ofSeconds(seconds)));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
        }
    }

    private static <E extends Enum<E>> E oneOf(Class<E> type, String option, String text) {
        StringBuilder known = new StringBuilder();
        for (E each : type.getEnumConstants()) {
            if (shown(each).equals(text)) return each;
            known.append(known.isEmpty() ? "" : ", ").append(shown(each));
        }
        throw new IllegalArgumentException(option + " must be one of " + known + ", was '" + text + "'");
    }

    private static String shown(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static ObjectNode json(Outcome outcome) {
        Plan plan = outcome.plan();
        ObjectNode json = Api.JSON
                .createObjectNode()
                .put("mode", shown(plan.mode()))
                .put("topic", plan.aim().topic())
                .put("connections", plan.load().connections())
                .put("inFlight", plan.load().inFlight())
                .put("sizeBytes", plan.content().bodyBytes())
                .put("batch", plan.content().batch())
                .put("seconds", Math.round(outcome.seconds() * 1_000) / 1_000.0)
                .put("messages", outcome.messages())
                .put("bytes", outcome.bytes())
                .put("requests", outcome.requests())
                .put("refused", outcome.refused())
                .put("messagesPerSecond", Math.round(outcome.perSecond()));
        ObjectNode latency = json.putObject("latencyMicros");
        outcome.latencyMicros().forEach(latency::put);
        return json;
    }

    /** A line each second. */
    private record Progress(Terminal to) implements Run.Watcher {
        @Override
        public void progress(boolean warm, double perSecond, double p50Micros, double p99Micros, long refused) {
            to.say(String.format(
                    Locale.ROOT,
                    "%-8s %,11.0f messages/s   p50 %,8.0f us   p99 %,9.0f us   refused %,d",
                    warm ? "measure" : "warm up",
                    perSecond,
                    p50Micros,
                    p99Micros,
                    refused));
        }
    }
}
