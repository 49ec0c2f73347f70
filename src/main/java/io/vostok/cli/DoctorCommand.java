package io.vostok.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vostok.cli.doctor.Finding;
import io.vostok.cli.doctor.HostPort;
import io.vostok.cli.doctor.MachineChecks;
import io.vostok.cli.doctor.NetworkChecks;
import io.vostok.time.SystemClock;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code doctor}: looks a server over. */
@Command(
        description = {
            "Look a server over: what answers, the address that clients are told, disk, memory, limits, clock.",
            "Each check says ok, warn or fail, and what to do. Ends with 1 when one fails, 5 when one warns."
        })
final class DoctorCommand implements Callable<Integer> {
    /** Between the start of a process and its broker's; a store that was not closed takes a while to open. */
    private static final Duration START = Duration.ofMinutes(10);

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Cli cli;

    @Option(
            names = "--nameserver",
            paramLabel = "HOST:PORT",
            split = "[;,]",
            description = "As clients here have it; several separated by commas. Default: what the broker has")
    private @Nullable List<String> nameServers;

    @Override
    public Integer call() {
        Api api = cli.api();
        List<Finding> findings = new ArrayList<>();
        JsonNode version = api.get("/version").answer();
        findings.add(Finding.ok(
                "http",
                api.url() + " answers, version " + version.path("version").asText()));
        findings.add(ready(api));
        String broker = api.brokerName();
        Map<String, String> settings = settings(api, broker);
        JsonNode topics = api.get("topics").with("kind", "all").pages().path("items");
        findings.addAll(new NetworkChecks().look(nameServers(api, settings), aTopic(topics), broker));
        findings.addAll(machine(api, broker, settings, topics));
        findings.add(subscriptions(api));
        print(findings);
        Finding.State worst = findings.stream()
                .map(Finding::state)
                .max(Finding.State::compareTo)
                .orElseThrow();
        return switch (worst) {
            case OK, SKIPPED -> Cli.DONE;
            case WARN -> Cli.WORTH_A_LOOK;
            case FAIL -> Cli.REFUSED;
        };
    }

    private static Finding ready(Api api) {
        JsonNode health = api.get("/health/ready").anyAnswer();
        return health.path("status").asText().equals("UP")
                ? Finding.ok("ready", "it takes traffic")
                : Finding.fail("ready", health.path("reason").asText(), "see the server's log");
    }

    private static Map<String, String> settings(Api api, String broker) {
        Map<String, String> settings = new HashMap<>();
        for (JsonNode item : api.get("brokers/{}/settings", broker).answer().path("items")) {
            settings.put(item.path("name").asText(), item.path("value").asText());
        }
        return settings;
    }

    private List<HostPort> nameServers(Api api, Map<String, String> settings) {
        List<String> texts = nameServers == null
                ? List.of(settings.getOrDefault("namesrvAddr", "").split("[;,]", -1))
                : nameServers;
        @Nullable String here = URI.create(api.url()).getHost();
        List<HostPort> parsed = new ArrayList<>();
        for (String text : texts) {
            @Nullable HostPort each = HostPort.parse(text.strip());
            if (each == null) continue;
            // What is loopback to the broker is another machine from here.
            boolean far =
                    nameServers == null && each.isLoopback() && here != null && !new HostPort(here, 1).isLoopback();
            parsed.add(far ? new HostPort(here, each.port()) : each);
        }
        return parsed;
    }

    private static @Nullable String aTopic(JsonNode topics) {
        @Nullable String any = null;
        for (JsonNode topic : topics) {
            if (topic.path("kind").asText().equals("user"))
                return topic.path("name").asText();
            if (any == null && topic.path("perm").asInt() > 0)
                any = topic.path("name").asText();
        }
        return any;
    }

    private static List<Finding> machine(Api api, String broker, Map<String, String> settings, JsonNode topics) {
        SystemClock clock = new SystemClock();
        MachineChecks checks = new MachineChecks(clock);
        long asked = clock.wallMillis();
        JsonNode figures = api.get("brokers/{}", broker).answer();
        Finding clocks =
                checks.clock(Instant.parse(figures.path("now").asText()).toEpochMilli(), asked);
        JsonNode process = api.get("brokers/{}/process", broker).answer();
        long queues = 0;
        for (JsonNode topic : topics) {
            if (topic.path("kind").asText().equals("system")) continue; // have many that nobody uses
            queues += Math.max(
                    topic.path("readQueues").asInt(), topic.path("writeQueues").asInt());
        }
        List<Finding> findings = new ArrayList<>();
        findings.add(checks.disk(figures, Integer.parseInt(settings.getOrDefault("diskMaxUsedSpaceRatio", "75"))));
        findings.add(flush(checks, process, figures, settings));
        findings.addAll(checks.memory(process));
        findings.addAll(checks.limits(process, queues));
        findings.add(clocks);
        return findings;
    }

    /** A path and a process of the same names may be on this machine, too: it must have started when the broker did. */
    private static Finding flush(
            MachineChecks checks, JsonNode process, JsonNode figures, Map<String, String> settings) {
        long pid = process.path("pid").asLong();
        Instant started = Instant.parse(figures.path("startedAt").asText());
        boolean here = ProcessHandle.of(pid)
                .flatMap(handle -> handle.info().startInstant())
                .filter(start -> Duration.between(start, started).abs().compareTo(START) < 0)
                .isPresent();
        if (!here) return Finding.skipped("flush", "the broker is on another machine");
        Path folder = Path.of("/proc", Long.toString(pid), "cwd");
        return checks.flush(folder.resolve(settings.getOrDefault("storePathRootDir", "")));
    }

    private static Finding subscriptions(Api api) {
        JsonNode conflicts =
                api.get("subscriptions").with("conflicts", true).pages().path("items");
        if (conflicts.isEmpty()) return Finding.ok("subscriptions", "no members of a group contradict each other");
        JsonNode first = conflicts.path(0);
        return Finding.warn(
                "subscriptions",
                conflicts.size() + " groups have members that contradict each other, such as "
                        + first.path("group").asText() + ": "
                        + first.path("conflict").path("words").asText(),
                Cli.NAME + " client subscriptions --conflicts lists them");
    }

    private void print(List<Finding> findings) {
        ObjectNode all = Api.JSON.createObjectNode();
        for (Finding each : findings) {
            all.withArray("items")
                    .addObject()
                    .put("state", Cli.small(each.state()))
                    .put("check", each.check())
                    .put("found", each.words())
                    .put("advice", each.advice());
        }
        Output output = cli.output();
        output.list(all, "state", "check", "found");
        for (Finding each : findings) {
            if (!each.advice().isEmpty()) output.line(each.check() + ": " + each.advice());
        }
    }
}
