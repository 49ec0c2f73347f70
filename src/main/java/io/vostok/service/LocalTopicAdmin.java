package io.vostok.service;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.offset.PendingResets;
import io.vostok.broker.session.ConsumerView;
import io.vostok.broker.session.Subscription;
import io.vostok.broker.topic.TopicChange;
import io.vostok.broker.topic.TopicRules;
import io.vostok.broker.topic.TopicTable;
import io.vostok.metrics.Rates;
import io.vostok.metrics.Tally;
import io.vostok.metrics.Traffic;
import io.vostok.model.GroupName;
import io.vostok.model.QueueId;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import io.vostok.store.ConsumeQueue;
import io.vostok.store.ConsumeQueues;
import io.vostok.store.LogView;
import io.vostok.store.QueueUnit;
import io.vostok.store.meta.ConsumerOffsets;
import io.vostok.time.Clock;
import io.vostok.wire.body.MessageQueue;
import io.vostok.wire.body.QueueUnits;
import io.vostok.wire.body.TopicStats;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Topics of this process's broker, for administrators; used on one event loop. */
final class LocalTopicAdmin implements TopicAdmin {
    private static final Logger LOG = LoggerFactory.getLogger(LocalTopicAdmin.class);

    /** Units of one answer; Apache has no bound. */
    private static final int MOST_UNITS = 1_024;
    /** Topics of one request to create some. */
    private static final int MOST_CHANGES = 1_024;

    private final ContextInternal loop;
    private final Tables tables;
    private final Registry registry;
    private final TopicRules rules;
    private final ConsumeQueues queues;
    private final LogView log;
    private final ConsumerOffsets offsets;
    private final PendingResets resets;
    private final TopicRemoval removal;
    private final Waker waker;
    private final Traffic traffic;
    private final Clock clock;
    private final LocalQueries queries;
    private final String brokerName;

    LocalTopicAdmin(AdminParts parts, TopicRules rules, TopicRemoval removal) {
        this.loop = parts.loop();
        this.tables = parts.tables();
        this.registry = parts.registry();
        this.rules = rules;
        this.queues = parts.queues();
        this.log = parts.log();
        this.offsets = parts.offsets();
        this.resets = parts.resets();
        this.removal = removal;
        this.waker = parts.waker();
        this.traffic = parts.traffic();
        this.clock = parts.clock();
        this.queries = parts.queries();
        this.brokerName = parts.brokerName();
    }

    @Override
    public TopicTable all() {
        return tables.topics();
    }

    @Override
    public Ruling<Topic> find(String topic) {
        @Nullable Topic found = tables.topics().find(topic);
        if (found != null) return Ruling.granted(found);
        @Nullable String problem = TopicName.problem(topic);
        return Ruling.denied(
                Refusal.TOPIC_NOT_FOUND, problem != null ? problem : "topic `" + topic + "` does not exist");
    }

    @Override
    public boolean isSystem(String topic) {
        return rules.isSystem(topic);
    }

    @Override
    public Future<Void> change(List<TopicChange> changes) {
        if (changes.size() > MOST_CHANGES) {
            return Future.failedFuture(Refusals.refuse(
                    Refusal.INVALID_ARGUMENT, "at most " + MOST_CHANGES + " topics can be changed at once"));
        }
        return here(registry.change((topics, groups, now) -> {
            TopicTable next = topics;
            for (TopicChange change : changes) {
                Ruling<Topic> ruling = rules.change(change, next);
                @Nullable Refused refused = ruling.refused();
                if (refused != null) return new Registry.Outcome(topics, groups, refused);
                next = next.with(ruling.value(), now);
            }
            return new Registry.Outcome(next, groups, null);
        }));
    }

    @Override
    public Future<Void> delete(String topic) {
        Ruling<TopicName> ruling = rules.delete(topic);
        @Nullable Refused refused = ruling.refused();
        if (refused != null) return Future.failedFuture(new Registry.RefusedException(refused));
        TopicName name = ruling.value();
        List<TopicName> all = new ArrayList<>(List.of(name));
        for (GroupName group : offsets.groupsOf(name)) {
            String popRetry = TopicName.RETRY_PREFIX + group + "_" + name;
            if (tables.topics().find(popRetry) != null) all.add(new TopicName(popRetry));
        }
        return delete(all);
    }

    private Future<Void> delete(List<TopicName> names) {
        Future<Void> removed = registry.change((topics, groups, now) -> {
            TopicTable next = topics;
            for (TopicName name : names) next = next.without(name, now);
            return new Registry.Outcome(next, groups, null);
        });
        for (TopicName name : names) removed = removed.compose(done -> takeAway(name));
        return here(removed);
    }

