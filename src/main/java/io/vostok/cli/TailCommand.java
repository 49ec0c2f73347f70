package io.vostok.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code msg tail}. */
@Command(
        name = "tail",
        description = {
            "Follow a topic until Ctrl-C. Nothing is consumed. With -o json each message is a line, with -o yaml a",
            "document."
        })
final class TailCommand implements Runnable {
    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private MsgCommands parent;

    @Parameters(paramLabel = "TOPIC")
    private String topic = "";

    @Option(
            names = "--from",
            paramLabel = "PLACE",
            description =
                    "latest (default), earliest, or a store time: 2026-01-31T12:00:00Z or milliseconds since 1970")
    private @Nullable String from;

    @Option(names = "--next", paramLabel = "PLACE", description = "Goes on where a tail ended, which told this")
    private @Nullable String next;

    @Option(names = "--max", paramLabel = "N", defaultValue = "0", description = "Ends after so many")
    private long max;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private MsgCommands.Choice choice;

    @Override
    public void run() {
        Api api = parent.cli().api();
        Output output = parent.cli().output();
        Api.Call call =
                choice.of(api.get("topics/{}/stream", topic)).with("from", from).after(next);
        @Nullable String place = next;
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(call.stream(), StandardCharsets.UTF_8))) {
            long count = 0;
            String event = "";
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.isEmpty()) {
                    event = "";
                } else if (line.startsWith("id: ")) {
                    place = line.substring(4);
                } else if (line.startsWith("event: ")) {
                    event = line.substring(7);
                } else if (line.startsWith("data: ")) {
                    JsonNode data = Api.JSON.readTree(line.substring(6));
                    if (!event.isEmpty()) {
                        notice(event, data.path("remark").asText());
                    } else if (!output.next(data, TailCommand::line) || ++count == max) {
                        return;
                    }
                }
            }
        } catch (JsonProcessingException e) {
            throw ApiException.unreachable("the stream is broken: " + e.getOriginalMessage(), goOn(place));
        } catch (IOException e) {
            throw ApiException.unreachable("the stream broke off: " + e.getMessage(), goOn(place));
        }
        throw ApiException.unreachable("the server ended the stream", goOn(place));
    }

    private static String goOn(@Nullable String place) {
        return place == null ? "do it again" : "--next " + place + " goes on there";
    }

    /** A stream that moved goes on; after anything else it ends. */
    private void notice(String event, String remark) {
        if (!event.equals("moved")) throw ApiException.refused(remark, "");
        parent.cli().terminal().say(Cli.SHORT_NAME + ": " + Table.harmless(remark));
    }

    private static String line(JsonNode message) {
        StringBuilder line = new StringBuilder(message.path("storedAt").asText())
                .append(' ')
                .append(message.path("queue").asText())
                .append('/')
                .append(message.path("offset").asText());
        if (message.path("tag").isTextual())
            line.append(" tag=").append(message.path("tag").asText());
        if (!message.path("keys").isEmpty()) line.append(" keys=").append(Output.text(message.path("keys")));
        return line.append("  ").append(Output.body(message)).toString();
    }
}
