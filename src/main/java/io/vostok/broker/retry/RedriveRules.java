package io.vostok.broker.retry;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.pop.PopTopics;
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
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Where dead letters go that an operator sends again, with no attempt counted. Pure; any thread. */
public final class RedriveRules {
    /** Who gets a dead letter again. */
    public enum Target {
        /** The group that gave up on it. */
        GROUP,
        /** Every group of the topic from which it came. */
        TOPIC
    }

    private final TopicRules topicRules;
    private final RandomGenerator random;

    public RedriveRules(TopicRules topicRules, RandomGenerator random) {
        this.topicRules = topicRules;
        this.random = random;
    }

    /** Returns the topic from which a dead letter came, or null when it does not say. */
    public static @Nullable String origin(Function<String, @Nullable String> property) {
        @Nullable String topic = property.apply(MessageProperties.RETRY_TOPIC);
        return topic == null ? property.apply(MessageProperties.DLQ_ORIGIN_TOPIC) : topic;
    }

    /**
     * Decides about one dead letter: Store, CreateTopic or Refuse.
     *
     * @param properties of the dead letter; made those of the copy when the decision is Store
     */
    public RetryDecision decide(
            GroupName name, Target target, PropertiesEditor properties, TopicTable topics, GroupTable groups) {
        @Nullable String origin = origin(properties::get);
        @Nullable String problem = origin == null ? "it names no topic" : TopicName.problem(origin);
        if (origin == null || problem != null) {
            return refuse(Refusal.MESSAGE_ILLEGAL, "the dead letter does not say from which topic it came: " + problem);
        }
        if (target == Target.TOPIC) return toTopic(origin, properties, topics);
        @Nullable ConsumerGroup group = groups.find(name.value());
        if (group == null) {
            return refuse(Refusal.GROUP_NOT_FOUND, "consumer group `" + name + "` does not exist; create it first");
        }
        // A message that was popped comes again through another topic than one that was pulled.
        boolean popped = properties.contains(MessageProperties.DLQ_ORIGIN_TOPIC);
        @Nullable TopicName popRetry = popped ? PopTopics.retryV1(name, new TopicName(origin)) : null;
        @Nullable
        Topic missing = popRetry == null
                ? topicRules.missingRetryTopic(group, topics)
                : topics.find(popRetry.value()) == null ? Topic.of(popRetry, 1, Permission.READ_WRITE) : null;
        if (missing != null) return new RetryDecision.CreateTopic(missing);
        TopicName retry = popRetry == null ? TopicName.retryOf(name) : popRetry;
        @Nullable Topic found = topics.find(retry.value());
        if (found == null) {
            return refuse(Refusal.FORBIDDEN, "group `" + name + "` wants no retries (retryQueueNums 0)");
        }
        if (!found.writable()) return notWritable(found);
        clean(properties);
        properties.put(MessageProperties.RETRY_TOPIC, origin);
        return new RetryDecision.Store(new QueueId(retry, random.nextInt(Math.max(1, found.writeQueues()))), 0);
    }

    private RetryDecision toTopic(String origin, PropertiesEditor properties, TopicTable topics) {
        @Nullable Topic topic = topics.find(origin);
        if (topic == null) return refuse(Refusal.TOPIC_NOT_FOUND, "topic `" + origin + "` does not exist");
        if (!topic.writable() || topic.writeQueues() < 1) return notWritable(topic);
        clean(properties);
        properties.remove(MessageProperties.RETRY_TOPIC);
        return new RetryDecision.Store(new QueueId(topic.name(), random.nextInt(topic.writeQueues())), 0);
    }

    /** It is to be as if it came for the first time. */
    private static void clean(PropertiesEditor properties) {
        properties
                .remove(MessageProperties.DELAY)
                .remove(MessageProperties.REAL_TOPIC)
                .remove(MessageProperties.REAL_QID)
                .remove(MessageProperties.RECONSUME_TIME)
                .remove(MessageProperties.CONSUME_START_TIME)
                .remove(MessageProperties.POP_CK)
                .remove(MessageProperties.FIRST_POP_TIME)
                .remove(MessageProperties.DLQ_ORIGIN_TOPIC)
                .remove(MessageProperties.DLQ_ORIGIN_MESSAGE_ID);
    }

    private static RetryDecision notWritable(Topic topic) {
        return refuse(Refusal.FORBIDDEN, "topic `" + topic.name() + "` is not writable (perm " + topic.perm() + ")");
    }

    private static RetryDecision refuse(Refusal refusal, String words) {
        return new RetryDecision.Refuse(new Refused(refusal, words));
    }
}
