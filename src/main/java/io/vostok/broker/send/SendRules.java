package io.vostok.broker.send;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.topic.GroupTable;
import io.vostok.broker.topic.TopicRules;
import io.vostok.broker.topic.TopicTable;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.FixedProperties;
import io.vostok.model.GroupName;
import io.vostok.model.MessageProperties;
import io.vostok.model.Permission;
import io.vostok.model.PropertiesEditor;
import io.vostok.model.SysFlag;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Decides about sends: the checks of remoting reference 4.2 in its order, and what the broker adds to the properties. */
public final class SendRules {
    /** Stored length is a signed 16-bit number. */
    public static final int MAX_PROPERTIES_BYTES = 32_767;

    /** Bit of a topic's sysFlag. */
    private static final int UNIT = 1;

    private volatile SendSettings settings;
    /** What the broker adds to every single message, by {@code settings}. */
    private volatile FixedProperties added;

    private final TopicRules topicRules;
    private final RandomGenerator random;
    private final UniqueIds uniqueIds;

    public SendRules(SendSettings settings, TopicRules topicRules, RandomGenerator random) {
        this.settings = settings;
        this.added = added(settings);
        this.topicRules = topicRules;
        this.random = random;
        this.uniqueIds = new UniqueIds(random);
    }

    /** Takes other settings; any thread. */
    public void use(SendSettings next) {
        settings = next;
        added = added(next);
    }

    private static FixedProperties added(SendSettings settings) {
        Map<String, String> added = new LinkedHashMap<>();
        added.put(MessageProperties.MSG_REGION, settings.region());
        added.put(MessageProperties.TRACE_ON, Boolean.toString(settings.traceOn()));
        added.put(MessageProperties.CLUSTER, settings.cluster());
        return new FixedProperties(added);
    }

    /**
     * Decides about one send.
     *
     * @param properties of the message, or of the batch as a whole; DELAY is taken out of what becomes a dead letter
     * @param bodyBytes length of the body, or of the encoded batch
     * @param consumesOrderly tells whether a group holds an unexpired queue lock
     */
    public SendDecision decide(
            Send send,
            PropertiesEditor properties,
            int bodyBytes,
            TopicTable topics,
            GroupTable groups,
            Predicate<GroupName> consumesOrderly) {
        @Nullable Topic topic = topics.find(send.topic());
        if (!Permission.writable(settings.permission()) && (topic == null || topic.order())) {
            return refuse(
                    Refusal.FORBIDDEN,
                    "the broker does not permit sending (broker.permission " + settings.permission() + ")");
        }
        if (topic == null) {
            @Nullable String problem = TopicName.problem(send.topic());
            if (problem != null) return refuse(Refusal.INVALID_ARGUMENT, problem);
        }
        if (topicRules.refusesClientSends(send.topic())) {
            return refuse(
                    Refusal.FORBIDDEN, "topic `" + send.topic() + "` belongs to the broker; clients cannot send to it");
        }
        if (topic == null) return create(send, topics, groups);
        if (!topic.writable()) {
            return refuse(
                    Refusal.FORBIDDEN,
                    "topic `" + send.topic() + "` is not writable (perm " + topic.perm()
                            + "); set perm 6 to permit sending");
        }
        int queues = Math.max(topic.writeQueues(), topic.readQueues());
        if (send.queueId() >= queues) {
            return refuse(
                    Refusal.INVALID_ARGUMENT,
                    "queue " + send.queueId() + " of topic `" + send.topic() + "` does not exist, it has " + queues);
        }
        if (topic.name().isRetry())
            return decideRetry(send, properties, bodyBytes, topic, topics, groups, consumesOrderly);
        return store(send, properties, bodyBytes, topic);
    }

    private SendDecision create(Send send, TopicTable topics, GroupTable groups) {
        // Row 7 before row 5: a group that does not exist must not leave a topic behind.
        if (send.topic().startsWith(TopicName.RETRY_PREFIX)
                && groups.find(send.topic().substring(TopicName.RETRY_PREFIX.length())) == null) {
            return groupMissing(send.topic());
        }
        Ruling<Topic> ruling = topicRules.autoCreate(
                send.topic(), send.defaultTopic(), send.defaultQueues(), send.unitMode() ? UNIT : 0, topics);
        @Nullable Refused refused = ruling.refused();
        return refused == null ? new SendDecision.CreateTopic(ruling.value()) : new SendDecision.Refuse(refused);
    }

    /** A group that gave up on a message, or that consumes in order, gets it as a dead letter (reference 10.3). */
    private SendDecision decideRetry(
            Send send,
            PropertiesEditor properties,
            int bodyBytes,
            Topic topic,
            TopicTable topics,
            GroupTable groups,
            Predicate<GroupName> consumesOrderly) {
        @Nullable ConsumerGroup group = groups.find(send.topic().substring(TopicName.RETRY_PREFIX.length()));
        if (group == null) return groupMissing(send.topic());
        if (send.batch()) {
            return refuse(Refusal.MESSAGE_ILLEGAL, "a batch cannot be sent to the retry topic `" + send.topic() + "`");
        }
        int most = send.maxReconsumeTimes() >= 0 ? send.maxReconsumeTimes() : group.retryMaxTimes();
        if (send.reconsumeTimes() <= most && !consumesOrderly.test(group.name())) {
            return store(send, properties, bodyBytes, topic);
        }
        @Nullable
        Topic deadLetters = topics.find(TopicName.DLQ_PREFIX + group.name().value());
        if (deadLetters == null) return new SendDecision.CreateDeadLetterTopic(group.name());
        properties.remove(MessageProperties.DELAY);
        return store(send, properties, bodyBytes, deadLetters);
    }

