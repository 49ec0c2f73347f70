package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Typed reading of a tree. Missing and null are the same and give the default; a value of another type is a
 * {@link BadBodyException} naming the field, except that numbers and booleans may also come as text.
 */
final class Json {
    private Json() {}

    static @Nullable String text(JsonNode object, String field) {
        JsonNode value = object.path(field);
        if (absent(value)) return null;
        if (value.isContainerNode()) throw wrong(field, "a text");
        return value.asText();
    }

    static String requireText(JsonNode object, String field) {
        String value = text(object, field);
        if (value == null) throw new BadBodyException("field '" + field + "' is missing, expected is a text");
        return value;
    }

    static String textOr(JsonNode object, String field, String whenAbsent) {
        String value = text(object, field);
        return value == null ? whenAbsent : value;
    }

    static long longOr(JsonNode object, String field, long whenAbsent) {
        JsonNode value = object.path(field);
        return absent(value) ? whenAbsent : longOf(value, field);
    }

    static int intOr(JsonNode object, String field, int whenAbsent) {
        return narrow(longOr(object, field, whenAbsent), field);
    }

    static boolean flagOr(JsonNode object, String field, boolean whenAbsent) {
        JsonNode value = object.path(field);
        if (absent(value)) return whenAbsent;
        if (value.isBoolean()) return value.booleanValue();
        if (value.isTextual()) return value.textValue().equalsIgnoreCase("true");
        throw wrong(field, "true or false");
    }

    static long longOf(JsonNode value, String field) {
        if (value.isIntegralNumber() && value.canConvertToLong()) return value.longValue();
        if (value.isTextual()) return parseLong(value.textValue(), field);
        throw wrong(field, "a whole number of at most 64 bits");
    }

    static long parseLong(String text, String field) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new BadBodyException(
                    "field '" + field + "' is not what is expected: a whole number of at most 64 bits", e);
        }
    }

    static int narrow(long value, String field) {
        if (value != (int) value) throw wrong(field, "a whole number of at most 32 bits");
        return (int) value;
    }

    /** Returns the object under {@code field}; an empty one when it is missing. */
    static JsonNode objectAt(JsonNode object, String field) {
        JsonNode value = object.path(field);
        if (absent(value)) return MissingNode.getInstance();
        if (!(value instanceof ObjectNode)) throw wrong(field, "an object");
        return value;
    }

    /** Returns the elements under {@code field} that are not null, each through {@code read}; none when it is missing. */
    static <T> List<T> list(JsonNode object, String field, Function<JsonNode, T> read) {
        JsonNode value = object.path(field);
        if (absent(value)) return List.of();
        return elements(value, field, read);
    }

    static <T> List<T> elements(JsonNode array, String field, Function<JsonNode, T> read) {
        if (!(array instanceof ArrayNode)) throw wrong(field, "a list");
        List<T> list = new ArrayList<>(array.size());
        for (JsonNode element : array) {
            if (!element.isNull()) list.add(read.apply(element));
        }
        return Collections.unmodifiableList(list);
    }

    static List<String> texts(JsonNode object, String field) {
        return list(object, field, element -> textOf(element, field));
    }

    static String textOf(JsonNode value, String field) {
        if (value.isContainerNode()) throw wrong(field, "a text");
        return value.asText();
    }

    /** Returns the entries under {@code field} whose value is not null, in their order; none when it is missing. */
    static <T> Map<String, T> map(JsonNode object, String field, BiFunction<String, JsonNode, T> read) {
        Map<String, T> map = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : objectAt(object, field).properties()) {
            if (!entry.getValue().isNull()) map.put(entry.getKey(), read.apply(entry.getKey(), entry.getValue()));
        }
        return Collections.unmodifiableMap(map);
    }

    static void requireObject(JsonNode value, String field) {
        if (!value.isObject()) throw wrong(field, "an object");
    }

    static boolean absent(JsonNode value) {
        return value.isMissingNode() || value.isNull();
    }

    /** Shortens and cleans what a peer sent, for a message. */
    static String shown(String text) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < text.length() && i < 64; i++) {
            char c = text.charAt(i);
            shown.append(Character.isISOControl(c) || Character.isSurrogate(c) ? '?' : c);
        }
        return text.length() > 64 ? shown + "..." : shown.toString();
    }

    static BadBodyException wrong(String field, String expected) {
        return new BadBodyException("field '" + shown(field) + "' is not what is expected: " + expected);
    }
}
