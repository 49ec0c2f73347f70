package io.vostok.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code broker}: how a broker is, and its settings. */
@Command(description = "How a broker is, and its settings", subcommands = BrokerCommands.SettingsCommands.class)
final class BrokerCommands {
    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Cli cli;

    @Option(names = "--broker", paramLabel = "NAME", description = "Which; the one that answers when it is absent")
    private @Nullable String broker;

    private String broker(Api api) {
        return broker == null ? api.brokerName() : broker;
    }

    @Command(description = "Show the figures of a broker")
    void show() {
        Api api = cli.api();
        cli.output().one(api.get("brokers/{}", broker(api)).answer());
    }

    /** {@code broker settings}. */
    @Command(name = "settings", description = "Settings under Apache's names")
    static final class SettingsCommands {
        private static final String[] COLUMNS = {"name", "value", "live"};

        @ParentCommand
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private BrokerCommands parent;

        @Command(description = "Show settings; all when none is named. live: a running broker takes a change")
        void get(@Parameters(paramLabel = "NAME", arity = "0..*") @Nullable List<String> names) {
            Api api = parent.cli.api();
            print(api.get("brokers/{}/settings", parent.broker(api)).answer(), names);
        }

        @Command(description = "Change settings of the running broker, all of them or none, until it stops")
        void set(@Parameters(paramLabel = "NAME=VALUE", arity = "1..*") Map<String, String> changes) {
            Api api = parent.cli.api();
            ObjectNode body = Api.JSON.createObjectNode();
            changes.forEach(body::put);
            JsonNode after = api.call("PATCH", "brokers/{}/settings", parent.broker(api))
                    .body(body)
                    .answer();
            print(after, List.copyOf(changes.keySet()));
        }

        private void print(JsonNode settings, @Nullable List<String> names) {
            if (names == null || names.isEmpty()) {
                parent.cli.output().list(settings, COLUMNS);
                return;
            }
            ObjectNode some = Api.JSON.createObjectNode();
            ArrayNode items = some.putArray("items");
            for (String name : names) {
                boolean known = false;
                for (JsonNode item : settings.path("items")) {
                    if (!item.path("name").asText().equals(name)) continue;
                    items.add(item);
                    known = true;
                }
                if (!known)
                    throw ApiException.refused("setting " + name + " is unknown", "leave the name out to see all");
            }
            parent.cli.output().list(some, COLUMNS);
        }
    }
}
