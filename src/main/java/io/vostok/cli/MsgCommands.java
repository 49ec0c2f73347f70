package io.vostok.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code msg}: sending, looking, and consuming as a group. */
@Command(
        description = "Messages: send, tail, find, receive and ack",
        subcommands = {SendCommand.class, TailCommand.class})
final class MsgCommands {
    static final String[] COLUMNS = {"storedAt", "queue", "offset", "tag", "keys", "body", "id"};

    private static final String[] RECEIVED = {"attempt", "queue", "offset", "tag", "keys", "body", "receipt"};
    private static final String[] RESULTS = {"status", "remark", "invisibleUntil", "newReceipt", "receipt"};
    private static final int MOST_A_PAGE = 500;

    /** Which messages. */
    static final class Choice {
        @Option(names = "--tag", paramLabel = "TAG", description = "Only this tag; several as 'a || b'")
        @Nullable
        String tag;

        @Option(names = "--filter", paramLabel = "SQL", description = "Only these: \"region = 'eu' AND amount > 10\"")
        @Nullable
        String filter;

        Api.Call of(Api.Call call) {
            return call.with("tag", tag).with("filter", filter);
        }
    }

    /** Which part of what was stored. */
    static final class Span {
        @Option(
                names = "--from",
                paramLabel = "PLACE",
                description = "earliest, latest, or a store time: 2026-01-31T12:00:00Z or milliseconds since 1970")
        @Nullable
        String from;

        @Option(names = "--to", paramLabel = "TIME", description = "Only what was stored until then")
        @Nullable
        String to;

        @Option(names = "--limit", paramLabel = "N", defaultValue = "32", description = "At most so many (default 32)")
        int limit;

        Api.Call of(Api.Call call) {
            return call.with("from", from).with("to", to);
        }
    }

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Cli cli;

    Cli cli() {
        return cli;
    }

    @Command(description = "Show one message, by the id of its send or its unique id")
    void get(@Parameters(paramLabel = "TOPIC") String topic, @Parameters(paramLabel = "ID") String id) {
        cli.output().one(cli.api().get("topics/{}/messages/{}", topic, id).answer());
    }

    @Command(description = "Find messages, by key or by time, or browse from a place. Nothing is consumed.")
    void find(
            @Parameters(paramLabel = "TOPIC") String topic,
            @Option(
                            names = {"-k", "--key"},
                            paramLabel = "KEY",
                            description = "With this key or unique id")
                    @Nullable
                    String key,
            @Option(names = "--queue", paramLabel = "N", description = "Only this queue") @Nullable Integer queue,
            @Option(names = "--offset", paramLabel = "N", description = "With --queue: from there") @Nullable
                    Long offset,
            @Mixin Choice choice,
            @Mixin Span span) {
        Api api = cli.api();
        JsonNode found = upTo(
                span.limit,
                () -> span.of(choice.of(api.get("topics/{}/messages", topic)
                        .with("key", key)
                        .with("queue", queue)
                        .with("offset", offset))));
        cli.output().list(found, COLUMNS);
    }

    /** Pages of messages until there are enough; a page may have few and be followed by more. */
    static JsonNode upTo(int limit, java.util.function.Supplier<Api.Call> call) {
        ObjectNode all = Api.JSON.createObjectNode();
        ArrayNode items = all.putArray("items");
        @Nullable String next = null;
        do {
            JsonNode page = call.get()
                    .with("limit", Math.min(MOST_A_PAGE, limit - items.size()))
                    .with("next", next)
                    .answer();
            page.path("items").forEach(items::add);
            next = page.path("next").isTextual() ? page.path("next").asText() : null;
        } while (next != null && items.size() < limit);
        if (next != null) all.put("next", next);
        return all;
    }

    @Command(description = "Receive messages as a member of a group; each comes again unless it is acked in time")
    void receive(
            @Parameters(paramLabel = "GROUP") String group,
            @Option(names = "--topic", required = true, paramLabel = "TOPIC", description = "Several joined by commas")
                    String topic,
            @Option(names = "--max", paramLabel = "N", description = "At most so many (default 16)") @Nullable
                    Integer max,
            @Option(names = "--wait", paramLabel = "TIME", description = "For the first, such as 20s (default 0s)")
                    @Nullable
                    String wait,
            @Option(names = "--invisible", paramLabel = "TIME", description = "Until it comes again (default 60s)")
                    @Nullable
                    String invisible,
            @Option(
                            names = "--from",
                            paramLabel = "PLACE",
                            description = "Where a new group starts: earliest (default), latest")
                    @Nullable
                    String from,
            @Option(names = "--ack", description = "Ack them once they are printed") boolean ack,
            @Mixin Choice choice) {
        Api api = cli.api();
        JsonNode received = choice.of(api.call("POST", "groups/{}/messages:receive", group)
                        .with("topic", topic)
                        .with("max", max)
                        .with("wait", wait)
                        .with("invisible", invisible)
                        .with("from", from))
                .answer();
        cli.output().list(received, RECEIVED);
        if (!ack || received.path("items").isEmpty()) return;
        ObjectNode body = Api.JSON.createObjectNode();
        ArrayNode receipts = body.putArray("receipts");
        received.path("items").forEach(each -> receipts.add(each.path("receipt")));
        refuseFailed(
                api.call("POST", "groups/{}/messages:ack", group).body(body).answer());
    }

    @Command(description = "Ack messages that were received")
    void ack(
            @Parameters(paramLabel = "GROUP") String group,
            @Parameters(paramLabel = "RECEIPT", arity = "1..256") List<String> receipts) {
        settle(group, "ack", body(receipts));
    }

    @Command(description = "Give messages back: they come again, at once or later")
    void nack(
            @Parameters(paramLabel = "GROUP") String group,
            @Parameters(paramLabel = "RECEIPT", arity = "1..256") List<String> receipts,
            @Option(names = "--delay", paramLabel = "TIME", description = "Not before so long, such as 10s") @Nullable
                    String delay,
            @Option(names = "--dead-letter", description = "Never again: they become dead letters")
                    boolean deadLetter) {
        ObjectNode body = body(receipts);
        if (delay != null) body.put("delay", delay);
        if (deadLetter) body.put("deadLetter", true);
        settle(group, "nack", body);
    }

    @Command(description = "Hold messages longer; each gets a new receipt")
    void extend(
            @Parameters(paramLabel = "GROUP") String group,
            @Parameters(paramLabel = "RECEIPT", arity = "1..256") List<String> receipts,
            @Option(names = "--invisible", required = true, paramLabel = "TIME", description = "From now, such as 60s")
                    String invisible) {
        settle(group, "extend", body(receipts).put("invisible", invisible));
    }

    private static ObjectNode body(List<String> receipts) {
        ObjectNode body = Api.JSON.createObjectNode();
        ArrayNode list = body.putArray("receipts");
        receipts.forEach(list::add);
        return body;
    }

    private void settle(String group, String how, ObjectNode body) {
        JsonNode results = cli.api()
                .call("POST", "groups/{}/messages:" + how, group)
                .body(body)
                .answer();
        cli.output().list(results, RESULTS);
        refuseFailed(results);
    }

    /** Ends with the first refusal among several results. */
    static void refuseFailed(JsonNode results) {
        long failed = results.path("failed").asLong();
        if (failed == 0) return;
        for (JsonNode item : results.path("items")) {
            if (item.path("status").asInt() < 400) continue;
            long all = failed + results.path("accepted").asLong();
            throw ApiException.refused(
                    failed + " of " + all + " failed; the first: "
                            + item.path("remark").asText(),
                    item.path("hint").asText());
        }
    }
}
