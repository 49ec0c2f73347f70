package io.vostok.broker.pop;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.offset.QueueBounds;
import io.vostok.broker.session.ConsumerView;
import io.vostok.broker.session.Subscription;
import io.vostok.broker.session.SubscriptionTable;
import io.vostok.broker.topic.GroupRules;
import io.vostok.broker.topic.GroupTable;
import io.vostok.broker.topic.TopicTable;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.Permission;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import io.vostok.wire.body.GroupAttributes;
import io.vostok.wire.body.PopCheckpointBody;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Who may pop what, checked in the order of remoting reference 8.2, and what acks may name. Pure; any thread. */
public final class PopRules {
    /** A pop is late when the client's time was over this long ago. */
    private static final long GRACE_MILLIS = 500;

    /** Apache's timer takes no longer delays. */
    public static final long LONGEST_INVISIBLE_MILLIS = TimeUnit.DAYS.toMillis(3);

    private static final int LONGEST_ATTEMPT_ID = 256;
    private static final String PRIORITY = "PRIORITY";

    private volatile PopSettings settings;
    private final GroupRules groupRules;

    public PopRules(PopSettings settings, GroupRules groupRules) {
        this.settings = settings;
        this.groupRules = groupRules;
    }

    /** Takes other settings; any thread. */
    public void use(PopSettings next) {
        settings = next;
    }

    /** Returns most bytes of one answer. */
    public int maxBytes() {
        return settings.maxBytes();
    }

    /**
     * Tells whether this pop looks at the queues in the order of their priorities, and at the retry topics last (storage
     * reference 13.3; a message with a priority is in the queue of that number).
     *
     * @param percent a number from 0 to 99, drawn for this pop
     */
    public static boolean byPriority(Topic topic, ConsumerGroup group, boolean order, int percent) {
        return !order
                && PRIORITY.equals(topic.attributes().get("message.type"))
                && percent < GroupAttributes.priorityFactor(group);
    }

    /** Returns the queue that a pop by priority looks at as number {@code turn}, from 0 on. */
    public int queueByPriority(int turn, int queues) {
        return settings.priorityAscending() ? queues - 1 - turn : turn;
    }

    /** Decides what becomes of a pop; the same again when it runs after having waited. */
    public PopCheck check(
            PopRequest pop, TopicTable topics, GroupTable groups, SubscriptionTable online, long nowMillis) {
        long born = pop.bornMillis() <= 0 ? nowMillis : pop.bornMillis();
        long left = Math.min(pop.pollMillis(), born + pop.pollMillis() - nowMillis);
        if (left < -GRACE_MILLIS) return new PopCheck.Late();
        if (!Permission.readable(settings.brokerPermission())) {
            return no(Refusal.FORBIDDEN, "this broker does not permit reading (brokerPermission lacks 4)");
        }
        @Nullable PopCheck invalid = invalid(pop);
        if (invalid != null) return invalid;
        @Nullable Topic topic = topics.find(pop.topic());
        if (topic == null) return unknownTopic(pop.topic());
        if (!topic.readable()) {
            return no(Refusal.FORBIDDEN, "topic `" + pop.topic() + "` does not permit reading (perm lacks 4)");
        }
        if (pop.queueId() >= topic.readQueues() || pop.queueId() < PopRequest.ANY_QUEUE) {
            return no(
                    Refusal.INVALID_ARGUMENT,
                    "queue " + pop.queueId() + " of topic `" + pop.topic() + "` does not exist, it has "
                            + topic.readQueues() + " to read, and -1 means any");
        }
        @Nullable ConsumerGroup group = groups.find(pop.group());
        if (group == null) return unknownGroup(pop.group(), groups);
        if (!group.consumeEnable()) {
            return no(Refusal.FORBIDDEN, "consumer group `" + pop.group() + "` may not consume (consumeEnable=false)");
        }
        if (groups.readForbidden(pop.group(), pop.topic())) {
            return no(
                    Refusal.FORBIDDEN,
                    "consumer group `" + pop.group() + "` is forbidden to read topic `" + pop.topic() + "`");
        }
        Ruling<Subscription> subscription = subscription(pop, topic, online);
        @Nullable Refused malformed = subscription.refused();
        if (malformed != null) return new PopCheck.No(malformed);
        if (!subscription.value().isTag() && !subscription.value().isSql()) {
            return no(
                    Refusal.UNSUPPORTED,
                    "expressions of type `" + pop.expressionType() + "` are not known, only TAG and SQL92 (topic `"
                            + pop.topic() + "`)");
        }
        long hold = Math.max(0, Math.min(left, settings.longestHold().toMillis()));
        return new PopCheck.Read(topic, group, subscription.value().filter(), Math.max(1, pop.maxMessages()), hold);
    }

