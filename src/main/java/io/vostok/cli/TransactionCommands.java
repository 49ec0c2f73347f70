package io.vostok.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code transaction}: half messages that their producers have not decided. */
@Command(description = "Undecided transactions: list, commit, roll back")
final class TransactionCommands {
    private static final String[] COLUMNS = {
        "storedAt", "ageSeconds", "checks", "nextCheckAt", "producerGroup", "topic", "tag", "keys", "id"
    };

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Cli cli;

    @Command(description = "List undecided transactions, the oldest first")
    void list(
            @Option(names = "--producer-group", paramLabel = "GROUP", description = "Only of this producer group")
                    @Nullable
                    String producerGroup,
            @Option(names = "--topic", paramLabel = "TOPIC", description = "Only for this topic") @Nullable
                    String topic,
            @Option(
                            names = "--limit",
                            paramLabel = "N",
                            defaultValue = "100",
                            description = "At most so many (default 100)")
                    int limit) {
        Api api = cli.api();
        JsonNode halves = MsgCommands.upTo(
                limit,
                () -> api.get("transactions")
                        .with("producerGroup", producerGroup)
                        .with("topic", topic));
        cli.output().list(halves, COLUMNS);
    }

    @Command(description = "Commit: the messages are delivered")
    void commit(@Parameters(paramLabel = "ID", arity = "1..256", description = "As list says") List<String> ids) {
        Ids.act(cli, "transactions:commit", ids);
    }

    @Command(description = "Roll back: the messages are never delivered")
    void rollback(@Parameters(paramLabel = "ID", arity = "1..256", description = "As list says") List<String> ids) {
        Ids.act(cli, "transactions:rollback", ids);
    }
}
