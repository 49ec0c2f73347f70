package io.vostok.broker.pull;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.session.ConsumerView;
import io.vostok.broker.session.Subscription;
import io.vostok.broker.session.SubscriptionTable;
import io.vostok.broker.topic.GroupRules;
import io.vostok.broker.topic.GroupTable;
import io.vostok.broker.topic.TopicTable;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.Permission;
import io.vostok.model.QueueId;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import io.vostok.store.RecordFilter;
import io.vostok.store.transaction.HalfMessages;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Who may pull what, checked in the order of remoting reference 5.2. Pure; any thread. */
public final class PullRules {
    /** Apache's group of its tools. */
    private static final String TOOLS = "TOOLS_CONSUMER";

    private volatile PullSettings settings;
    private final GroupRules groupRules;

    public PullRules(PullSettings settings, GroupRules groupRules) {
        this.settings = settings;
        this.groupRules = groupRules;
    }

    /** Takes other settings; any thread. */
    public void use(PullSettings next) {
        settings = next;
    }

    /** Decides what becomes of a pull; the same again when it runs after having waited. */
    public PullCheck check(PullRequest pull, TopicTable topics, GroupTable groups, SubscriptionTable online) {
        if (!Permission.readable(settings.brokerPermission())) {
            return no(Refusal.FORBIDDEN, "this broker does not permit reading (brokerPermission lacks 4)");
        }
        ConsumerGroup group = groups.find(pull.group());
        if (group == null) return unknownGroup(pull, groups);
        if (!group.consumeEnable()) {
            return no(Refusal.FORBIDDEN, "consumer group `" + pull.group() + "` may not consume (consumeEnable=false)");
        }
        Topic topic = topics.find(pull.topic());
        if (topic == null) return unknownTopic(pull);
        if (HalfMessages.HALVES.topic().equals(topic.name()) && !TOOLS.equals(pull.group())) {
            return no(
                    Refusal.FORBIDDEN,
                    "topic `" + pull.topic() + "` holds messages that are not committed; only tools (group `" + TOOLS
                            + "`) may read it");
        }
        if (!topic.readable()) {
            return no(Refusal.FORBIDDEN, "topic `" + pull.topic() + "` does not permit reading (perm lacks 4)");
        }
        if (pull.queueId() < 0 || pull.queueId() >= topic.readQueues()) {
            return no(
                    Refusal.INVALID_ARGUMENT,
                    "queue " + pull.queueId() + " of topic `" + pull.topic() + "` does not exist, it has "
                            + topic.readQueues() + " to read");
        }
        ConsumerView consumers = online.find(pull.group());
        return pull.carriesSubscription()
                ? bySubscriptionOfRequest(pull, topic, group, groups, consumers)
                : bySubscriptionOfGroup(pull, topic, group, groups, consumers);
    }

    /** Returns how long an empty answer may be held back, in milliseconds; 0 when it must not. */
    public long holdMillis(PullRequest pull) {
        if (!pull.maySuspend()) return 0;
        if (pull.suspendTimeoutMillis() <= 0) {
            return TimeUnit.NANOSECONDS.toMillis(settings.usualHold().toNanos());
        }
        return Math.min(
                pull.suspendTimeoutMillis(),
                TimeUnit.NANOSECONDS.toMillis(settings.longestHold().toNanos()));
    }

    private PullCheck bySubscriptionOfRequest(
            PullRequest pull, Topic topic, ConsumerGroup group, GroupTable groups, @Nullable ConsumerView consumers) {
        // Apache asks for the ban (353) only below; one who forbids a topic means every way of reading it.
        if (groups.readForbidden(pull.group(), pull.topic())) return forbidden(pull);
        Subscription known = consumers == null ? null : consumers.subscription(pull.topic());
        if (known != null && known.isAskedBy(pull.subscription(), pull.expressionType()))
            return read(pull, topic, group, known);
        Ruling<Subscription> parsed =
                Subscription.parse(topic.name(), pull.subscription(), pull.expressionType(), pull.subVersion());
        Refused malformed = parsed.refused();
        return malformed != null ? new PullCheck.No(malformed) : read(pull, topic, group, parsed.value());
    }

    private PullCheck bySubscriptionOfGroup(
            PullRequest pull, Topic topic, ConsumerGroup group, GroupTable groups, @Nullable ConsumerView consumers) {
        if (consumers == null) {
            return no(
                    Refusal.SUBSCRIPTION_NOT_FOUND,
                    "consumer group `" + pull.group() + "` has no live member; its next heartbeat mends this");
        }
        if (consumers.broadcasting() && !group.consumeBroadcastEnable()) {
            return no(
                    Refusal.FORBIDDEN,
                    "consumer group `" + pull.group()
                            + "` may not consume by broadcasting (consumeBroadcastEnable=false)");
        }
        if (groups.readForbidden(pull.group(), pull.topic())) return forbidden(pull);
        Subscription subscription = consumers.subscription(pull.topic());
        if (subscription == null) {
            return no(
                    Refusal.SUBSCRIPTION_NOT_FOUND,
                    "consumer group `" + pull.group() + "` is not subscribed to topic `" + pull.topic()
                            + "`; all members of a group must subscribe to the same topics");
        }
        if (subscription.version() < pull.subVersion()) {
            return no(
                    Refusal.SUBSCRIPTION_OUTDATED,
                    "the broker knows the subscription of `" + pull.group() + "` to `" + pull.topic() + "` of "
                            + subscription.version() + ", the request has " + pull.subVersion()
                            + "; the next heartbeat mends this");
        }
        return read(pull, topic, group, subscription);
    }

    private PullCheck read(PullRequest pull, Topic topic, ConsumerGroup group, Subscription subscription) {
        if (!subscription.isTag() && !subscription.isSql()) {
            return no(
                    Refusal.UNSUPPORTED,
                    "expressions of type `" + subscription.expressionType()
                            + "` are not known, only TAG and SQL92 (topic `" + pull.topic() + "`)");
        }
        RecordFilter filter = subscription.filter();
        int messages = Math.max(1, Math.min(pull.maxMessages(), settings.maxMessages()));
        int bytes = pull.maxBytes() < 1 ? settings.maxBytes() : Math.min(pull.maxBytes(), settings.maxBytes());
        return new PullCheck.Read(
                new QueueId(topic.name(), pull.queueId()), filter, messages, bytes, group, topic.sysFlag());
    }

    private static PullCheck unknownTopic(PullRequest pull) {
        String problem = TopicName.problem(pull.topic());
        if (problem != null) return no(Refusal.TOPIC_NOT_FOUND, problem);
        return no(
                Refusal.TOPIC_NOT_FOUND,
                "topic `" + pull.topic() + "` does not exist; create it with `java -jar vostok.jar topic create "
                        + pull.topic() + "`");
    }

    private PullCheck unknownGroup(PullRequest pull, GroupTable groups) {
        Ruling<ConsumerGroup> wanted = groupRules.autoCreate(pull.group(), groups);
        Refused refused = wanted.refused();
        return refused != null ? new PullCheck.No(refused) : new PullCheck.CreateGroup(wanted.value());
    }

    private static PullCheck forbidden(PullRequest pull) {
        return no(
                Refusal.FORBIDDEN,
                "consumer group `" + pull.group() + "` is forbidden to read topic `" + pull.topic() + "`");
    }

    private static PullCheck no(Refusal refusal, String words) {
        return new PullCheck.No(new Refused(refusal, words));
    }
}