    private static @Nullable PopCheck invalid(PopRequest pop) {
        if (pop.maxMessages() > PopCheckpointBody.MOST) {
            return no(
                    Refusal.INVALID_ARGUMENT,
                    "maxMsgNums must be at most " + PopCheckpointBody.MOST + ", was " + pop.maxMessages());
        }
        boolean never = pop.invisibleMillis() < 1 || badInvisible(pop.invisibleMillis()) != null;
        if (pop.kind() == PopRequest.Kind.POP && never) {
            return new PopCheck.No(new Refused(Refusal.INVALID_ARGUMENT, invisibleWords(pop.invisibleMillis())));
        }
        @Nullable String attempt = pop.attemptId();
        if (attempt != null && attempt.length() > LONGEST_ATTEMPT_ID) {
            return no(
                    Refusal.INVALID_ARGUMENT,
                    "attemptId must have at most " + LONGEST_ATTEMPT_ID + " characters, has " + attempt.length());
        }
        return null;
    }

    private static Ruling<Subscription> subscription(PopRequest pop, Topic topic, SubscriptionTable online) {
        @Nullable ConsumerView consumers = online.find(pop.group());
        @Nullable Subscription known = consumers == null ? null : consumers.subscription(pop.topic());
        if (known != null && known.isAskedBy(pop.expression(), pop.expressionType())) return Ruling.granted(known);
        return Subscription.parse(topic.name(), pop.expression(), pop.expressionType(), 0);
    }

    /** Returns why a message may not be held for this long, or null; 0 means that it comes again at once. */
    public static @Nullable Refused badInvisible(long millis) {
        if (millis >= 0 && millis <= LONGEST_INVISIBLE_MILLIS) return null;
        return new Refused(Refusal.INVALID_ARGUMENT, invisibleWords(millis));
    }

    private static String invisibleWords(long millis) {
        return "invisibleTime must be from 1 to " + LONGEST_INVISIBLE_MILLIS + " ms, was " + millis;
    }

    /**
     * Returns where a group without offset starts (storage reference 13.3).
     *
     * @param young whether the queue still holds its first message and that one is recent, or the queue is empty
     */
    public static long initialOffset(boolean fromLast, boolean young, QueueBounds queue) {
        long first = Math.max(0, queue.min());
        if (!fromLast) return first;
        return young ? 0 : Math.max(first, queue.max() - 1);
    }

    /** Returns why an ack of this message is refused (remoting reference 8.4), or null. */
    public static @Nullable Refused checkAck(
            String topicName, int queueId, long offset, @Nullable Topic topic, QueueBounds queue) {
        if (topic == null) return ((PopCheck.No) unknownTopic(topicName)).refused();
        if (queueId < 0 || queueId >= topic.readQueues()) {
            return new Refused(
                    Refusal.MESSAGE_ILLEGAL,
                    "queue " + queueId + " of topic `" + topicName + "` does not exist, it has " + topic.readQueues()
                            + " to read");
        }
        if (offset < queue.min() || offset > queue.max()) {
            return new Refused(
                    Refusal.NOT_IN_FLIGHT,
                    "offset " + offset + " of " + topicName + "/" + queueId + " is not within " + queue.min() + " and "
                            + queue.max());
        }
        return null;
    }

    private static PopCheck unknownTopic(String topic) {
        @Nullable String problem = TopicName.problem(topic);
        return no(
                Refusal.TOPIC_NOT_FOUND,
                problem != null
                        ? problem
                        : "topic `" + topic + "` does not exist; create it with `java -jar vostok.jar topic create "
                                + topic + "`");
    }

    private PopCheck unknownGroup(String group, GroupTable groups) {
        Ruling<ConsumerGroup> wanted = groupRules.autoCreate(group, groups);
        @Nullable Refused refused = wanted.refused();
        return refused != null ? new PopCheck.No(refused) : new PopCheck.CreateGroup(wanted.value());
    }

    private static PopCheck no(Refusal refusal, String words) {
        return new PopCheck.No(new Refused(refusal, words));
    }
}