    private Future<Void> takeAway(TopicName name) {
        return removal.remove(name).compose(done -> {
            offsets.removeTopic(name);
            resets.forget((group, topic) -> topic.equals(name));
            traffic.forget((topic, group) -> topic.equals(name.value()));
            waker.deleted(name);
            LOG.info("topic deleted topic={}", name);
            return Future.succeededFuture();
        });
    }

    @Override
    public Future<TopicStats> stats(String topic) {
        return queries.run(() -> {
            Topic is = Refusals.orThrow(find(topic));
            Map<MessageQueue, TopicStats.Range> ranges = new LinkedHashMap<>();
            for (int index = 0; index < Math.max(is.readQueues(), is.writeQueues()); index++) {
                @Nullable ConsumeQueue queue = queues.find(new QueueId(is.name(), index));
                ranges.put(new MessageQueue(topic, brokerName, index), range(queue));
            }
            @Nullable Rates rates = traffic.puts().rates(topic, Tally.NO_GROUP, clock.monotonicNanos());
            return new TopicStats(ranges, rates == null ? 0 : rates.minute().perSecond());
        });
    }

    private TopicStats.Range range(@Nullable ConsumeQueue queue) {
        if (queue == null) return new TopicStats.Range(0, 0, 0);
        long min = queue.minOffset();
        long max = queue.maxOffset();
        long last = max > min ? log.storeMillis(queue.position(max - 1)) : -1;
        return new TopicStats.Range(min, max, Math.max(0, last));
    }

    @Override
    public Set<String> groups(String topic) {
        Set<String> groups = new TreeSet<>();
        for (ConsumerView online : tables.subscriptions().all()) {
            if (online.subscription(topic) != null) groups.add(online.group());
        }
        if (TopicName.problem(topic) == null) {
            for (GroupName group : offsets.groupsOf(new TopicName(topic))) groups.add(group.value());
        }
        return groups;
    }

    @Override
    public Future<QueueUnits> units(String topic, int queueId, long fromOffset, int count, @Nullable String group) {
        return queries.run(() -> {
            @Nullable
            ConsumeQueue queue = queueId < 0 || TopicName.problem(topic) != null
                    ? null
                    : queues.find(new QueueId(new TopicName(topic), queueId));
            if (queue == null) {
                throw Refusals.refuse(
                        Refusal.NO_OFFSET, "queue " + queueId + " of topic `" + topic + "` has no messages");
            }
            boolean all = group == null || group.isEmpty();
            return units(queue, fromOffset, count, all ? null : subscription(String.valueOf(group), topic));
        });
    }

    private Subscription subscription(String group, String topic) {
        @Nullable ConsumerView online = tables.subscriptions().find(group);
        @Nullable Subscription wish = online == null ? null : online.subscription(topic);
        if (wish != null) return wish;
        throw Refusals.refuse(
                Refusal.NO_MEMBER, "no consumer of group `" + group + "` is subscribed to `" + topic + "` now");
    }

    private static QueueUnits units(ConsumeQueue queue, long fromOffset, int count, @Nullable Subscription wish) {
        long min = queue.minOffset();
        long max = queue.maxOffset();
        List<QueueUnits.Unit> units = new ArrayList<>();
        QueueUnit unit = new QueueUnit();
        long from = Math.max(min, fromOffset);
        long to = Math.min(max, from + Math.max(0, Math.min(count, MOST_UNITS)));
        for (long offset = from; offset < to; offset++) {
            units.add(
                    queue.read(offset, unit)
                            ? new QueueUnits.Unit(
                                    unit.position(), unit.sizeBytes(), unit.tagsCode(), wanted(wish, unit), note(wish))
                            : new QueueUnits.Unit(0, 0, 0, false, "no message at this offset"));
        }
        return new QueueUnits(wish == null ? null : wish.data(), units, min, max);
    }

    private static boolean wanted(@Nullable Subscription wish, QueueUnit unit) {
        return wish == null || wish.filter().matchesUnit(unit.tagsCode());
    }

    private static @Nullable String note(@Nullable Subscription wish) {
        return wish != null && wish.filter().needsRecord() ? "a condition decides by the message itself" : null;
    }

    @Override
    public Future<Void> deleteUnused() {
        Set<TopicName> unused = new TreeSet<>();
        for (QueueId queue : queues.all()) {
            if (tables.topics().find(queue.topic().value()) == null) unused.add(queue.topic());
        }
        Future<Void> removed = Future.succeededFuture();
        for (TopicName name : unused) removed = removed.compose(done -> takeAway(name));
        return here(removed);
    }

    private <T> Future<T> here(Future<T> elsewhere) {
        Promise<T> here = loop.promise();
        elsewhere.onComplete(here);
        return here.future();
    }
}
