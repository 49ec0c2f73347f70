package io.vostok.broker.topic;

import io.vostok.broker.NameMap;
import io.vostok.model.DataVersion;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The topics of this broker. Immutable and replaced whole by its owner; any thread may read. */
public final class TopicTable {
    private final NameMap<Topic> byName;
    private final DataVersion version;

    private TopicTable(NameMap<Topic> byName, DataVersion version) {
        this.byName = byName;
        this.version = version;
    }

    /** Returns a table as it was stored; of two topics with one name the later counts. */
    public static TopicTable of(Collection<Topic> topics, DataVersion version) {
        return new TopicTable(NameMap.<Topic>empty().withAll(named(topics)), version);
    }

    /** Returns the topic, or null. Its {@link TopicName} is the one instance to use further on. */
    public @Nullable Topic find(String name) {
        return byName.get(name);
    }

    public int size() {
        return byName.size();
    }

    /** Returns all topics in no order; unmodifiable. */
    public Collection<Topic> all() {
        return byName.values();
    }

    public DataVersion version() {
        return version;
    }

    /** Returns the table with {@code topic} added or replaced. */
    public TopicTable with(Topic topic, long nowMillis) {
        return new TopicTable(byName.with(topic.name().value(), topic), version.next(nowMillis));
    }

    /** As {@link #with(Topic, long)} for many topics as one change; itself when there are none. */
    public TopicTable with(Collection<Topic> topics, long nowMillis) {
        if (topics.isEmpty()) return this;
        return new TopicTable(byName.withAll(named(topics)), version.next(nowMillis));
    }

    /** Returns the table without the topic; itself, with the same version, when there is no such topic. */
    public TopicTable without(TopicName topic, long nowMillis) {
        NameMap<Topic> fewer = byName.without(topic.value());
        return fewer == byName ? this : new TopicTable(fewer, version.next(nowMillis));
    }

    private static Map<String, Topic> named(Collection<Topic> topics) {
        Map<String, Topic> named = new HashMap<>();
        for (Topic topic : topics) named.put(topic.name().value(), topic);
        return named;
    }
}
