package io.vostok.wire.body;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON of the protocol's dialect (remoting reference 2.4) into a tree: unquoted numeric keys, objects as keys (which
 * arrive as the text of the object), and {@code $ref}. Bounded in size, depth and number of tokens; no types are ever
 * taken from the text. Any thread.
 */
final class BodyJson {
    static final int DEEPEST = 32;
    static final int LARGEST_BYTES = 64 << 20;
    /** About 100,000 topics. */
    static final int MOST_TOKENS_OF_TABLES = 2_000_000;

    static final int MOST_TOKENS = 200_000;
    private static final int MOST_REFERENCES = 10_000;

    private static final JsonMapper SMALL = mapper(MOST_TOKENS);
    private static final JsonMapper TABLES = mapper(MOST_TOKENS_OF_TABLES);

    private BodyJson() {}

    /**
     * Reads one object.
     *
     * @param what names the body in messages, for example {@code heartbeat}
     * @throws BadBodyException when it is no JSON object or beyond the limits
     */
    static ObjectNode object(ByteBuffer body, String what) {
        return asObject(tree(SMALL, body, what), what);
    }

    /** As {@link #object}, for bodies that hold a whole broker's topics, groups or offsets. */
    static ObjectNode table(ByteBuffer body, String what) {
        return asObject(tree(TABLES, body, what), what);
    }

    /** As {@link #object}, for a value of any shape. */
    static JsonNode any(ByteBuffer body, String what) {
        return tree(SMALL, body, what);
    }

    private static ObjectNode asObject(JsonNode read, String what) {
        if (read instanceof ObjectNode object) return object;
        throw new BadBodyException(what + " is no JSON object");
    }

