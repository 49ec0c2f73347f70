package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.DataVersion;
import io.vostok.model.GroupName;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Consumer groups of a broker with their version: subscriptionGroup.json and the answer to
 * GET_ALL_SUBSCRIPTIONGROUP_CONFIG.
 *
 * <p>One impossible entry does not make the table unreadable: it is left out and {@code problems} tells it.
 *
 * @param forbidden topics a group may not read: group, then topic, then bits
 * @param problems what reading left out, in words for the log, at most 101; never written
 */
public record SubscriptionGroupTable(
        Map<GroupName, ConsumerGroup> groups,
        Map<GroupName, Map<String, Integer>> forbidden,
        DataVersion version,
        List<String> problems) {

    public SubscriptionGroupTable {
        groups = Collections.unmodifiableMap(new LinkedHashMap<>(groups));
        forbidden = Collections.unmodifiableMap(new LinkedHashMap<>(forbidden));
        problems = List.copyOf(problems);
    }

    /** Returns a table to be written. */
    public SubscriptionGroupTable(
            Map<GroupName, ConsumerGroup> groups, Map<GroupName, Map<String, Integer>> forbidden, DataVersion version) {
        this(groups, forbidden, version, List.of());
    }

    /**
     * Reads the body.
     *
     * @throws BadBodyException when it cannot be read
     */
    public static SubscriptionGroupTable read(byte[] body) {
        return read(ByteBuffer.wrap(body));
    }

    /** As {@link #read(byte[])}, from position to limit, which do not move. */
    public static SubscriptionGroupTable read(ByteBuffer body) {
        JsonNode json = BodyJson.table(body, "group table");
        Map<GroupName, ConsumerGroup> groups = new LinkedHashMap<>();
        Problems problems = new Problems();
        for (Map.Entry<String, JsonNode> entry :
                Json.objectAt(json, "subscriptionGroupTable").properties()) {
            try {
                ConsumerGroup group = ConsumerGroupJson.of(entry.getKey(), entry.getValue());
                groups.put(group.name(), group);
            } catch (BadBodyException e) {
                problems.add("group '" + Json.shown(entry.getKey()) + "' left out: " + e.getMessage());
            }
        }
        Map<GroupName, Map<String, Integer>> forbidden = new LinkedHashMap<>();
        JsonNode forbiddenJson = Json.objectAt(json, "forbiddenTable");
        for (Map.Entry<String, JsonNode> entry : forbiddenJson.properties()) {
            try {
                if (GroupName.problem(entry.getKey()) != null) throw new BadBodyException("no group name");
                Map<String, Integer> bits = Json.map(
                        forbiddenJson,
                        entry.getKey(),
                        (topic, value) -> Json.narrow(Json.longOf(value, "forbiddenTable"), "forbiddenTable"));
                forbidden.put(new GroupName(entry.getKey()), bits);
            } catch (BadBodyException e) {
                problems.add("forbidden topics of '" + Json.shown(entry.getKey()) + "' left out: " + e.getMessage());
            }
        }
        DataVersion version = DataVersionJson.of(Json.objectAt(json, "dataVersion"));
        return new SubscriptionGroupTable(groups, forbidden, version, problems.list());
    }

    /** Returns the body as JSON in UTF-8. */
    public byte[] write() {
        JsonText json = new JsonText().open('{').key("dataVersion").raw(DataVersionJson.text(version));
        json.key("forbiddenTable").open('{');
        forbidden.forEach((group, topics) -> {
            json.key(group.value()).open('{');
            topics.forEach((topic, bits) -> json.key(topic).number(bits));
            json.close('}');
        });
        json.close('}').key("subscriptionGroupTable").open('{');
        groups.forEach((name, group) -> ConsumerGroupJson.write(group, json.key(name.value())));
        return json.close('}').close('}').toBytes();
    }
}
