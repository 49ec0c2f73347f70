package io.vostok.front.http;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A JSON schema, of which exactly the words are understood that the OpenAPI document uses. Immutable; any thread.
 *
 * @param type JSON type, or null for any
 * @param format {@code date-time}, or null
 * @param known properties of an object by name
 * @param more shape of properties that have no name of their own, or null when there must be none
 * @param items shape of the elements of an array, or null for any
 * @param least smallest value, length or number of elements
 * @param either shapes of which one must fit; empty for none
 */
record Shape(
        @Nullable String type,
        @Nullable String format,
        Map<String, Shape> known,
        @Nullable Shape more,
        Set<String> required,
        @Nullable Shape items,
        double least,
        double most,
        @Nullable Pattern pattern,
        List<Object> allowed,
        List<Shape> either) {

    private static final Set<String> WORDS = Set.of(
            "type",
            "format",
            "properties",
            "additionalProperties",
            "required",
            "items",
            "minimum",
            "maximum",
            "minLength",
            "maxLength",
            "minItems",
            "maxItems",
            "maxProperties",
            "pattern",
            "enum",
            "const",
            "oneOf",
            "description",
            "default",
            "examples",
            "title");
    private static final Shape ANYTHING = new Shape(
            null,
            null,
            Map.of(),
            null,
            Set.of(),
            null,
            Double.NEGATIVE_INFINITY,
            Double.POSITIVE_INFINITY,
            null,
            List.of(),
            List.of());

    /** Follows a {@code $ref} within the document. */
    static JsonObject resolve(JsonObject document, JsonObject given) {
        @Nullable String reference = given.getString("$ref");
        if (reference == null) return given;
        JsonObject at = document;
        for (String step : reference.substring("#/".length()).split("/", -1)) {
            @Nullable JsonObject next = at.getJsonObject(step);
            if (next == null) throw new IllegalStateException("leads nowhere: " + reference);
            at = next;
        }
        return at;
    }

    /** Reads a schema. @throws IllegalStateException when it uses a word that would not be checked */
    static Shape of(JsonObject document, JsonObject schema) {
        JsonObject given = resolve(document, schema);
        for (String word : given.fieldNames()) {
            if (!WORDS.contains(word)) throw new IllegalStateException("schemas here have no `" + word + "`");
        }
        Map<String, Shape> known = new HashMap<>();
        JsonObject properties = given.getJsonObject("properties", new JsonObject());
        for (String name : properties.fieldNames()) known.put(name, of(document, properties.getJsonObject(name)));
        @Nullable Object additional = given.getValue("additionalProperties");
        @Nullable Shape more = ANYTHING;
        if (additional instanceof JsonObject object) more = of(document, object);
        if (Boolean.FALSE.equals(additional)) more = null;
        @Nullable JsonObject items = given.getJsonObject("items");
        List<Shape> either = new ArrayList<>();
        JsonArray oneOf = given.getJsonArray("oneOf", new JsonArray());
        for (int i = 0; i < oneOf.size(); i++) either.add(of(document, oneOf.getJsonObject(i)));
        @Nullable String pattern = given.getString("pattern");
        List<Object> allowed = new ArrayList<>();
        for (Object each : given.getJsonArray("enum", new JsonArray())) allowed.add(each);
        if (given.containsKey("const")) allowed.add(given.getValue("const"));
        return new Shape(
                given.getString("type"),
                given.getString("format"),
                Map.copyOf(known),
                more,
                texts(given.getJsonArray("required", new JsonArray())),
                items == null ? null : of(document, items),
                bound(given, Double.NEGATIVE_INFINITY, "minimum", "minLength", "minItems"),
                bound(given, Double.POSITIVE_INFINITY, "maximum", "maxLength", "maxItems", "maxProperties"),
                pattern == null ? null : Pattern.compile(pattern),
                List.copyOf(allowed),
                List.copyOf(either));
    }

    private static Set<String> texts(JsonArray array) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) texts.add(array.getString(i));
        return Set.copyOf(texts);
    }

    private static double bound(JsonObject schema, double none, String... words) {
        for (String word : words) {
            @Nullable Double bound = schema.getDouble(word);
            if (bound != null) return bound;
        }
        return none;
    }

    /** Returns what is wrong with a parameter's text, or null. */
    @Nullable
    String wrongText(String text, String where) {
        if ("integer".equals(type)) {
            try {
                return wrong(Long.parseLong(text), where);
            } catch (NumberFormatException e) {
                return where + " must be a whole number, was `" + shown(text) + "`";
            }
        }
        if ("boolean".equals(type)) {
            boolean flag = text.equals("true") || text.equals("false");
            return flag ? null : where + " must be true or false, was `" + shown(text) + "`";
        }
        return wrong(text, where);
    }

    /** Returns what is wrong with a value, naming the place in it, or null. */
    @Nullable
    String wrong(@Nullable Object value, String where) {
        if (!either.isEmpty()) return noneFits(value, where);
        if (type != null && !isOf(type, value)) return where + " must be " + article(type) + ", was " + kind(value);
        if (!allowed.isEmpty() && !allowed.contains(value)) {
            return where + " must be one of " + allowed + ", was `" + shown(String.valueOf(value)) + "`";
        }
        if (value instanceof JsonObject object) return wrongObject(object, where);
        if (value instanceof JsonArray array) return wrongArray(array, where);
        if (value instanceof String text) return wrongString(text, where);
        if (value instanceof Number number) return outside(number.doubleValue(), where, "");
        return null;
    }

    /** The first shape of the right type says what is wrong: {@code must be an object or an array} helps nobody. */
    private @Nullable String noneFits(@Nullable Object value, String where) {
        @Nullable String first = null;
        for (Shape shape : either) {
            @Nullable String wrong = shape.wrong(value, where);
            if (wrong == null) return null;
            if (first == null || (shape.type != null && isOf(shape.type, value))) first = wrong;
        }
        return first;
    }

    private @Nullable String wrongObject(JsonObject object, String where) {
        for (String name : required) {
            if (!object.containsKey(name)) return where + " lacks `" + name + "`";
        }
        if (object.size() > most) return where + " has " + object.size() + " entries, at most " + (long) most;
        for (String name : object.fieldNames()) {
            @Nullable Shape shape = known.getOrDefault(name, more);
            if (shape == null) {
                return where + " has an unknown `" + shown(name) + "`; known are "
                        + String.join(", ", known.keySet().stream().sorted().toList());
            }
            @Nullable String wrong = shape.wrong(object.getValue(name), "`" + shown(name) + "` of " + where);
            if (wrong != null) return wrong;
        }
        return null;
    }

    private @Nullable String wrongArray(JsonArray array, String where) {
        @Nullable String wrong = outside(array.size(), where, " elements");
        if (wrong != null || items == null) return wrong;
        for (int i = 0; i < array.size(); i++) {
            wrong = items.wrong(array.getValue(i), "element " + i + " of " + where);
            if (wrong != null) return wrong;
        }
        return null;
    }

    private @Nullable String wrongString(String text, String where) {
        @Nullable String wrong = outside(text.length(), where, " characters");
        if (wrong != null) return wrong;
        if (pattern != null && !pattern.matcher(text).matches()) {
            return where + " must match " + pattern + ", was `" + shown(text) + "`";
        }
        if (!"date-time".equals(format)) return null;
        try {
            OffsetDateTime.parse(text);
            return null;
        } catch (DateTimeException e) {
            return where + " must be a time such as 2026-01-31T12:00:00Z, was `" + shown(text) + "`";
        }
    }

    private @Nullable String outside(double value, String where, String unit) {
        if (value >= least && value <= most) return null;
        String bounds = Double.isInfinite(most)
                ? "at least " + (long) least
                : Double.isInfinite(least) ? "at most " + (long) most : (long) least + " to " + (long) most;
        return where + " must be " + bounds + unit + ", was " + (long) value;
    }

    private static boolean isOf(String type, @Nullable Object value) {
        return switch (type) {
            case "object" -> value instanceof JsonObject;
            case "array" -> value instanceof JsonArray;
            case "string" -> value instanceof String;
            case "integer" -> value instanceof Integer || value instanceof Long;
            case "number" -> value instanceof Number;
            case "boolean" -> value instanceof Boolean;
            default -> throw new IllegalStateException("no type " + type);
        };
    }

    private static String article(String type) {
        return switch (type) {
            case "string" -> "a text";
            case "integer" -> "a whole number";
            case "array" -> "an array";
            case "object" -> "an object";
            case "boolean" -> "true or false";
            default -> "a " + type;
        };
    }

    private static String kind(@Nullable Object value) {
        if (value == null) return "null";
        if (value instanceof JsonObject) return "an object";
        if (value instanceof JsonArray) return "an array";
        return "`" + shown(value.toString()) + "`";
    }

    static String shown(String text) {
        return text.length() > 100 ? text.substring(0, 100) + "…" : text;
    }
}
