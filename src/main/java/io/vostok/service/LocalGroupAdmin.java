package io.vostok.service;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.offset.OffsetReset;
import io.vostok.broker.offset.PendingResets;
import io.vostok.broker.session.ConsumerView;
import io.vostok.broker.topic.GroupRules;
import io.vostok.broker.topic.GroupTable;
import io.vostok.metrics.Rates;
import io.vostok.metrics.Traffic;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.GroupName;
import io.vostok.model.QueueId;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import io.vostok.store.ConsumeQueue;
import io.vostok.store.ConsumeQueues;
import io.vostok.store.LogView;
import io.vostok.store.meta.ConsumerOffsets;
import io.vostok.time.Clock;
import io.vostok.wire.body.BadBodyException;
import io.vostok.wire.body.ConsumeStats;
import io.vostok.wire.body.ConsumerOffsetTable;
import io.vostok.wire.body.GroupAttributes;
import io.vostok.wire.body.MessageQueue;
import io.vostok.wire.body.QueueOffsets;
import io.vostok.wire.body.QueueTimes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Consumer groups of this process's broker, for administrators; used on one event loop. */
final class LocalGroupAdmin implements GroupAdmin {
    private static final Logger LOG = LoggerFactory.getLogger(LocalGroupAdmin.class);

    /** Groups of one request to create some. */
    private static final int MOST_CHANGES = 1_024;

    private final ContextInternal loop;
    private final Tables tables;
    private final Registry registry;
    private final GroupRules rules;
    private final ConsumeQueues queues;
    private final LogView log;
    private final ConsumerOffsets offsets;
    private final PendingResets resets;
    private final Waker waker;
    private final Traffic traffic;
    private final Clock clock;
    private final LocalQueries queries;
    private final String brokerName;

    LocalGroupAdmin(AdminParts parts, GroupRules rules) {
        this.loop = parts.loop();
        this.tables = parts.tables();
        this.registry = parts.registry();
        this.rules = rules;
        this.queues = parts.queues();
        this.log = parts.log();
        this.offsets = parts.offsets();
        this.resets = parts.resets();
        this.waker = parts.waker();
        this.traffic = parts.traffic();
        this.clock = parts.clock();
        this.queries = parts.queries();
        this.brokerName = parts.brokerName();
    }

    @Override
    public GroupTable all() {
        return tables.groups();
    }

    @Override
    public Future<ConsumerGroup> find(String group) {
        @Nullable ConsumerGroup found = tables.groups().find(group);
        if (found != null) return Future.succeededFuture(found);
        Ruling<ConsumerGroup> created = rules.autoCreate(group, tables.groups());
        @Nullable Refused refused = created.refused();
        if (refused != null) return Future.failedFuture(new Registry.RefusedException(refused));
        return here(registry.create(List.of(), List.of(created.value())).map(done -> created.value()));
    }

    @Override
    public Future<Void> change(List<ConsumerGroup> changes) {
        if (changes.size() > MOST_CHANGES) {
            return Future.failedFuture(Refusals.refuse(
                    Refusal.INVALID_ARGUMENT, "at most " + MOST_CHANGES + " groups can be changed at once"));
        }
        return here(registry.change((topics, groups, now) -> {
            GroupTable next = groups;
            for (ConsumerGroup change : changes) {
                Ruling<ConsumerGroup> ruling = changed(change, next);
                @Nullable Refused refused = ruling.refused();
                if (refused != null) return new Registry.Outcome(topics, groups, refused);
                next = next.with(ruling.value(), now);
            }
            return new Registry.Outcome(topics, next, null);
        }));
    }

    private Ruling<ConsumerGroup> changed(ConsumerGroup change, GroupTable groups) {
        @Nullable ConsumerGroup current = groups.find(change.name().value());
        try {
            return rules.change(GroupAttributes.changed(current, change), groups);
        } catch (BadBodyException wrong) {
            return Ruling.denied(Refusal.INVALID_ARGUMENT, String.valueOf(wrong.getMessage()));
        }
    }

    @Override
    public Future<Void> delete(String group, boolean withOffsets) {
        @Nullable String problem = GroupName.problem(group);
        if (problem == null && rules.isSystem(group)) {
            problem = "consumer group `" + group + "` belongs to brokers or tools and cannot be deleted";
        }
        if (problem != null) return Future.failedFuture(Refusals.refuse(Refusal.INVALID_ARGUMENT, problem));
        GroupName name = new GroupName(group);
        return here(
                registry.change((topics, groups, now) -> new Registry.Outcome(topics, groups.without(name, now), null))
                        .compose(done -> {
                            resets.forget((of, topic) -> of.equals(name));
                            traffic.forget((topic, of) -> of.equals(group));
                            if (withOffsets) offsets.removeGroup(name);
                            LOG.info("consumer group deleted group={} withOffsets={}", name, withOffsets);
                            return Future.succeededFuture();
                        }));
    }

