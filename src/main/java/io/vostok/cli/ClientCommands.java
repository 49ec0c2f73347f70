package io.vostok.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code client}: who is connected. */
@Command(description = "Connected clients and what they are subscribed to")
final class ClientCommands {
    static final String[] COLUMNS = {"kind", "group", "clientId", "address", "language", "version"};

    /** Which clients a list has. */
    enum Kind {
        CONSUMER,
        PRODUCER
    }

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Cli cli;

    @Command(description = "List connected clients, once for each of their groups")
    void list(
            @Option(names = "--kind", paramLabel = "KIND", description = "${COMPLETION-CANDIDATES}") @Nullable
                    Kind kind,
            @Option(names = "--group", paramLabel = "GROUP", description = "Only of this group") @Nullable
                    String group) {
        Api.Call call = cli.api().get("clients").with("kind", kind == null ? null : Cli.small(kind));
        cli.output().list(call.with("group", group).pages(), COLUMNS);
    }

    @Command(description = "List what groups that are online are subscribed to")
    void subscriptions(
            @Option(names = "--conflicts", description = "Only groups whose members contradict each other")
                    boolean conflicts) {
        cli.output()
                .list(
                        cli.api()
                                .get("subscriptions")
                                .with("conflicts", conflicts)
                                .pages(),
                        "group",
                        "consumeType",
                        "messageModel",
                        "members",
                        "topics",
                        "conflict.words");
    }
}
