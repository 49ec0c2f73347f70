package io.vostok.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code group}: consumer groups, how far they are, and letting them go on elsewhere. */
@Command(description = "Consumer groups: list, show, create, change, delete, lag, offsets")
final class GroupCommands {
    private static final String[] LAG = {"topic", "queue", "consumerOffset", "maxOffset", "lag", "consumedTo"};

    /** What a group is like. */
    static final class Settings {
        @Option(names = "--consume", arity = "1", paramLabel = "true|false", description = "Whether it may consume")
        @Nullable
        Boolean consume;

        @Option(names = "--broadcast", arity = "1", paramLabel = "true|false", description = "Whether it may broadcast")
        @Nullable
        Boolean broadcast;

        @Option(
                names = "--ordered",
                arity = "1",
                paramLabel = "true|false",
                description = "Whether it consumes in order")
        @Nullable
        Boolean ordered;

        @Option(names = "--retries", paramLabel = "N", description = "Attempts after which a message is a dead letter")
        @Nullable
        Integer retries;

        @Option(names = "--retry-queues", paramLabel = "N", description = "Queues of its retry topic")
        @Nullable
        Integer retryQueues;

        @Option(names = "--consume-timeout", paramLabel = "MINUTES", description = "How long a member may take")
        @Nullable
        Integer consumeTimeout;

        ObjectNode toJson() {
            ObjectNode json = Api.JSON.createObjectNode();
            if (consume != null) json.put("consumeEnabled", consume);
            if (broadcast != null) json.put("broadcastEnabled", broadcast);
            if (ordered != null) json.put("ordered", ordered);
            if (retries != null) json.put("retryMaxTimes", retries);
            if (retryQueues != null) json.put("retryQueues", retryQueues);
            if (consumeTimeout != null) json.put("consumeTimeoutMinutes", consumeTimeout);
            return json;
        }
    }

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Cli cli;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Command(description = "List groups")
    void list(
            @Option(names = "--prefix", paramLabel = "TEXT", description = "Only names that begin so") @Nullable
                    String prefix) {
        JsonNode groups = cli.api().get("groups").with("prefix", prefix).pages();
        cli.output().list(groups, "name", "consumeEnabled", "ordered", "retryMaxTimes", "retryQueues");
    }

    @Command(description = "Show a group, its members and whether they contradict each other")
    void get(@Parameters(paramLabel = "GROUP") String group) {
        cli.output().one(cli.api().get("groups/{}", group).answer());
    }

    @Command(description = "Create a group; one that exists is refused")
    void create(@Parameters(paramLabel = "GROUP") String group, @Mixin Settings settings) {
        ObjectNode body = settings.toJson().put("name", group);
        cli.output().one(cli.api().call("POST", "groups").body(body).answer());
    }

    @Command(description = "Change what is named of a group")
    void update(@Parameters(paramLabel = "GROUP") String group, @Mixin Settings settings) {
        cli.output()
                .one(cli.api()
                        .call("PATCH", "groups/{}", group)
                        .body(settings.toJson())
                        .answer());
    }

    @Command(description = "Delete a group")
    void delete(
            @Parameters(paramLabel = "GROUP") String group,
            @Option(names = "--with-offsets", description = "And how far it had come") boolean withOffsets,
            @Option(
                            names = {"-y", "--yes"},
                            description = "Without being asked")
                    boolean yes) {
        Api api = cli.api();
        JsonNode found = api.get("groups/{}", group).answer();
        if (!yes) {
            cli.terminal()
                    .confirm(
                            "Group " + group + " has " + found.path("members").size() + " connected members."
                                    + (withOffsets ? " How far it has come is forgotten." : ""),
                            group);
        }
        api.call("DELETE", "groups/{}", group).with("withOffsets", withOffsets).answer();
        cli.output().done("deleted", "group", group);
    }

