package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.GroupName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One SubscriptionGroupConfig as JSON: the body of UPDATE_AND_CREATE_SUBSCRIPTIONGROUP, the answer to
 * GET_SUBSCRIPTIONGROUP_CONFIG, the entries of group tables. Fields we do not know survive a reading and writing.
 */
public final class ConsumerGroupJson {
    private static final Set<String> READ_FIELDS = Set.of(
            "groupName",
            "consumeEnable",
            "consumeFromMinEnable",
            "consumeBroadcastEnable",
            "consumeMessageOrderly",
            "retryQueueNums",
            "retryMaxTimes",
            "brokerId",
            "whichBrokerWhenConsumeSlowly",
            "notifyConsumerIdsChangedEnable",
            "groupSysFlag",
            "consumeTimeoutMinute");

    private ConsumerGroupJson() {}

    /**
     * Reads the body.
     *
     * @throws BadBodyException when it cannot be read
     */
    public static ConsumerGroup read(byte[] body) {
        return read(ByteBuffer.wrap(body));
    }

    /** As {@link #read(byte[])}, from position to limit, which do not move. */
    public static ConsumerGroup read(ByteBuffer body) {
        return of(null, BodyJson.object(body, "group config"));
    }

    /**
     * Reads the body of UPDATE_AND_CREATE_SUBSCRIPTIONGROUP_LIST.
     *
     * @throws BadBodyException when it or one of its groups cannot be read
     */
    public static List<ConsumerGroup> readList(byte[] body) {
        return readList(ByteBuffer.wrap(body));
    }

    /** As {@link #readList(byte[])}, from position to limit, which do not move. */
    public static List<ConsumerGroup> readList(ByteBuffer body) {
        JsonNode json = BodyJson.table(body, "group config list");
        return Json.list(json, "groupConfigList", group -> of(null, group));
    }

    /** Returns the group as JSON in UTF-8. */
    public static byte[] write(ConsumerGroup group) {
        JsonText json = new JsonText();
        write(group, json);
        return json.toBytes();
    }

    static ConsumerGroup of(@Nullable String key, JsonNode json) {
        Json.requireObject(json, "groupConfig");
        String name = key == null ? Json.requireText(json, "groupName") : key;
        @Nullable String problem = GroupName.problem(name);
        if (problem != null) throw new BadBodyException("group '" + Json.shown(name) + "': " + problem);
        return new ConsumerGroup(
                new GroupName(name),
                Json.flagOr(json, "consumeEnable", true),
                Json.flagOr(json, "consumeFromMinEnable", true),
                Json.flagOr(json, "consumeBroadcastEnable", true),
                Json.flagOr(json, "consumeMessageOrderly", false),
                Json.intOr(json, "retryQueueNums", 1),
                Json.intOr(json, "retryMaxTimes", 16),
                Json.longOr(json, "brokerId", 0),
                Json.longOr(json, "whichBrokerWhenConsumeSlowly", 1),
                Json.flagOr(json, "notifyConsumerIdsChangedEnable", true),
                Json.intOr(json, "groupSysFlag", 0),
                Json.intOr(json, "consumeTimeoutMinute", 15),
                otherFields(json));
    }

    private static @Nullable String otherFields(JsonNode json) {
        ObjectNode others = json.deepCopy();
        others.remove(READ_FIELDS);
        return others.isEmpty() ? null : others.toString();
    }

    static void write(ConsumerGroup group, JsonText json) {
        json.open('{')
                .key("brokerId")
                .number(group.brokerId())
                .key("consumeBroadcastEnable")
                .flag(group.consumeBroadcastEnable())
                .key("consumeEnable")
                .flag(group.consumeEnable())
                .key("consumeFromMinEnable")
                .flag(group.consumeFromMinEnable())
                .key("consumeMessageOrderly")
                .flag(group.consumeMessageOrderly())
                .key("consumeTimeoutMinute")
                .number(group.consumeTimeoutMinutes())
                .key("groupName")
                .text(group.name().value())
                .key("groupSysFlag")
                .number(group.sysFlag())
                .key("notifyConsumerIdsChangedEnable")
                .flag(group.notifyConsumerIdsChanged())
                .key("retryMaxTimes")
                .number(group.retryMaxTimes())
                .key("retryQueueNums")
                .number(group.retryQueues())
                .key("whichBrokerWhenConsumeSlowly")
                .number(group.whichBrokerWhenConsumeSlowly());
        @Nullable String others = group.otherFieldsJson();
        if (others != null) {
            ObjectNode fields = BodyJson.object(
                    ByteBuffer.wrap(others.getBytes(StandardCharsets.UTF_8)), "other fields of group " + group.name());
            for (Map.Entry<String, JsonNode> field : fields.properties()) {
                if (READ_FIELDS.contains(field.getKey())) continue; // ours is the newer value
                json.key(field.getKey()).raw(field.getValue().toString());
            }
        }
        json.close('}');
    }
}