    @Override
    public Future<Boolean> permit(String group, String topic, @Nullable Boolean readable) {
        if (readable == null) {
            return Future.succeededFuture(!tables.groups().readForbidden(group, topic));
        }
        @Nullable String problem = TopicName.problem(topic);
        if (problem == null) problem = GroupName.problem(group);
        if (problem != null) return Future.failedFuture(Refusals.refuse(Refusal.INVALID_ARGUMENT, problem));
        GroupName name = new GroupName(group);
        TopicName of = new TopicName(topic);
        return here(registry.change((topics, groups, now) -> {
                    @Nullable Refused refused = readable ? null : rules.forbid(name, groups);
                    return refused != null
                            ? new Registry.Outcome(topics, groups, refused)
                            : new Registry.Outcome(topics, groups.withReadForbidden(name, of, !readable, now), null);
                })
                .map(done -> readable));
    }

    @Override
    public Set<String> topics(String group) {
        Set<String> topics = new TreeSet<>();
        if (GroupName.problem(group) != null) return topics;
        for (TopicName topic : offsets.topicsOf(new GroupName(group))) topics.add(topic.value());
        return topics;
    }

    @Override
    public Future<ConsumeStats> progress(String group, Collection<String> wanted) {
        return queries.run(() -> {
            Map<MessageQueue, ConsumeStats.Progress> all = new LinkedHashMap<>();
            double perSecond = 0;
            for (String topic : wanted.isEmpty() ? topics(group) : wanted) {
                @Nullable ConsumeStats stats = progressOn(group, topic);
                if (stats == null) continue;
                all.putAll(stats.offsets());
                perSecond += stats.consumeTps();
            }
            return new ConsumeStats(all, perSecond);
        });
    }

    @Override
    public Future<Map<String, List<ConsumeStats>>> progressOfAll(boolean orderlyOnly) {
        return queries.run(() -> {
            Map<String, List<ConsumeStats>> all = new TreeMap<>();
            for (ConsumerGroup group : tables.groups().all()) {
                String name = group.name().value();
                List<ConsumeStats> ofGroup = new ArrayList<>();
                for (String topic : topics(name)) {
                    @Nullable Topic is = tables.topics().find(topic);
                    if (is == null || (orderlyOnly && !is.order())) continue;
                    @Nullable ConsumeStats stats = progressOn(name, topic);
                    if (stats != null) ofGroup.add(stats);
                }
                if (!ofGroup.isEmpty()) all.put(name, ofGroup);
            }
            return all;
        });
    }

    /** Null for a topic that does not exist, or that the members who are online do not want any more. */
    private @Nullable ConsumeStats progressOn(String group, String topicName) {
        @Nullable Topic topic = tables.topics().find(topicName);
        if (topic == null || GroupName.problem(group) != null) return null;
        @Nullable ConsumerView online = tables.subscriptions().find(group);
        if (online != null && !online.byTopic().isEmpty() && online.subscription(topicName) == null) return null;
        Map<Integer, Long> committed = offsets.offsets(new GroupName(group), topic.name());
        Map<MessageQueue, ConsumeStats.Progress> queuesOfTopic = new LinkedHashMap<>();
        for (int index = 0; index < topic.readQueues(); index++) {
            @Nullable ConsumeQueue queue = queues.find(new QueueId(topic.name(), index));
            long max = queue == null ? 0 : queue.maxOffset();
            long offset = committed.getOrDefault(index, 0L);
            queuesOfTopic.put(
                    new MessageQueue(topicName, brokerName, index),
                    new ConsumeStats.Progress(max, offset, offset, Math.max(0, storeMillis(queue, offset - 1))));
        }
        @Nullable Rates rates = traffic.gets().rates(topicName, group, clock.monotonicNanos());
        return new ConsumeStats(
                queuesOfTopic, rates == null ? 0 : rates.minute().perSecond());
    }

    private long storeMillis(@Nullable ConsumeQueue queue, long offset) {
        long position = queue == null ? -1 : queue.position(offset);
        return position < 0 ? -1 : log.storeMillis(position);
    }

    @Override
    public Future<List<QueueTimes>> times(String group, String topicName) {
        return queries.run(() -> {
            Topic topic = topic(topicName);
            Map<Integer, Long> committed =
                    GroupName.problem(group) != null ? Map.of() : offsets.offsets(new GroupName(group), topic.name());
            long now = clock.wallMillis();
            List<QueueTimes> times = new ArrayList<>();
            for (int index = 0; index < topic.writeQueues(); index++) {
                @Nullable ConsumeQueue queue = queues.find(new QueueId(topic.name(), index));
                long first = queue == null ? -1 : storeMillis(queue, queue.minOffset());
                long last = queue == null ? -1 : storeMillis(queue, queue.maxOffset() - 1);
                long offset = committed.getOrDefault(index, 0L);
                long consumed = offset > 0 ? storeMillis(queue, offset - 1) : first;
                long waiting = storeMillis(queue, offset);
                times.add(new QueueTimes(
                        new MessageQueue(topicName, brokerName, index),
                        first,
                        last,
                        consumed,
                        waiting < 0 ? 0 : Math.max(0, now - waiting)));
            }
            return times;
        });
    }

