package io.vostok.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code timer}: messages that wait for their time. */
@Command(description = "Messages that wait for their time: list, recall, deliver now")
final class TimerCommands {
    private static final String[] COLUMNS = {"deliverAt", "kind", "topic", "tag", "keys", "recalled", "id"};

    /** What messages wait by. */
    enum Kind {
        TIME,
        LEVEL
    }

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Cli cli;

    @Command(description = "List messages that wait, the first to be delivered first")
    void list(
            @Option(names = "--kind", paramLabel = "KIND", description = "time: of their own, level: on a delay level")
                    @Nullable
                    Kind kind,
            @Option(names = "--topic", paramLabel = "TOPIC", description = "Only for this topic") @Nullable
                    String topic,
            @Option(
                            names = "--limit",
                            paramLabel = "N",
                            defaultValue = "100",
                            description = "At most so many (default 100)")
                    int limit) {
        Api api = cli.api();
        JsonNode timers = MsgCommands.upTo(
                limit,
                () -> api.get("timers")
                        .with("kind", kind == null ? null : Cli.small(kind))
                        .with("topic", topic));
        cli.output().list(timers, COLUMNS);
    }

    @Command(description = "Recall messages: they are never delivered")
    void recall(
            @Parameters(paramLabel = "ID", arity = "0..256", description = "As list says") @Nullable List<String> ids,
            @Option(
                            names = "--handle",
                            paramLabel = "TOPIC=HANDLE",
                            description = "By the recall handle that the send was answered with")
                    java.util.@Nullable Map<String, String> handles) {
        Api api = cli.api();
        if (handles != null) {
            handles.forEach((topic, handle) -> cli.output()
                    .one(api.call("POST", "topics/{}/messages:recall", topic)
                            .body(Api.JSON.createObjectNode().put("recallHandle", handle))
                            .answer()));
        }
        if (ids != null) Ids.act(cli, "timers:recall", ids);
    }

    @Command(description = "Deliver messages now instead of later")
    void deliver(@Parameters(paramLabel = "ID", arity = "1..256", description = "As list says") List<String> ids) {
        Ids.act(cli, "timers:deliver", ids);
    }
}