    private static JsonMapper mapper(int mostTokens) {
        JsonFactory factory = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(DEEPEST)
                        .maxTokenCount(mostTokens)
                        .maxStringLength(LARGEST_BYTES)
                        .maxNameLength(1 << 16)
                        .maxNumberLength(64)
                        .build())
                .configure(JsonFactory.Feature.INTERN_FIELD_NAMES, false)
                .configure(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES, false)
                .build();
        return JsonMapper.builder(factory)
                .enable(JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES)
                .enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
                .build();
    }

    private static JsonNode tree(JsonMapper mapper, ByteBuffer body, String what) {
        if (body.remaining() > LARGEST_BYTES) {
            throw new BadBodyException(
                    what + " has " + body.remaining() + " bytes, at most " + LARGEST_BYTES + " are read");
        }
        byte[] bytes = new byte[body.remaining()];
        body.get(body.position(), bytes);
        if (blank(bytes)) throw new BadBodyException(what + " is empty");
        String text = ObjectKeys.quote(new String(bytes, StandardCharsets.UTF_8), what);
        // Jackson's readTree would build the tree without looking at what follows it.
        try (JsonParser parser = mapper.createParser(text)) {
            @Nullable JsonNode root = mapper.readTree(parser);
            if (root == null) throw new BadBodyException(what + " is empty");
            if (parser.nextToken() != null) throw new BadBodyException(what + " goes on after its end");
            if (text.contains("\"$ref\"")) resolveReferences(root, what);
            return root;
        } catch (JsonProcessingException e) {
            throw new BadBodyException(what + " is broken JSON: " + firstLine(e.getOriginalMessage()), e);
        } catch (IOException e) {
            throw new BadBodyException(what + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static boolean blank(byte[] bytes) {
        for (byte b : bytes) {
            if (b > ' ' || b < 0) return false;
        }
        return true;
    }

    private static String firstLine(@Nullable String message) {
        if (message == null) return "no details";
        int end = message.indexOf('\n');
        String line = end < 0 ? message : message.substring(0, end);
        return line.length() > 200 ? line.substring(0, 200) + "..." : line;
    }

    /** A place in the tree and the path of the objects above it. */
    private record Place(JsonNode node, @Nullable Place above) {}

    /** Replaces each {@code {"$ref":"..."}} by what it points to. A pointer into itself or to nothing is refused. */
    private static void resolveReferences(JsonNode root, String what) {
        int resolved = 0;
        Deque<Place> todo = new ArrayDeque<>();
        todo.add(new Place(root, null));
        while (!todo.isEmpty()) {
            Place place = todo.remove();
            if (place.node() instanceof ObjectNode object) {
                Iterator<Map.Entry<String, JsonNode>> fields = object.fields();
                while (fields.hasNext()) {
                    Map.Entry<String, JsonNode> field = fields.next();
                    if (isReference(field.getValue())) {
                        if (++resolved > MOST_REFERENCES) throw new BadBodyException(what + " has too many $ref");
                        field.setValue(target(root, field.getValue(), place, what));
                    } else if (field.getValue().isContainerNode()) {
                        todo.add(new Place(field.getValue(), place));
                    }
                }
            } else if (place.node() instanceof ArrayNode array) {
                for (int i = 0; i < array.size(); i++) {
                    if (isReference(array.get(i))) {
                        if (++resolved > MOST_REFERENCES) throw new BadBodyException(what + " has too many $ref");
                        array.set(i, target(root, array.get(i), place, what));
                    } else if (array.get(i).isContainerNode()) {
                        todo.add(new Place(array.get(i), place));
                    }
                }
            }
        }
    }

    private static boolean isReference(JsonNode node) {
        return node.isObject() && node.size() == 1 && node.path("$ref").isTextual();
    }

    private static JsonNode target(JsonNode root, JsonNode reference, Place from, String what) {
        String path = reference.path("$ref").textValue();
        JsonNode found = path.startsWith("$") ? follow(root, path) : root.path("\u0000");
        if (found.isMissingNode() || isReference(found)) {
            throw new BadBodyException(what + " has a $ref that cannot be resolved: " + firstLine(path));
        }
        // A value that holds references of its own could grow without end when copied: only plain values are taken.
        if (found.isContainerNode() && (holdsReference(found) || isAbove(found, from))) {
            throw new BadBodyException(what + " has a $ref to a value that holds references: " + firstLine(path));
        }
        return found;
    }

    @SuppressWarnings("ReferenceEquality") // the same place in the tree is meant, not an equal value
    private static boolean isAbove(JsonNode node, Place place) {
        for (Place at = place; at != null; at = at.above()) {
            if (at.node() == node) return true;
        }
        return false;
    }

    private static boolean holdsReference(JsonNode node) {
        Deque<JsonNode> todo = new ArrayDeque<>();
        todo.add(node);
        int seen = 0;
        while (!todo.isEmpty()) {
            JsonNode next = todo.remove();
            // Bounds the work: what repeats in bodies of this protocol is small, a queue or an address table.
            if (isReference(next) || ++seen > 64) return true;
            next.forEach(todo::add);
        }
        return false;
    }

    /** Follows {@code $.a.b[0].c}; anything else is missing. */
    private static JsonNode follow(JsonNode root, String path) {
        JsonNode at = root;
        int i = 1;
        while (i < path.length()) {
            char c = path.charAt(i);
            if (c == '.') {
                int end = i + 1;
                while (end < path.length() && path.charAt(end) != '.' && path.charAt(end) != '[') end++;
                at = at.path(path.substring(i + 1, end));
                i = end;
            } else if (c == '[') {
                int end = path.indexOf(']', i);
                if (end < 0 || end - i > 9 || end == i + 1) return root.path("\u0000");
                int index = 0;
                for (int d = i + 1; d < end; d++) {
                    int digit = path.charAt(d) - '0';
                    if (digit < 0 || digit > 9) return root.path("\u0000");
                    index = index * 10 + digit;
                }
                at = at.path(index);
                i = end + 1;
            } else {
                return root.path("\u0000");
            }
        }
        return at;
    }
}
