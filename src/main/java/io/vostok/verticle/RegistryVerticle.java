package io.vostok.verticle;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.internal.ContextInternal;
import io.vostok.broker.topic.GroupTable;
import io.vostok.broker.topic.TopicTable;
import io.vostok.bus.Bell;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.GroupName;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import io.vostok.service.Registry;
import io.vostok.service.Tables;
import io.vostok.store.StoreException;
import io.vostok.store.meta.GroupsFile;
import io.vostok.store.meta.TopicsFile;
import io.vostok.time.Clock;
import io.vostok.wire.body.SubscriptionGroupTable;
import io.vostok.wire.body.TopicConfigTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns topics and groups, on a worker thread because a change is durable before it is published. Changes that wait
 * together are written together.
 */
public final class RegistryVerticle extends VerticleBase implements Registry {
    private static final Logger LOG = LoggerFactory.getLogger(RegistryVerticle.class);

    private record Wish(Change change, Promise<Void> done) {}

    private final Tables tables;
    private final TopicsFile topicsFile;
    private final GroupsFile groupsFile;
    private final Clock clock;
    private final Bell wished;
    private final Supplier<Future<?>> announcement;
    private final Queue<Wish> wishes = new ConcurrentLinkedQueue<>();

    /**
     * @param wished rung and heard by this verticle only
     * @param announcement tells the name servers the topics; a change is complete when they have heard of it
     */
    public RegistryVerticle(
            Tables tables,
            TopicsFile topicsFile,
            GroupsFile groupsFile,
            Clock clock,
            Bell wished,
            Supplier<Future<?>> announcement) {
        this.tables = tables;
        this.topicsFile = topicsFile;
        this.groupsFile = groupsFile;
        this.clock = clock;
        this.wished = wished;
        this.announcement = announcement;
    }

    @Override
    public Future<?> start() {
        wished.hear(this::grant);
        return Future.succeededFuture();
    }

    @Override
    public Future<Void> change(Change change) {
        @Nullable ContextInternal caller = ContextInternal.current();
        Promise<Void> done = caller == null ? Promise.promise() : caller.promise();
        wishes.add(new Wish(change, done));
        wished.ring();
        return done.future();
    }

    private void grant() {
        List<Promise<Void>> granted = new ArrayList<>();
        TopicTable topics = tables.topics();
        GroupTable groups = tables.groups();
        long now = clock.wallMillis();
        for (@Nullable Wish wish = wishes.poll(); wish != null; wish = wishes.poll()) {
            Outcome outcome;
            try {
                outcome = wish.change().apply(topics, groups, now);
            } catch (RuntimeException bug) {
                LOG.error("change of topics or groups failed", bug);
                wish.done().fail(bug);
                continue;
            }
            if (outcome.refused() != null) {
                wish.done().fail(new RefusedException(outcome.refused()));
                continue;
            }
            topics = outcome.topics();
            groups = outcome.groups();
            granted.add(wish.done());
        }
        try {
            publish(topics, groups).onComplete(heard -> granted.forEach(done -> done.complete()));
        } catch (StoreException failure) {
            LOG.error("topics or groups could not be written: {}", failure.getMessage());
            for (Promise<Void> done : granted) done.fail(failure);
        }
    }

    private static TopicConfigTable stored(TopicTable topics) {
        Map<TopicName, Topic> byName = new TreeMap<>();
        for (Topic topic : topics.all()) byName.put(topic.name(), topic);
        return new TopicConfigTable(byName, topics.version(), List.of());
    }

    private static SubscriptionGroupTable stored(GroupTable groups) {
        Map<GroupName, ConsumerGroup> byName = new TreeMap<>();
        for (ConsumerGroup group : groups.all()) byName.put(group.name(), group);
        Map<GroupName, Map<String, Integer>> forbidden = new TreeMap<>();
        groups.forbidden().forEach((group, topics) -> forbidden.put(new GroupName(group), topics));
        return new SubscriptionGroupTable(byName, forbidden, groups.version(), List.of());
    }

    private Future<?> publish(TopicTable topics, GroupTable groups) {
        if (groups != tables.groups()) {
            groupsFile.save(stored(groups));
            tables.groups(groups);
        }
        if (topics == tables.topics()) return Future.succeededFuture();
        topicsFile.save(stored(topics));
        tables.topics(topics);
        return announcement.get();
    }
}
