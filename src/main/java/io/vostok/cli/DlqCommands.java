package io.vostok.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code dlq}: what groups gave up on, and having it delivered again. */
@Command(description = "Dead letters of a group: list, redrive")
final class DlqCommands {
    private static final String[] COLUMNS = {"storedAt", "originTopic", "tag", "keys", "redriven", "body", "id"};
    private static final String PATH = "groups/{}/dlq:redrive";

    /** To whom dead letters go. */
    enum Target {
        GROUP,
        TOPIC
    }

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Cli cli;

    @Command(description = "List dead letters, in the order of their store times")
    void list(
            @Parameters(paramLabel = "GROUP") String group,
            @Option(names = "--topic", paramLabel = "TOPIC", description = "Only those that came from this topic")
                    @Nullable
                    String topic,
            @Option(
                            names = {"-k", "--key"},
                            paramLabel = "KEY",
                            description = "Only with this key")
                    @Nullable
                    String key,
            @Mixin MsgCommands.Choice choice,
            @Mixin MsgCommands.Span span) {
        Api api = cli.api();
        JsonNode letters = MsgCommands.upTo(
                span.limit,
                () -> span.of(choice.of(
                        api.get("groups/{}/dlq", group).with("topic", topic).with("key", key))));
        cli.output().list(letters, COLUMNS);
    }

    @Command(
            description = {
                "Have dead letters delivered again: all that were not before, or those that are named. Says how many,",
                "and asks. Runs in the server at --rate; `dlq status` tells how far it is."
            })
    void redrive(
            @Parameters(paramLabel = "GROUP") String group,
            @Option(names = "--id", paramLabel = "ID", description = "Only these; may be given several times") @Nullable
                    List<String> ids,
            @Option(names = "--topic", paramLabel = "TOPIC", description = "Only those that came from this topic")
                    @Nullable
                    String topic,
            @Mixin MsgCommands.Choice choice,
            @Option(names = "--from", paramLabel = "PLACE", description = "Only those dead since then") @Nullable
                    String from,
            @Option(names = "--to", paramLabel = "TIME", description = "Only those dead until then") @Nullable
                    String to,
            @Option(
                            names = "--target",
                            paramLabel = "TARGET",
                            description =
                                    "group (default): only to this group; topic: to all groups of the first topic")
                    @Nullable
                    Target target,
            @Option(names = "--rate", paramLabel = "N", description = "Messages a second (default 100)") @Nullable
                    Integer rate,
            @Option(names = "--again", description = "Also those that were redriven before") boolean again,
            @Option(names = "--dry-run", description = "Only say how many") boolean dryRun,
            @Option(
                            names = {"-y", "--yes"},
                            description = "Without being asked")
                    boolean yes) {
        ObjectNode body = Api.JSON.createObjectNode();
        if (ids != null) ids.forEach(body.withArray("ids")::add);
        if (topic != null) body.put("topic", topic);
        if (choice.tag != null) body.put("tag", choice.tag);
        if (choice.filter != null) body.put("filter", choice.filter);
        if (from != null) body.put("from", from);
        if (to != null) body.put("to", to);
        if (target != null) body.put("target", Cli.small(target));
        if (rate != null) body.put("ratePerSecond", rate);
        if (again) body.put("again", true);
        Api api = cli.api();
        if (dryRun || !yes) {
            JsonNode preview = api.call("POST", PATH, group)
                    .body(body.deepCopy().put("dryRun", true))
                    .answer();
            if (dryRun) {
                cli.output().one(preview);
                return;
            }
            String atLeast = preview.path("complete").asBoolean(true) ? "" : "at least ";
            String receivers = target == Target.TOPIC ? "all groups of their topics" : group;
            cli.terminal()
                    .confirm(
                            atLeast + preview.path("matched").asLong() + " dead letters go to " + receivers + " again.",
                            group);
        }
        cli.output().one(api.call("POST", PATH, group).body(body).answer());
    }

    @Command(description = "Show the redrive that runs, or ran last")
    void status(@Parameters(paramLabel = "GROUP") String group) {
        cli.output().one(cli.api().get(PATH, group).answer());
    }

    @Command(description = "Stop the redrive that runs; what was sent stays sent")
    void stop(@Parameters(paramLabel = "GROUP") String group) {
        cli.output().one(cli.api().call("DELETE", PATH, group).answer());
    }
}
