package io.vostok.metrics;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The counters of one thread, by topic and group. That thread adds; any may read.
 *
 * <p>Adding takes no lock and, once a pair is known, no memory. Neighbouring messages mostly belong to one pair, which is
 * kept at hand.
 */
public final class Tally {
    /** In place of a group where only the topic counts. */
    public static final String NO_GROUP = "";

    private final int mostPairs;
    private final long[] sizeLimits;
    private final Count all = new Count();
    private final Map<String, Map<String, Count>> byTopic = new ConcurrentHashMap<>();
    private final AtomicInteger pairs = new AtomicInteger();
    private String lastTopic = "";
    private String lastGroup = "";
    private @Nullable Count last;

    Tally(int mostPairs, long[] sizeLimits) {
        this.mostPairs = mostPairs;
        this.sizeLimits = sizeLimits;
    }

    /** Counts in the total alone; the tally's own thread only. */
    public void add(long messages, long bytes) {
        all.add(messages, bytes);
    }

    /** Counts; the tally's own thread only. Pairs beyond the most are in the total alone. */
    public void add(String topic, String group, long messages, long bytes) {
        all.add(messages, bytes);
        Count count = last;
        if (count == null || count.forgotten() || !lastTopic.equals(topic) || !lastGroup.equals(group)) {
            count = of(topic, group);
            if (count == null) return;
            lastTopic = topic;
            lastGroup = group;
            last = count;
        }
        count.add(messages, bytes);
    }

    private @Nullable Count of(String topic, String group) {
        Map<String, Count> groups = byTopic.get(topic);
        Count known = groups == null ? null : groups.get(group);
        if (known != null) return known;
        if (pairs.get() >= mostPairs) return null;
        pairs.incrementAndGet();
        Count fresh = new Count(sizeLimits);
        // In one step, so that a topic that is being forgotten is not added to.
        byTopic.compute(topic, (name, present) -> {
            Map<String, Count> of = present == null ? new ConcurrentHashMap<>() : present;
            of.put(group, fresh);
            return of;
        });
        return fresh;
    }

    Count all() {
        return all;
    }

    Map<String, Map<String, Count>> byTopic() {
        return byTopic;
    }

    /** Forgets what matches. Any thread. */
    void forget(BiPredicate<String, String> topicAndGroup) {
        for (String name : byTopic.keySet()) {
            byTopic.computeIfPresent(name, (topic, groups) -> {
                groups.forEach((group, count) -> {
                    if (!topicAndGroup.test(topic, group)) return;
                    groups.remove(group);
                    count.forget();
                    pairs.decrementAndGet();
                });
                return groups.isEmpty() ? null : groups;
            });
        }
    }
}
