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
    private static final Set<String> KNOWN = Set.of("priority.factor");

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

    private static ObjectNode fields(ConsumerGroup group) {
        String text = group.otherFieldsJson() == null ? "{}" : group.otherFieldsJson();
        return BodyJson.object(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), "other fields of a group");
    }

    private static Map<String, String> attributes(JsonNode fields) {
        return Json.map(fields, FIELD, (name, value) -> Json.textOf(value, FIELD));
    }
}