    @Override
    public Future<QueueOffsets> reset(OffsetReset wish) {
        return queries.run(() -> {
            Topic topic = topic(wish.topic());
            GroupName group = group(wish.group());
            if (wish.queueId() >= topic.readQueues()) {
                throw Refusals.refuse(
                        Refusal.INVALID_ARGUMENT,
                        "queue " + wish.queueId() + " of topic `" + wish.topic() + "` does not exist, it has "
                                + topic.readQueues() + " to read");
            }
            int from = Math.max(0, wish.queueId());
            int to = wish.queueId() < 0 ? topic.readQueues() : from + 1;
            Map<MessageQueue, Long> targets = new LinkedHashMap<>();
            for (int index = from; index < to; index++) {
                targets.put(
                        new MessageQueue(wish.topic(), brokerName, index),
                        target(new QueueId(topic.name(), index), wish));
            }
            targets.forEach((queue, target) -> set(group, new QueueId(topic.name(), queue.queueId()), target));
            waker.moved(wish.group(), wish.topic());
            LOG.info("offsets reset group={} topic={} to={}", group, topic.name(), targets.values());
            return new QueueOffsets(targets);
        });
    }

    private long target(QueueId id, OffsetReset wish) {
        @Nullable ConsumeQueue queue = queues.find(id);
        long min = queue == null ? 0 : queue.minOffset();
        long max = queue == null ? 0 : queue.maxOffset();
        if (wish.namesOffset()) {
            if (wish.offset() >= min && wish.offset() <= max) return wish.offset();
            throw Refusals.refuse(
                    Refusal.INVALID_ARGUMENT,
                    "offset " + wish.offset() + " of " + id.topic() + "/" + id.index() + " is not within " + min
                            + " and the queue's end " + max);
        }
        if (queue == null || wish.millis() < 0) return max;
        return Math.max(min, Math.min(max, queue.firstOffsetSince(wish.millis())));
    }

    /** Pending first: a commit that comes in between is then overwritten, or at the latest undone by the next pull. */
    private void set(GroupName group, QueueId queue, long offset) {
        resets.add(group, queue, offset);
        offsets.commit(group, queue, offset);
    }

    @Override
    public Future<Void> copyOffsets(String source, String target, @Nullable String topic) {
        return queries.run(() -> {
            GroupName from = group(source);
            GroupName to = group(target);
            boolean all = topic == null || topic.isEmpty();
            for (TopicName name : all
                    ? offsets.topicsOf(from)
                    : Set.of(topic(String.valueOf(topic)).name())) {
                offsets.offsets(from, name)
                        .forEach((index, offset) -> offsets.commit(to, new QueueId(name, index), offset));
            }
            LOG.info("offsets copied from={} to={} topic={}", from, to, all ? "all" : topic);
            return null;
        });
    }

    @Override
    public Future<ConsumerOffsetTable> offsets() {
        return queries.run(offsets::table);
    }

    @Override
    public Future<Map<Integer, Long>> corrections(String topicName, String comparedGroup, Set<String> leftOut) {
        return queries.run(() -> {
            TopicName topic = topic(topicName).name();
            Map<Integer, Long> smallest = new TreeMap<>();
            for (GroupName group : offsets.groupsOf(topic)) {
                if (leftOut.contains(group.value())) continue;
                offsets.offsets(group, topic).forEach((index, offset) -> smallest.merge(index, offset, Math::min));
            }
            if (GroupName.problem(comparedGroup) != null) return smallest;
            offsets.offsets(new GroupName(comparedGroup), topic)
                    .forEach((index, offset) ->
                            smallest.computeIfPresent(index, (same, least) -> least > offset ? Long.MAX_VALUE : least));
            return smallest;
        });
    }

    private Topic topic(String name) {
        @Nullable Topic topic = tables.topics().find(name);
        if (topic != null) return topic;
        throw Refusals.refuse(Refusal.TOPIC_NOT_FOUND, "topic `" + name + "` does not exist");
    }

    private GroupName group(String name) {
        @Nullable ConsumerGroup group = tables.groups().find(name);
        if (group != null) return group.name();
        throw Refusals.refuse(Refusal.GROUP_NOT_FOUND, "consumer group `" + name + "` does not exist");
    }

    private <T> Future<T> here(Future<T> elsewhere) {
        Promise<T> here = loop.promise();
        elsewhere.onComplete(here);
        return here.future();
    }
}
