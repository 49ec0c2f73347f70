package io.vostok.broker.pop;

import io.vostok.broker.topic.GroupTable;
import io.vostok.broker.topic.TopicRules;
import io.vostok.broker.topic.TopicTable;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.GroupName;
import io.vostok.model.MessageProperties;
import io.vostok.model.Permission;
import io.vostok.model.PropertiesEditor;
import io.vostok.model.QueueId;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import org.jspecify.annotations.Nullable;

/**
 * Where a popped message goes that nobody acked in time (storage reference 13.7): to the retry topic of its group and topic, or,
 * after as many attempts as the group permits, to the group's dead letters. Apache's broker never does the latter; there a message
 * that no client gives up on circles for ever. Pure; any thread.
 */
public final class ReviveRules {
    private static final int MOST_ATTEMPTS = 1_000_000_000;

    private final TopicRules topicRules;

    public ReviveRules(TopicRules topicRules) {
        this.topicRules = topicRules;
    }

    /** Decides before the message is read: Drop when nobody can get it, else null. */
    public static ReviveDecision.@Nullable Drop check(
            GroupName group, TopicName stored, TopicTable topics, GroupTable groups) {
        if (groups.find(group.value()) == null) {
            return new ReviveDecision.Drop("consumer group `" + group + "` was deleted");
        }
        if (topics.find(stored.value()) == null) {
            return new ReviveDecision.Drop("topic `" + stored + "` was deleted");
        }
        return null;
    }

    /**
     * Decides about one message.
     *
     * @param stored the topic from which it was popped
     * @param dead whether it shall be a dead letter, whatever its attempts
     * @param reconsumeTimes of the message as it is stored
     * @param messageId the broker's id of the message as it is stored
     * @param properties of the message; made those of the copy when the decision is Store
     */
    public ReviveDecision decide(
            GroupName group,
            TopicName stored,
            boolean dead,
            int reconsumeTimes,
            long popMillis,
            String messageId,
            PropertiesEditor properties,
            TopicTable topics,
            GroupTable groups) {
        ReviveDecision.@Nullable Drop nobody = check(group, stored, topics, groups);
        if (nobody != null) return nobody;
        @Nullable ConsumerGroup consumers = groups.find(group.value());
        int most = consumers == null ? 0 : consumers.retryMaxTimes();
        // A record may hold any number; the copy's must not turn round.
        int attempts = Math.max(0, Math.min(reconsumeTimes, MOST_ATTEMPTS));
        String original = PopTopics.original(stored.value(), group);
        @Nullable
        TopicName retry = PopTopics.isRetry(stored.value(), group) ? stored : PopTopics.retryV1(group, stored);
        boolean gaveUp = dead || attempts >= most || retry == null;
        if (gaveUp || retry == null) return deadLetter(group, original, attempts, messageId, properties, topics);
        if (topics.find(retry.value()) == null) {
            return new ReviveDecision.CreateTopic(Topic.of(retry, 1, Permission.READ_WRITE));
        }
        properties.remove(MessageProperties.POP_CK).put(MessageProperties.ORIGIN_GROUP, group.value());
        if (!properties.contains(MessageProperties.FIRST_POP_TIME)) {
            properties.put(MessageProperties.FIRST_POP_TIME, popMillis);
        }
        fit(properties);
        return new ReviveDecision.Store(new QueueId(retry, 0), attempts + 1);
    }

    private ReviveDecision deadLetter(
            GroupName group,
            String original,
            int attempts,
            String messageId,
            PropertiesEditor properties,
            TopicTable topics) {
        @Nullable Topic missing = topicRules.missingDeadLetterTopic(group, topics);
        if (missing != null) return new ReviveDecision.CreateTopic(missing);
        properties.remove(MessageProperties.POP_CK);
        if (!properties.contains(MessageProperties.RETRY_TOPIC)) {
            properties.put(MessageProperties.RETRY_TOPIC, original);
        }
        if (!properties.contains(MessageProperties.ORIGIN_MESSAGE_ID)) {
            properties.put(MessageProperties.ORIGIN_MESSAGE_ID, messageId);
        }
        properties.put(MessageProperties.DLQ_ORIGIN_TOPIC, original);
        properties.put(MessageProperties.DLQ_ORIGIN_MESSAGE_ID, messageId);
        fit(properties);
        return new ReviveDecision.Store(
                new QueueId(new TopicName(TopicName.DLQ_PREFIX + group.value()), 0), attempts + 1);
    }

    /** A message must not be lost because its properties leave no room for ours. */
    private static void fit(PropertiesEditor properties) {
        for (String ours : new String[] {
            MessageProperties.ORIGIN_GROUP,
            MessageProperties.DLQ_ORIGIN_MESSAGE_ID,
            MessageProperties.DLQ_ORIGIN_TOPIC,
            MessageProperties.ORIGIN_MESSAGE_ID,
            MessageProperties.RETRY_TOPIC,
            MessageProperties.FIRST_POP_TIME
        }) {
            if (properties.length() <= MessageProperties.LARGEST_BYTES) return;
            properties.remove(ours);
        }
    }
}
