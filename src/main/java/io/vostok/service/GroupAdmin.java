package io.vostok.service;

import io.vertx.core.Future;
import io.vostok.broker.offset.OffsetReset;
import io.vostok.broker.topic.GroupTable;
import io.vostok.model.ConsumerGroup;
import io.vostok.wire.body.ConsumeStats;
import io.vostok.wire.body.ConsumerOffsetTable;
import io.vostok.wire.body.QueueOffsets;
import io.vostok.wire.body.QueueTimes;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Consumer groups and their progress, for administrators; see {@link BrokerAdmin} for threads and failures. */
public interface GroupAdmin {
    /** Returns every group. */
    GroupTable all();

    /** Returns the group, which is created first where groups come to be by themselves; else GROUP_NOT_FOUND. */
    Future<ConsumerGroup> find(String group);

    /** Creates or replaces groups, all of them or none. */
    Future<Void> change(List<ConsumerGroup> groups);

    /**
     * Deletes a group. Complete, too, when there is no such group.
     *
     * @param withOffsets whether its offsets go, too; a group of the same name goes on from them otherwise
     */
    Future<Void> delete(String group, boolean withOffsets);

    /**
     * Permits or forbids a group to read a topic.
     *
     * @param readable null to ask only
     * @return whether it may read it now
     */
    Future<Boolean> permit(String group, String topic, @Nullable Boolean readable);

    /** Returns the names of the topics to which the group has committed. */
    Set<String> topics(String group);

    /**
     * Returns how far the group is.
     *
     * @param topics which to tell about; empty for all to which it has committed and, while it is online, is subscribed
     */
    Future<ConsumeStats> progress(String group, Collection<String> topics);

    /**
     * Returns how far every group is, by group and topic.
     *
     * @param orderlyOnly only topics that were created as ordered
     */
    Future<Map<String, List<ConsumeStats>>> progressOfAll(boolean orderlyOnly);

    /** Returns store times of the messages each queue of the topic begins and ends with, and where the group stands. */
    Future<List<QueueTimes>> times(String group, String topic);

    /**
     * Sets where the group goes on. Members that are online follow with their next pull, before they may commit again.
     *
     * @return the new offset of each queue concerned
     */
    Future<QueueOffsets> reset(OffsetReset wish);

    /**
     * Gives {@code target} the offsets of {@code source}.
     *
     * @param topic null or empty for every topic
     */
    Future<Void> copyOffsets(String source, String target, @Nullable String topic);

    /** Returns all committed offsets. */
    Future<ConsumerOffsetTable> offsets();

    /**
     * Returns, by queue, the smallest offset that a group has committed to the topic; {@code Long.MAX_VALUE} where that of
     * {@code comparedGroup} is smaller.
     *
     * @param leftOut groups that do not count
     */
    Future<Map<Integer, Long>> corrections(String topic, String comparedGroup, Set<String> leftOut);
}
