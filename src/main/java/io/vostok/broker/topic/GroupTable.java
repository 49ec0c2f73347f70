package io.vostok.broker.topic;

import io.vostok.broker.NameMap;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.DataVersion;
import io.vostok.model.GroupName;
import io.vostok.model.TopicName;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The consumer groups of this broker, and which topics each of them is forbidden (request code 353). Immutable and
 * replaced whole by its owner; any thread may read.
 */
public final class GroupTable {
    /** The bit of {@link #forbiddenBits} that takes away reading: Apache keeps {@code 1 << 2} for it. */
    public static final int READ_FORBIDDEN = 1 << 2;

    private final NameMap<ConsumerGroup> byName;
    private final Map<String, Map<String, Integer>> forbidden;
    private final DataVersion version;

    private GroupTable(
            NameMap<ConsumerGroup> byName, Map<String, Map<String, Integer>> forbidden, DataVersion version) {
        this.byName = byName;
        this.forbidden = forbidden;
        this.version = version;
    }

    /**
     * Returns a table as it was stored; of two groups with one name the later counts.
     *
     * @param forbidden bits by topic by group, as in subscriptionGroup.json
     */
    public static GroupTable of(
            Collection<ConsumerGroup> groups, Map<String, Map<String, Integer>> forbidden, DataVersion version) {
        Map<String, Map<String, Integer>> copy = new HashMap<>();
        forbidden.forEach((group, topics) -> copy.put(group, Map.copyOf(topics)));
        return new GroupTable(NameMap.<ConsumerGroup>empty().withAll(named(groups)), Map.copyOf(copy), version);
    }

    /** Returns the group, or null. */
    public @Nullable ConsumerGroup find(String name) {
        return byName.get(name);
    }

    public int size() {
        return byName.size();
    }

    /** Returns all groups in no order; unmodifiable. */
    public Collection<ConsumerGroup> all() {
        return byName.values();
    }

    /** Returns the bits forbidden to each group by topic; unmodifiable. */
    public Map<String, Map<String, Integer>> forbidden() {
        return forbidden;
    }

    public DataVersion version() {
        return version;
    }

    /** Returns the bits that are set for the pair, 0 for none. */
    public int forbiddenBits(String group, String topic) {
        if (forbidden.isEmpty()) return 0;
        return forbidden.getOrDefault(group, Map.of()).getOrDefault(topic, 0);
    }

    /** Tells whether the group may not pull from the topic. */
    public boolean readForbidden(String group, String topic) {
        return (forbiddenBits(group, topic) & READ_FORBIDDEN) != 0;
    }

    /** Returns the table with {@code group} added or replaced. */
    public GroupTable with(ConsumerGroup group, long nowMillis) {
        return new GroupTable(byName.with(group.name().value(), group), forbidden, version.next(nowMillis));
    }

    /** As {@link #with(ConsumerGroup, long)} for many groups as one change; itself when there are none. */
    public GroupTable with(Collection<ConsumerGroup> groups, long nowMillis) {
        if (groups.isEmpty()) return this;
        return new GroupTable(byName.withAll(named(groups)), forbidden, version.next(nowMillis));
    }

    /** Returns the table without the group and what was forbidden to it; itself when it knows neither. */
    public GroupTable without(GroupName group, long nowMillis) {
        NameMap<ConsumerGroup> fewer = byName.without(group.value());
        if (fewer == byName && !forbidden.containsKey(group.value())) return this;
        Map<String, Map<String, Integer>> left = new HashMap<>(forbidden);
        left.remove(group.value());
        return new GroupTable(fewer, Map.copyOf(left), version.next(nowMillis));
    }

    /** Returns the table in which the group may, or may not, pull from the topic; itself when that is so already. */
    public GroupTable withReadForbidden(GroupName group, TopicName topic, boolean isForbidden, long nowMillis) {
        if (readForbidden(group.value(), topic.value()) == isForbidden) return this;
        int bits = forbiddenBits(group.value(), topic.value()) ^ READ_FORBIDDEN;
        Map<String, Integer> ofGroup = new HashMap<>(forbidden.getOrDefault(group.value(), Map.of()));
        if (bits == 0) ofGroup.remove(topic.value());
        else ofGroup.put(topic.value(), bits);

        Map<String, Map<String, Integer>> all = new HashMap<>(forbidden);
        if (ofGroup.isEmpty()) all.remove(group.value());
        else all.put(group.value(), Map.copyOf(ofGroup));
        return new GroupTable(byName, Map.copyOf(all), version.next(nowMillis));
    }

    private static Map<String, ConsumerGroup> named(Collection<ConsumerGroup> groups) {
        Map<String, ConsumerGroup> named = new HashMap<>();
        for (ConsumerGroup group : groups) named.put(group.name().value(), group);
        return named;
    }
}
