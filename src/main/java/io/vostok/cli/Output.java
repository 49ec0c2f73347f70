package io.vostok.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/** Prints what the server answered: as it is in JSON and YAML, its most important parts as a table. */
final class Output {
    private static final String BODY = "body";
    private static final int WIDEST_BODY = 80;
    private static final String NOTHING = "-";

    private final Format format;
    private final PrintWriter out;

    Output(Format format, PrintWriter out) {
        this.format = format;
        this.out = out;
    }

    /** Prints a list: {@code columns} name fields of its items, with dots for what lies deeper. */
    void list(JsonNode answer, String... columns) {
        if (format != Format.TABLE) {
            whole(answer);
            return;
        }
        table(answer.path("items"), columns);
    }

    /** The elements of an array as a table, whatever the format. */
    void table(JsonNode items, String... columns) {
        Table table = new Table();
        List<String> names = new ArrayList<>();
        for (String column : columns) names.add(title(column));
        table.row(names);
        for (JsonNode item : items) {
            List<String> cells = new ArrayList<>();
            for (String column : columns) cells.add(column.equals(BODY) ? cut(body(item)) : text(at(item, column)));
            table.row(cells);
        }
        table.print(out);
        out.flush();
    }

    /** One thing; as a table one line for each of its fields. */
    void one(JsonNode answer) {
        if (format != Format.TABLE) {
            whole(answer);
            return;
        }
        Table table = new Table();
        lines(table, "", answer);
        table.print(out);
        out.flush();
    }

    /** Tells that something was done which the server answers with nothing. */
    void done(String what, String kind, String name) {
        if (format == Format.TABLE) {
            line(what + " " + kind + " " + name);
        } else {
            whole(Api.JSON.createObjectNode().put(kind, name).put("done", what));
        }
    }

    /**
     * One of many that come one after the other: a line of JSON, or a document of YAML.
     *
     * @return whether anybody still reads
     */
    boolean next(JsonNode element, Function<JsonNode, String> asLine) {
        switch (format) {
            case TABLE -> out.println(Table.harmless(asLine.apply(element)));
            case JSON -> out.println(element);
            case YAML -> {
                out.println("---");
                out.print(yaml(element));
            }
        }
        return !out.checkError();
    }

    /** A line for people; nothing in the other formats. */
    void line(String words) {
        if (format != Format.TABLE) return;
        out.println(Table.harmless(words));
        out.flush();
    }

    boolean isTable() {
        return format == Format.TABLE;
    }

    private void whole(JsonNode answer) {
        if (format == Format.JSON) {
            out.println(answer.toPrettyString());
        } else {
            out.print(yaml(answer));
        }
        out.flush();
    }

    private static String yaml(JsonNode node) {
        DumperOptions options = new DumperOptions();
        options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
        options.setSplitLines(false);
        try {
            return new Yaml(options).dump(Api.JSON.treeToValue(node, Object.class));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree that is no value", e); // cannot be: it was read from JSON
        }
    }

    private static void lines(Table table, String prefix, JsonNode node) {
        node.fields().forEachRemaining(field -> {
            JsonNode value = field.getValue();
            if (value instanceof ObjectNode object && !object.isEmpty()) {
                lines(table, prefix + field.getKey() + ".", object);
            } else {
                table.row(List.of(prefix + field.getKey(), text(value)));
            }
        });
    }

    /** {@code storedAt} becomes STORED AT. */
    private static String title(String column) {
        return column.replaceAll("([a-z])([A-Z])", "$1 $2").replace('.', ' ').toUpperCase(Locale.ROOT);
    }

    /** A message's body as text, or else in base64. */
    static String body(JsonNode message) {
        JsonNode bytes = message.path("bodyBase64");
        return bytes.isTextual() ? "base64:" + bytes.asText() : text(message.path(BODY));
    }

    private static JsonNode at(JsonNode item, String path) {
        JsonNode node = item;
        for (String name : path.split("\\.", -1)) node = node.path(name);
        return node;
    }

    static String text(JsonNode value) {
        if (value.isMissingNode() || value.isNull()) return NOTHING;
        if (value.isValueNode()) return value.asText();
        List<String> parts = new ArrayList<>();
        if (value.isArray()) {
            value.forEach(each -> parts.add(each.isValueNode() ? each.asText() : each.toString()));
        } else {
            value.fields().forEachRemaining(each -> parts.add(each.getKey() + "=" + text(each.getValue())));
        }
        return parts.isEmpty() ? NOTHING : String.join(", ", parts);
    }

    private static String cut(String text) {
        if (text.codePointCount(0, text.length()) <= WIDEST_BODY) return text;
        return text.substring(0, text.offsetByCodePoints(0, WIDEST_BODY - 1)) + "…";
    }
}
