package io.vostok.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code topic}: what there is, and changing it. */
@Command(description = "Topics: list, show, create, change, delete")
final class TopicCommands {
    /** Which topics a list has. */
    enum Kind {
        USER,
        RETRY,
        DLQ,
        SYSTEM,
        ALL
    }

    /** What a topic is like. */
    static final class Settings {
        @Option(
                names = {"-q", "--queues"},
                paramLabel = "N",
                description = "Queues to read and to write")
        @Nullable
        Integer queues;

        @Option(names = "--read-queues", paramLabel = "N", description = "Queues that consumers read")
        @Nullable
        Integer readQueues;

        @Option(names = "--write-queues", paramLabel = "N", description = "Queues that producers write")
        @Nullable
        Integer writeQueues;

        @Option(names = "--perm", paramLabel = "N", description = "6 read and write, 4 read, 2 write, 0 neither")
        @Nullable
        Integer perm;

        @Option(
                names = "--ordered",
                arity = "0..1",
                fallbackValue = "true",
                description = "Meant for messages in order")
        @Nullable
        Boolean ordered;

        @Option(
                names = "--type",
                paramLabel = "TYPE",
                description = "Of its messages: normal, fifo, delay, transaction, mixed")
        @Nullable
        String type;

        @Option(
                names = {"-a", "--attribute"},
                paramLabel = "NAME=VALUE",
                description = "Further attribute; may be given several times")
        @Nullable
        Map<String, String> attributes;

        ObjectNode toJson() {
            ObjectNode json = Api.JSON.createObjectNode();
            @Nullable Integer read = readQueues == null ? queues : readQueues;
            @Nullable Integer write = writeQueues == null ? queues : writeQueues;
            if (read != null) json.put("readQueues", read);
            if (write != null) json.put("writeQueues", write);
            if (perm != null) json.put("perm", perm);
            if (ordered != null) json.put("ordered", ordered);
            if (type != null || attributes != null) {
                ObjectNode all = json.putObject("attributes");
                if (type != null) all.put("message.type", type.toUpperCase(Locale.ROOT));
                if (attributes != null) attributes.forEach(all::put);
            }
            return json;
        }
    }

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Cli cli;

    @Command(description = "List topics")
    void list(
            @Option(
                            names = "--kind",
                            paramLabel = "KIND",
                            defaultValue = "USER",
                            description = "${COMPLETION-CANDIDATES}")
                    Kind kind,
            @Option(names = "--prefix", paramLabel = "TEXT", description = "Only names that begin so") @Nullable
                    String prefix) {
        JsonNode topics = cli.api()
                .get("topics")
                .with("kind", Cli.small(kind))
                .with("prefix", prefix)
                .pages();
        cli.output().list(topics, "name", "kind", "readQueues", "writeQueues", "perm", "ordered", "attributes");
    }

    @Command(description = "Show a topic")
    void get(@Parameters(paramLabel = "TOPIC") String topic) {
        cli.output().one(cli.api().get("topics/{}", topic).answer());
    }

    @Command(description = "Create a topic; one that exists is refused")
    void create(@Parameters(paramLabel = "TOPIC") String topic, @Mixin Settings settings) {
        ObjectNode body = settings.toJson().put("name", topic);
        cli.output().one(cli.api().call("POST", "topics").body(body).answer());
    }

    @Command(description = "Change what is named of a topic")
    void update(@Parameters(paramLabel = "TOPIC") String topic, @Mixin Settings settings) {
        cli.output()
                .one(cli.api()
                        .call("PATCH", "topics/{}", topic)
                        .body(settings.toJson())
                        .answer());
    }

    @Command(description = "Delete a topic with its messages")
    void delete(
            @Parameters(paramLabel = "TOPIC") String topic,
            @Option(
                            names = {"-y", "--yes"},
                            description = "Without being asked")
                    boolean yes) {
        Api api = cli.api();
        JsonNode queues = api.get("topics/{}/queues", topic).answer();
        if (!yes) {
            long messages = 0;
            for (JsonNode queue : queues.path("items"))
                messages += queue.path("messages").asLong();
            int groups =
                    api.get("topics/{}/groups", topic).answer().path("items").size();
            cli.terminal()
                    .confirm(
                            "Topic " + topic + " has " + messages + " messages and " + groups
                                    + " groups that consume it. They cannot be brought back.",
                            topic);
        }
        api.call("DELETE", "topics/{}", topic).answer();
        cli.output().done("deleted", "topic", topic);
    }

    @Command(description = "Show the queues of a topic")
    void queues(@Parameters(paramLabel = "TOPIC") String topic) {
        cli.output()
                .list(
                        cli.api().get("topics/{}/queues", topic).answer(),
                        "queue",
                        "minOffset",
                        "maxOffset",
                        "messages",
                        "lastStoredAt");
    }

    @Command(description = "Show where a topic is")
    void route(@Parameters(paramLabel = "TOPIC") String topic) {
        JsonNode route = cli.api().get("topics/{}/route", topic).answer();
        Output output = cli.output();
        if (!output.isTable()) {
            output.one(route);
            return;
        }
        output.table(route.path("queues"), "broker", "readQueues", "writeQueues", "perm");
        output.line("");
        output.table(route.path("brokers"), "cluster", "name", "id", "address");
    }

    @Command(description = "List the groups that consume a topic")
    void groups(@Parameters(paramLabel = "TOPIC") String topic) {
        cli.output().list(cli.api().get("topics/{}/groups", topic).answer(), "group", "subscribed", "members");
    }

    @Command(description = "List who has sent to a topic lately")
    void producers(@Parameters(paramLabel = "TOPIC") String topic) {
        cli.output()
                .list(
                        cli.api().get("topics/{}/producers", topic).answer(),
                        "producerGroup",
                        "clientId",
                        "address",
                        "lastSentAt",
                        "online");
    }
}
