package io.vostok.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code msg send}. */
@Command(
        name = "send",
        description = {
            "Send a message, or with --lines one for each line. The body is BODY, the content of --file, or else what",
            "comes over standard input."
        })
final class SendCommand implements Runnable {
    private static final int MOST_AT_ONCE = 500;
    private static final int CHARACTERS_AT_ONCE = 1 << 20;

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private MsgCommands parent;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "TOPIC")
    private String topic = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "BODY")
    private @Nullable String text;

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "The body is its content; - is standard input")
    private @Nullable Path file;

    @Option(names = "--lines", description = "Each line is a message")
    private boolean lines;

    @Option(
            names = {"-k", "--key"},
            paramLabel = "KEY",
            description = "By which it can be found; several separated by spaces")
    private @Nullable String key;

    @Option(
            names = {"-t", "--tag"},
            paramLabel = "TAG",
            description = "By which consumers choose")
    private @Nullable String tag;

    @Option(
            names = {"-p", "--property"},
            paramLabel = "NAME=VALUE",
            description = "Property; may be given several times")
    private @Nullable Map<String, String> properties;

    @Option(names = "--delay", paramLabel = "TIME", description = "Deliver after so long, such as 30s, 15m, 2h")
    private @Nullable String delay;

    @Option(names = "--at", paramLabel = "TIME", description = "Deliver then: 2026-01-31T12:00:00Z, or ms since 1970")
    private @Nullable String at;

    @Option(names = "--message-group", paramLabel = "TEXT", description = "Messages of one keep their order")
    private @Nullable String messageGroup;

    @Option(names = "--queue", paramLabel = "N", description = "To this queue")
    private @Nullable Integer queue;

    @Option(names = "--content-type", paramLabel = "TYPE", description = "Media type of the body")
    private @Nullable String contentType;

    @Option(names = "--idempotency-key", paramLabel = "ID", description = "Stored once however often it is sent")
    private @Nullable String idempotencyKey;

    @Override
    public void run() {
        if (text != null && (file != null || lines)) {
            throw new ParameterException(spec.commandLine(), "give BODY, --file or --lines, not several");
        }
        try {
            if (lines) {
                sendLines();
            } else {
                byte[] body = body();
                parent.cli().output().one(post(message(body)));
            }
        } catch (IOException e) {
            throw new ParameterException(spec.commandLine(), "cannot read the body: " + e.getMessage());
        }
    }

    private byte[] body() throws IOException {
        if (text != null) return text.getBytes(StandardCharsets.UTF_8);
        try (InputStream in = open()) {
            return in.readAllBytes();
        }
    }

    private InputStream open() throws IOException {
        return file == null || file.toString().equals("-")
                ? parent.cli().terminal().in()
                : Files.newInputStream(file);
    }

    private ObjectNode message(byte[] body) {
        ObjectNode json = Api.JSON.createObjectNode();
        try {
            json.put(
                    "body",
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(body))
                            .toString());
        } catch (CharacterCodingException binary) {
            json.put("bodyBase64", Base64.getEncoder().encodeToString(body));
        }
        if (key != null) json.put("key", key);
        if (tag != null) json.put("tag", tag);
        if (properties != null) properties.forEach(json.withObject("/properties")::put);
        if (delay != null) json.put("delay", delay);
        if (at != null) json.put("deliverAt", at);
        if (messageGroup != null) json.put("messageGroup", messageGroup);
        if (queue != null) json.put("queue", queue);
        if (contentType != null) json.put("contentType", contentType);
        if (idempotencyKey != null) json.put("idempotencyKey", idempotencyKey);
        return json;
    }

    private JsonNode post(JsonNode body) {
        return parent.cli()
                .api()
                .call("POST", "topics/{}/messages", topic)
                .body(body)
                .answer();
    }

    private void sendLines() throws IOException {
        long sent = 0;
        try (BufferedReader in = new BufferedReader(new InputStreamReader(open(), StandardCharsets.UTF_8))) {
            ArrayNode batch = Api.JSON.createArrayNode();
            int characters = 0;
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                batch.add(message(line.getBytes(StandardCharsets.UTF_8)));
                characters += line.length();
                // What comes slowly is sent as it comes.
                if (batch.size() < MOST_AT_ONCE && characters < CHARACTERS_AT_ONCE && in.ready()) continue;
                sent += send(batch);
                batch.removeAll();
                characters = 0;
            }
            if (!batch.isEmpty()) sent += send(batch);
        }
        parent.cli().output().line("sent " + sent);
    }

    private long send(ArrayNode batch) {
        JsonNode results = post(batch);
        Output output = parent.cli().output();
        if (!output.isTable()) results.path("items").forEach(item -> output.next(item, JsonNode::toString));
        MsgCommands.refuseFailed(results);
        return results.path("accepted").asLong();
    }
}
