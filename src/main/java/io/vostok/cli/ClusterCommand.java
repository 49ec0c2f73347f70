package io.vostok.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code cluster}: the brokers as the server knows them. */
@Command(description = "The cluster and its brokers")
final class ClusterCommand implements Runnable {
    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Cli cli;

    @Override
    public void run() {
        JsonNode cluster = cli.api().get("cluster").answer();
        Output output = cli.output();
        if (!output.isTable()) {
            output.one(cluster);
            return;
        }
        output.line("cluster " + cluster.path("name").asText());
        output.table(cluster.path("brokers"), "name", "id", "address", "alive", "topics");
    }
}
