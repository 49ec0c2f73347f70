package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vostok.model.ConsumerGroup;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Attributes of a group in the signed form of changes, {@code +name} with a value or {@code -name}, and in the plain form
 * in which they are kept; both live in {@link ConsumerGroup#otherFieldsJson}.
 */
public final class GroupAttributes {
    private static final String FIELD = "attributes";
    private static final String PRIORITY_FACTOR = "priority.factor";
    private static final int WHOLE = 100;
    private static final Set<String> KNOWN = Set.of(PRIORITY_FACTOR);

    private GroupAttributes() {}

    /**
     * Returns the group as it is after the change: the attributes of {@code current} with the signed ones of {@code wish}.
     *
     * @throws BadBodyException when an attribute has no sign, is unknown or is not built
     */
    public static ConsumerGroup changed(@Nullable ConsumerGroup current, ConsumerGroup wish) {
        ObjectNode fields = fields(wish);
        Map<String, String> attributes = new TreeMap<>(current == null ? Map.of() : attributes(fields(current)));
        for (Map.Entry<String, String> change : attributes(fields).entrySet()) {
            String name = change.getKey();
            if (!name.startsWith("+") && !name.startsWith("-")) {
                throw new BadBodyException(
                        "attribute '" + Json.shown(name) + "' of a group must start with '+' to set or '-' to remove");
            }
            String plain = name.substring(1);
            if (!KNOWN.contains(plain)) {
                throw new BadBodyException(
                        "attribute '" + Json.shown(plain) + "' of a group is unknown or not built, known are " + KNOWN);
            }
            if (name.startsWith("+") && percent(change.getValue(), -1) < 0) {
                throw new BadBodyException("attribute '" + plain + "' of a group must be a number from 0 to " + WHOLE
                        + ", was '" + Json.shown(change.getValue()) + "'");
            }
            if (name.startsWith("-")) attributes.remove(plain);
            else attributes.put(plain, change.getValue());
        }
        fields.remove(FIELD);
        if (!attributes.isEmpty()) {
            ObjectNode plain = fields.putObject(FIELD);
            attributes.forEach(plain::put);
        }
        return wish.withOtherFields(fields.isEmpty() ? null : fields.toString());
    }

    /** Returns in how many of a hundred pops of a topic with priorities the group looks at these; all, when it does not say. */
    public static int priorityFactor(ConsumerGroup group) {
        if (group.otherFieldsJson() == null) return WHOLE;
        return percent(attributes(fields(group)).get(PRIORITY_FACTOR), WHOLE);
    }

    private static int percent(@Nullable String text, int otherwise) {
        if (text == null || !text.matches("[0-9]{1,3}")) return otherwise;
        int number = Integer.parseInt(text);
        return number <= WHOLE ? number : otherwise;
    }

    private static ObjectNode fields(ConsumerGroup group) {
        String text = group.otherFieldsJson() == null ? "{}" : group.otherFieldsJson();
        return BodyJson.object(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), "other fields of a group");
    }

    private static Map<String, String> attributes(JsonNode fields) {
        return Json.map(fields, FIELD, (name, value) -> Json.textOf(value, FIELD));
    }
}