    @Command(description = "Show how far a group is in each queue; without a group, the lag of all")
    void lag(
            @Parameters(paramLabel = "GROUP", arity = "0..1") @Nullable String group,
            @Option(names = "--topic", paramLabel = "TOPIC", description = "Only this topic") @Nullable String topic) {
        if (group == null) {
            cli.output().list(cli.api().get("lag").pages(), "group", "topic", "lag", "consumesPerSecond");
            return;
        }
        JsonNode lag =
                cli.api().get("groups/{}/lag", group).with("topic", topic).answer();
        cli.output().list(lag, LAG);
        cli.output()
                .line(String.format(
                        Locale.ROOT,
                        "lag %d, %.1f consumed a second",
                        lag.path("lag").asLong(),
                        lag.path("consumesPerSecond").asDouble()));
    }

    @Command(description = "List the connected members of a group")
    void clients(@Parameters(paramLabel = "GROUP") String group) {
        cli.output().list(cli.api().get("clients").with("group", group).pages(), ClientCommands.COLUMNS);
    }

    @Command(description = "List the offsets that a group has committed")
    void offsets(
            @Parameters(paramLabel = "GROUP") String group,
            @Option(names = "--topic", paramLabel = "TOPIC", description = "Only this topic") @Nullable String topic) {
        cli.output()
                .list(
                        cli.api()
                                .get("groups/{}/offsets", group)
                                .with("topic", topic)
                                .answer(),
                        "topic",
                        "queue",
                        "offset");
    }

    @Command(description = "Let a group go on elsewhere. Shows what would be, and asks; prints the way back.")
    void reset(
            @Parameters(paramLabel = "GROUP") String group,
            @Option(names = "--topic", required = true, paramLabel = "TOPIC", description = "Of which topic")
                    String topic,
            @Option(
                            names = "--to",
                            paramLabel = "PLACE",
                            description =
                                    "earliest, latest, or a store time: 2026-01-31T12:00:00Z or milliseconds since 1970")
                    @Nullable
                    String to,
            @Option(
                            names = "--offset",
                            paramLabel = "QUEUE=OFFSET",
                            description = "Instead of --to: the next offset of a queue; may be given several times")
                    @Nullable
                    Map<Integer, Long> offsets,
            @Option(names = "--dry-run", description = "Only show what would be") boolean dryRun,
            @Option(
                            names = {"-y", "--yes"},
                            description = "Without being asked")
                    boolean yes) {
        if ((to == null) == (offsets == null)) {
            throw new ParameterException(spec.commandLine(), "give --to or --offset, and not both");
        }
        Api api = cli.api();
        ObjectNode body = Api.JSON.createObjectNode().put("topic", topic);
        if (to != null) body.put("to", to);
        if (offsets != null) {
            ArrayNode list = body.putArray("offsets");
            offsets.forEach(
                    (queue, offset) -> list.addObject().put("queue", queue).put("offset", offset));
        }
        if (dryRun || !yes) {
            JsonNode preview = api.call("POST", "groups/{}/offsets:reset", group)
                    .body(body.deepCopy().put("dryRun", true))
                    .answer();
            if (dryRun) {
                show(cli.output(), preview);
                return;
            }
            show(new Output(Format.TABLE, cli.terminal().err()), preview);
            cli.terminal().confirm("Group " + group + " will go on there in topic " + topic + ".", group);
        }
        JsonNode done =
                api.call("POST", "groups/{}/offsets:reset", group).body(body).answer();
        show(cli.output(), done);
        wayBack(group, topic, done);
    }

    private static void show(Output output, JsonNode reset) {
        output.list(reset, "queue", "before", "after", "lag");
    }

    private void wayBack(String group, String topic, JsonNode done) {
        StringBuilder command = new StringBuilder();
        for (JsonNode queue : done.path("items")) {
            if (!queue.path("before").isNumber()) continue;
            command.append(" --offset ").append(queue.path("queue")).append('=').append(queue.path("before"));
        }
        if (command.isEmpty()) return;
        cli.terminal().say("The way back: " + Cli.NAME + " group reset " + group + " --topic " + topic + command);
    }
}
