package io.vostok.broker.pop;

import io.vostok.broker.session.ClientChannel;
import io.vostok.model.GroupName;
import io.vostok.model.TopicName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Pops that wait for messages, first come first served in each topic and group. One thread. */
public final class WaitingPops<P> {
    private record Name(TopicName topic, GroupName group) {}

    /** Who waits for one topic in one group. */
    public static final class Line<P> {
        private final Name name;
        private final LinkedHashSet<Waiter<P>> waiters = new LinkedHashSet<>();

        private Line(Name name) {
            this.name = name;
        }

        public TopicName topic() {
            return name.topic();
        }

        public GroupName group() {
            return name.group();
        }

        /** Returns those who wait, the first to come first; a copy. */
        public List<Waiter<P>> waiters() {
            return new ArrayList<>(waiters);
        }
    }

    /** One that waits. */
    public static final class Waiter<P> {
        private final P pop;
        private final int queueId;
        private final long deadlineNanos;
        private final long serial;
        private final ClientChannel channel;
        private final Line<P> line;
        private boolean waits = true;

        private Waiter(P pop, int queueId, long deadlineNanos, long serial, ClientChannel channel, Line<P> line) {
            this.pop = pop;
            this.queueId = queueId;
            this.deadlineNanos = deadlineNanos;
            this.serial = serial;
            this.channel = channel;
            this.line = line;
        }

        public P pop() {
            return pop;
        }

        /** Returns the queue it waits for, -1 for any. */
        public int queueId() {
            return queueId;
        }

        /** Tells whether it has been neither removed nor forgotten. */
        public boolean waits() {
            return waits;
        }
    }

    private final int most;
    private final int mostPerQueue;
    private final Map<Name, Line<P>> lines = new HashMap<>();
    private final Map<TopicName, Set<Line<P>>> byTopic = new HashMap<>();
    private final IdentityHashMap<ClientChannel, Set<Waiter<P>>> byChannel = new IdentityHashMap<>();
    private final TreeSet<Waiter<P>> byDeadline = new TreeSet<>(WaitingPops::compare);
    private long serials;

    /**
     * @param most that may wait
     * @param mostPerQueue that may wait for one queue, or for any, of one topic in one group
     */
    public WaitingPops(int most, int mostPerQueue) {
        this.most = most;
        this.mostPerQueue = mostPerQueue;
    }

    private static <P> int compare(Waiter<P> one, Waiter<P> other) {
        long difference = one.deadlineNanos - other.deadlineNanos;
        return difference != 0 ? Long.signum(difference) : Long.compare(one.serial, other.serial);
    }

    public int size() {
        return byDeadline.size();
    }

    /** Returns how many wait for just this queue, or for just any when it is -1. */
    public int count(TopicName topic, GroupName group, int queueId) {
        @Nullable Line<P> line = lines.get(new Name(topic, group));
        if (line == null) return 0;
        return (int) line.waiters.stream()
                .filter(waiter -> waiter.queueId == queueId)
                .count();
    }

    /**
     * Lets a pop wait, at the end of its line.
     *
     * @param deadlineNanos on the monotonic clock
     * @return false when too many wait
     */
    public boolean park(
            P pop, TopicName topic, GroupName group, int queueId, long deadlineNanos, ClientChannel channel) {
        if (byDeadline.size() >= most) return false;
        @Nullable Line<P> known = lines.get(new Name(topic, group));
        if (known != null && known.waiters.size() >= mostPerQueue && count(topic, group, queueId) >= mostPerQueue) {
            return false;
        }
        Line<P> line = known == null ? open(new Name(topic, group)) : known;
        Waiter<P> waiter = new Waiter<>(pop, queueId, deadlineNanos, ++serials, channel, line);
        line.waiters.add(waiter);
        byDeadline.add(waiter);
        byChannel.computeIfAbsent(channel, none -> new LinkedHashSet<>()).add(waiter);
        return true;
    }

    private Line<P> open(Name name) {
        Line<P> line = new Line<>(name);
        lines.put(name, line);
        for (TopicName topic : topicsOf(name)) {
            byTopic.computeIfAbsent(topic, none -> new LinkedHashSet<>()).add(line);
        }
        return line;
    }

    private static List<TopicName> topicsOf(Name name) {
        List<TopicName> topics = new ArrayList<>(3);
        topics.add(name.topic());
        @Nullable TopicName first = PopTopics.retryV1(name.group(), name.topic());
        @Nullable TopicName second = PopTopics.retryV2(name.group(), name.topic());
        if (first != null) topics.add(first);
        if (second != null) topics.add(second);
        return topics;
    }

    /** Returns the lines that a message in {@code topic}, which may be a retry topic, concerns; unmodifiable, until the next change. */
    public Collection<Line<P>> lines(TopicName topic) {
        @Nullable Set<Line<P>> found = byTopic.get(topic);
        return found == null ? List.of() : List.copyOf(found);
    }

    /** Returns the line of a topic and group, or null when nobody waits there. */
    public @Nullable Line<P> line(TopicName topic, GroupName group) {
        return lines.get(new Name(topic, group));
    }

    /** Returns all lines; a copy. */
    public List<Line<P>> lines() {
        return List.copyOf(lines.values());
    }

    /** Takes one out that will be answered. */
    public void remove(Waiter<P> waiter) {
        if (!waiter.waits) return;
        waiter.waits = false;
        byDeadline.remove(waiter);
        @Nullable Set<Waiter<P>> ofChannel = byChannel.get(waiter.channel);
        if (ofChannel != null) {
            ofChannel.remove(waiter);
            if (ofChannel.isEmpty()) byChannel.remove(waiter.channel);
        }
        Line<P> line = waiter.line;
        line.waiters.remove(waiter);
        if (!line.waiters.isEmpty()) return;
        lines.remove(line.name);
        for (TopicName topic : topicsOf(line.name)) {
            @Nullable Set<Line<P>> watching = byTopic.get(topic);
            if (watching == null) continue;
            watching.remove(line);
            if (watching.isEmpty()) byTopic.remove(topic);
        }
    }

    /** Takes out the next whose deadline has come, or null. */
    public @Nullable P nextExpired(long nowNanos) {
        if (byDeadline.isEmpty()) return null;
        Waiter<P> first = byDeadline.first();
        if (first.deadlineNanos - nowNanos > 0) return null;
        remove(first);
        return first.pop;
    }

    /** Forgets the pops of a connection that is gone. */
    public void closed(ClientChannel channel) {
        @Nullable Set<Waiter<P>> ofChannel = byChannel.get(channel);
        if (ofChannel != null) List.copyOf(ofChannel).forEach(this::remove);
    }

    /** Returns when {@link #nextExpired} has something, on the monotonic clock; null when nobody waits. */
    public @Nullable Long nextDeadlineNanos() {
        return byDeadline.isEmpty() ? null : byDeadline.first().deadlineNanos;
    }
}
