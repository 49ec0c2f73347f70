package io.vostok.service;

import io.vertx.core.Future;
import io.vostok.broker.Ruling;
import io.vostok.broker.topic.TopicChange;
import io.vostok.broker.topic.TopicTable;
import io.vostok.model.Topic;
import io.vostok.wire.body.QueueUnits;
import io.vostok.wire.body.TopicStats;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Topics, for administrators; see {@link BrokerAdmin} for threads and failures. */
public interface TopicAdmin {
    /** Returns every topic, those of the broker itself too. */
    TopicTable all();

    /** Returns the topic, or TOPIC_NOT_FOUND. */
    Ruling<Topic> find(String topic);

    /** Tells whether the topic belongs to the broker: tools hide it, nobody may change or delete it. */
    boolean isSystem(String topic);

    /** Creates or replaces topics, all of them or none; complete when durable and told to the name servers. */
    Future<Void> change(List<TopicChange> changes);

    /**
     * Deletes a topic, its queues and what groups committed to it, for good: a topic that is created later under the name
     * starts with an empty queue at offset 0. Complete, too, when there is no such topic.
     */
    Future<Void> delete(String topic);

    /** Returns what each queue holds; refused with TOPIC_NOT_FOUND. */
    Future<TopicStats> stats(String topic);

    /** Returns the names of the groups that are subscribed to the topic now, or have committed offsets to it. */
    Set<String> groups(String topic);

    /**
     * Returns the units of a queue as they are on disk, and which of them {@code group} would be given; refused with
     * NO_OFFSET for a queue without messages, NO_MEMBER for a group that is not subscribed now.
     *
     * @param count how many at most; more than the broker's own bound counts as that
     * @param group null for no group
     */
    Future<QueueUnits> units(String topic, int queueId, long fromOffset, int count, @Nullable String group);

    /** Deletes queues whose topic does not exist any more. */
    Future<Void> deleteUnused();
}
