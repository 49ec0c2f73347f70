package io.vostok.broker.retry;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.delay.DelayRules;
import io.vostok.broker.topic.GroupTable;
import io.vostok.broker.topic.TopicRules;
import io.vostok.broker.topic.TopicTable;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.MessageProperties;
import io.vostok.model.Permission;
import io.vostok.model.PropertiesEditor;
import io.vostok.model.QueueId;
import io.vostok.model.SysFlag;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Decides about messages that consumers send back (remoting reference 10.1, in its order). One per event loop. */
public final class RetryRules {
    /** The first retry waits on this level: ten seconds with the usual table. */
    private static final int FIRST_LEVEL = 3;

    private static final int MOST_ATTEMPTS = 1_000_000_000;

    private volatile int permission;
    private final TopicRules topicRules;
    private final DelayRules delayRules;
    private final RandomGenerator random;

    /** @param permission bits of {@code model.Permission} of the whole broker */
    public RetryRules(int permission, TopicRules topicRules, DelayRules delayRules, RandomGenerator random) {
        this.permission = permission;
        this.topicRules = topicRules;
        this.delayRules = delayRules;
        this.random = random;
    }

    /** Takes another permission of the whole broker; any thread. */
    public void permission(int bits) {
        permission = bits;
    }

    /** Decides before the message is read: Refuse, Drop, CreateTopic or Read. */
    public RetryDecision check(SendBack wish, TopicTable topics, GroupTable groups) {
        @Nullable ConsumerGroup group = groups.find(wish.group());
        if (group == null) {
            return refuse(
                    Refusal.GROUP_NOT_FOUND, "consumer group `" + wish.group() + "` does not exist; create it first");
        }
        if (!Permission.writable(permission)) {
            return refuse(
                    Refusal.FORBIDDEN, "the broker does not permit sending (broker.permission " + permission + ")");
        }
        if (group.retryQueues() <= 0) return new RetryDecision.Drop();
        @Nullable Topic retryTopic = topics.find(TopicName.retryOf(group.name()).value());
        if (retryTopic == null) {
            @Nullable Topic missing = topicRules.missingRetryTopic(group, topics);
            return missing == null
                    ? refuse(Refusal.FAILED, "the retry topic of group `" + wish.group() + "` cannot be created")
                    : new RetryDecision.CreateTopic(missing);
        }
        if (!retryTopic.writable()) return notWritable(retryTopic);
        return new RetryDecision.Read(group, retryTopic);
    }

    /** Says that the log does not hold what the consumer named. */
    public static Refused notFound(SendBack wish) {
        return new Refused(
                Refusal.FAILED,
                "no message at position " + wish.position() + " of the log; it was deleted, or is not of this broker");
    }

    /**
     * Decides about the message itself: Refuse, CreateTopic or Store.
     *
     * @param topic of the message as it is stored
     * @param reconsumeTimes of the message as it is stored
     * @param messageId the broker's id of the message as it is stored
     * @param properties of the message; made those of the copy when the decision is Store
     */
    public RetryDecision copy(
            SendBack wish,
            RetryDecision.Read read,
            String topic,
            int sysFlag,
            int reconsumeTimes,
            String messageId,
            PropertiesEditor properties,
            TopicTable topics) {
        if (SysFlag.hiddenFromQueues(sysFlag)) return new RetryDecision.Refuse(notFound(wish));
        int most = wish.maxReconsumeTimes() >= 0
                ? wish.maxReconsumeTimes()
                : read.group().retryMaxTimes();
        boolean dead = reconsumeTimes >= most || wish.delayLevel() < 0;
        @Nullable Topic deadLetters = null;
        if (dead) {
            deadLetters = topics.find(TopicName.DLQ_PREFIX + read.group().name().value());
            if (deadLetters == null) {
                @Nullable
                Topic missing = topicRules.missingDeadLetterTopic(read.group().name(), topics);
                return missing == null
                        ? refuse(Refusal.FAILED, "the dead-letter topic of group `" + wish.group() + "` is missing")
                        : new RetryDecision.CreateTopic(missing);
            }
            if (!deadLetters.writable()) return notWritable(deadLetters);
        }
        properties.remove(MessageProperties.CRC32);
        if (!properties.contains(MessageProperties.RETRY_TOPIC)) properties.put(MessageProperties.RETRY_TOPIC, topic);
        if (!properties.contains(MessageProperties.ORIGIN_MESSAGE_ID)) {
            properties.put(MessageProperties.ORIGIN_MESSAGE_ID, messageId);
        }
        properties.put(MessageProperties.WAIT, "false");
        // A record may hold any number; the copy's must not turn round.
        int attempts = Math.max(0, Math.min(reconsumeTimes, MOST_ATTEMPTS));
        int times = attempts + 1;
        if (deadLetters != null) {
            properties.remove(MessageProperties.DELAY);
            return new RetryDecision.Store(new QueueId(deadLetters.name(), 0), times);
        }
        int queues = Math.max(
                1, Math.min(read.group().retryQueues(), read.retryTopic().writeQueues()));
        QueueId target = new QueueId(read.retryTopic().name(), random.nextInt(queues));
        int level = wish.delayLevel() == 0 ? FIRST_LEVEL + attempts : wish.delayLevel();
        return new RetryDecision.Store(delayRules.parkOn(level, target, properties), times);
    }

    private static RetryDecision notWritable(Topic topic) {
        return refuse(
                Refusal.FORBIDDEN,
                "topic `" + topic.name() + "` is not writable (perm " + topic.perm()
                        + "); set perm 6 to permit retries");
    }

    private static RetryDecision refuse(Refusal refusal, String words) {
        return new RetryDecision.Refuse(new Refused(refusal, words));
    }
}