    private static SendDecision groupMissing(String retryTopic) {
        String group = retryTopic.substring(TopicName.RETRY_PREFIX.length());
        return refuse(Refusal.GROUP_NOT_FOUND, "consumer group `" + group + "` does not exist; create it first");
    }

    private SendDecision store(Send send, PropertiesEditor properties, int bodyBytes, Topic topic) {
        if (bodyBytes == 0) return refuse(Refusal.MESSAGE_ILLEGAL, "the message has no body");
        if (bodyBytes > settings.maxMessageBytes()) {
            return refuse(
                    Refusal.MESSAGE_TOO_LARGE,
                    "the body has " + bodyBytes + " bytes, at most " + settings.maxMessageBytes()
                            + " are taken (store.maxMessageBytes)");
        }
        if (properties.length() > MAX_PROPERTIES_BYTES) {
            return refuse(
                    Refusal.MESSAGE_TOO_LARGE,
                    "the properties have " + properties.length() + " bytes, at most " + MAX_PROPERTIES_BYTES
                            + " are taken");
        }
        @Nullable Refused noTransaction = contradictsTransaction(send, properties);
        if (noTransaction != null) return new SendDecision.Refuse(noTransaction);
        @Nullable Refused notYet = notBuilt(send, properties);
        if (notYet != null) return new SendDecision.Refuse(notYet);
        int queue = send.queueId() >= 0 ? send.queueId() : anyQueue(topic);
        return new SendDecision.Store(topic, send.batch() ? queue : queueByPriority(queue, properties, topic));
    }

    /**
     * A message with a priority goes to the queue of that number, as far as there are queues, so that whoever reads the
     * queues in order gets the urgent ones first. One that is delayed, ordered or transactional loses its priority, as at
     * Apache's 5.5.
     */
    private static int queueByPriority(int queue, PropertiesEditor properties, Topic topic) {
        @Nullable String text = properties.get(MessageProperties.PRIORITY);
        if (text == null || !text.matches("[0-9]{1,9}")) return queue;
        if (properties.contains(MessageProperties.DELAY)
                || timed(properties)
                || properties.contains(MessageProperties.SHARDING_KEY)
                || properties.contains(MessageProperties.TRAN_MSG)) {
            properties.remove(MessageProperties.PRIORITY);
            return queue;
        }
        return Math.min(Integer.parseInt(text), Math.max(0, topic.writeQueues() - 1));
    }

    /** The property decides; flags alone would hide the message for ever. */
    private static @Nullable Refused contradictsTransaction(Send send, PropertiesEditor properties) {
        boolean said = Boolean.parseBoolean(properties.get(MessageProperties.TRAN_MSG));
        if (send.batch() && said) {
            return new Refused(
                    Refusal.MESSAGE_ILLEGAL, "a batch cannot be transactional; send its messages one by one");
        }
        if (!said && SysFlag.hiddenFromQueues(send.sysFlag())) {
            return new Refused(
                    Refusal.MESSAGE_ILLEGAL,
                    "sysFlag " + send.sysFlag()
                            + " is that of a transactional message, but property TRAN_MSG is not true");
        }
        return null;
    }

    /** What would be accepted and then not done is refused (docs/compatibility.md). */
    private static @Nullable Refused notBuilt(Send send, PropertiesEditor properties) {
        if ((send.sysFlag() & (SysFlag.INNER_BATCH | SysFlag.NEED_UNWRAP)) != 0) {
            return new Refused(Refusal.MESSAGE_ILLEGAL, "inner batches (topics with queue.type=BatchCQ) are not built");
        }
        if (send.batch() && (delayLevel(properties) || timed(properties))) {
            return new Refused(Refusal.MESSAGE_ILLEGAL, "a batch cannot be delayed; send its messages one by one");
        }
        return null;
    }

    private static boolean delayLevel(PropertiesEditor properties) {
        @Nullable String level = properties.get(MessageProperties.DELAY);
        return level != null && !level.startsWith("0") && !level.startsWith("-");
    }

    private static boolean timed(PropertiesEditor properties) {
        return properties.contains(MessageProperties.TIMER_DELAY_SEC)
                || properties.contains(MessageProperties.TIMER_DELAY_MS)
                || properties.contains(MessageProperties.TIMER_DELIVER_MS);
    }

    private int anyQueue(Topic topic) {
        return random.nextInt(Math.max(1, topic.writeQueues()));
    }

    /**
     * Puts what the broker adds on a single message, and takes away what clients may not set.
     *
     * @return the message's unique id, made here when the client sent none
     */
    public String complete(PropertiesEditor properties) {
        return complete(properties, properties.get(MessageProperties.UNIQ_KEY));
    }

    /** As {@link #complete(PropertiesEditor)}, for who has looked up the client's unique id {@code given} already. */
    public String complete(PropertiesEditor properties, @Nullable String given) {
        properties.remove(MessageProperties.POP_CK);
        properties.remove(MessageProperties.CRC32);
        @Nullable String uniqueId = given;
        if (uniqueId == null) {
            uniqueId = uniqueIds.next();
            properties.put(MessageProperties.UNIQ_KEY, uniqueId);
        }
        properties.putAll(added);
        return uniqueId;
    }

    private static SendDecision refuse(Refusal refusal, String words) {
        return new SendDecision.Refuse(new Refused(refusal, words));
    }
}
