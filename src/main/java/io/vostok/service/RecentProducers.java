package io.vostok.service;

import io.vostok.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Who has sent to which topic lately: heartbeats do not tell. One entry for each topic, producer group and connection, bounded;
 * a send finds the one of the send before on its connection, and costs a comparison and the time. Any thread.
 */
public final class RecentProducers {
    private static final int MOST = 20_000;
    /** When there are too many, those go that have sent nothing for so long. */
    private static final long KEPT_MILLIS = 600_000;

    private final Clock clock;
    private final Map<Key, Entry> entries = new ConcurrentHashMap<>();

    private record Key(String topic, String group, String address) {}

    /** One producer of one topic. */
    public static final class Entry {
        private final String topic;
        private final String group;
        private final String address;
        /** One connection writes it; others may see it late. */
        private volatile long sentMillis;

        private Entry(Key key) {
            this.topic = key.topic();
            this.group = key.group();
            this.address = key.address();
        }

        public String group() {
            return group;
        }

        /** Returns the client's end of its connection, {@code host:port}. */
        public String address() {
            return address;
        }

        public long sentMillis() {
            return sentMillis;
        }
    }

    public RecentProducers(Clock clock) {
        this.clock = clock;
    }

    /**
     * Takes notice of a send.
     *
     * @param last what this returned for the send before on the same connection, or null
     */
    public Entry sent(@Nullable Entry last, String topic, String group, Peer peer) {
        Entry entry = last != null && last.topic.equals(topic) && last.group.equals(group)
                ? last
                : find(new Key(topic, group, peer.address()));
        entry.sentMillis = clock.wallMillis();
        return entry;
    }

    private Entry find(Key key) {
        @Nullable Entry known = entries.get(key);
        if (known != null) return known;
        Entry entry = new Entry(key);
        if (entries.size() >= MOST) {
            long before = clock.wallMillis() - KEPT_MILLIS;
            entries.values().removeIf(each -> each.sentMillis < before);
            if (entries.size() >= MOST) return entry; // It is not shown; what is known stays.
        }
        @Nullable Entry other = entries.putIfAbsent(key, entry);
        return other == null ? entry : other;
    }

    /** Returns who has sent to a topic. Looks at all entries. */
    List<Entry> of(String topic) {
        List<Entry> found = new ArrayList<>();
        for (Entry each : entries.values()) {
            if (each.topic.equals(topic)) found.add(each);
        }
        return found;
    }
}
