package io.vostok.broker.topic;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.GroupName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which consumer groups exist and come to be (remoting reference 6.1, 7.8, 14.2). Pure; any thread. */
public final class GroupRules {
    private static final int MOST_FORBIDDEN_PER_GROUP = 1024;
    private static final String SYSTEM_PREFIX = "CID_RMQ_SYS_";
    private static final List<String> PRESET = List.of(
            "TOOLS_CONSUMER",
            "FILTERSRV_CONSUMER",
            "SELF_TEST_C_GROUP",
            "CID_ONS-HTTP-PROXY",
            "CID_ONSAPI_PULL",
            "CID_ONSAPI_PERMISSION",
            "CID_ONSAPI_OWNER",
            "CID_RMQ_SYS_TRANS");

    private volatile TopicSettings settings;

    public GroupRules(TopicSettings settings) {
        this.settings = settings;
    }

    /** Takes other settings; any thread. */
    public void use(TopicSettings next) {
        settings = next;
    }

    /** Returns the preset groups that the table lacks. */
    public List<ConsumerGroup> missingAtStart(GroupTable groups) {
        List<ConsumerGroup> missing = new ArrayList<>();
        for (String name : PRESET) {
            if (groups.find(name) == null) missing.add(ConsumerGroup.of(new GroupName(name)));
        }
        return missing;
    }

    /** Tells whether the group belongs to brokers or tools. */
    public boolean isSystem(String group) {
        return group.startsWith(SYSTEM_PREFIX) || PRESET.contains(group);
    }

    /**
     * Decides what becomes of a group that the table lacks.
     *
     * @return the group to create, or GROUP_NOT_FOUND, INVALID_ARGUMENT, or FORBIDDEN when there are too many
     */
    public Ruling<ConsumerGroup> autoCreate(String group, GroupTable groups) {
        String problem = GroupName.problem(group);
        if (problem != null) return Ruling.denied(Refusal.INVALID_ARGUMENT, problem);
        if (!settings.autoCreateGroups() && !isSystem(group)) {
            return Ruling.denied(
                    Refusal.GROUP_NOT_FOUND,
                    "consumer group `" + group + "` does not exist and auto-creation is off; create it with"
                            + " `java -jar vostok.jar group create " + group + "`");
        }
        Refused full = full(groups);
        return full != null ? new Ruling.Denied<>(full) : Ruling.granted(ConsumerGroup.of(new GroupName(group)));
    }

    /** Returns the group as it may be stored after an explicit create or update, or why not. */
    public Ruling<ConsumerGroup> change(ConsumerGroup group, GroupTable groups) {
        String name = group.name().value();
        if (group.retryQueues() < 0 || group.retryQueues() > settings.maxQueuesPerTopic()) {
            return invalid(name, "retryQueueNums", 0, settings.maxQueuesPerTopic(), group.retryQueues());
        }
        if (group.retryMaxTimes() < -1) {
            return invalid(name, "retryMaxTimes", -1, Integer.MAX_VALUE, group.retryMaxTimes());
        }
        if (group.consumeTimeoutMinutes() < 1) {
            return invalid(name, "consumeTimeoutMinute", 1, Integer.MAX_VALUE, group.consumeTimeoutMinutes());
        }
        Refused full = groups.find(name) == null ? full(groups) : null;
        return full != null ? new Ruling.Denied<>(full) : Ruling.granted(group);
    }

    /** Decides whether one more topic may be forbidden to {@code group}; null when it may. */
    public @Nullable Refused forbid(GroupName group, GroupTable groups) {
        if (groups.find(group.value()) == null) {
            return new Refused(
                    Refusal.GROUP_NOT_FOUND,
                    "consumer group `" + group + "` does not exist; create it with `java -jar vostok.jar group create "
                            + group + "`");
        }
        int topics = groups.forbidden().getOrDefault(group.value(), Map.of()).size();
        if (topics < MOST_FORBIDDEN_PER_GROUP) return null;
        return new Refused(
                Refusal.FORBIDDEN,
                "consumer group `" + group + "` is forbidden " + topics + " topics, at most " + MOST_FORBIDDEN_PER_GROUP
                        + "; use consumeEnable=false to stop the whole group");
    }

    private @Nullable Refused full(GroupTable groups) {
        if (groups.size() < settings.maxGroups()) return null;
        return new Refused(
                Refusal.FORBIDDEN,
                "this broker has " + groups.size() + " consumer groups and takes at most " + settings.maxGroups()
                        + "; delete unused ones or raise the limit");
    }

    private static Ruling<ConsumerGroup> invalid(String group, String field, int least, int most, int was) {
        return Ruling.denied(
                Refusal.INVALID_ARGUMENT,
                field + " of consumer group `" + group + "` must be " + least + " to " + most + ", was " + was);
    }
}
