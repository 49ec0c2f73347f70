package io.vostok.broker.topic;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.GroupName;
import io.vostok.model.Permission;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which topics exist, come to be and go (remoting reference 4.2, 7.2, 7.8, 14.1). Pure; any thread. */
public final class TopicRules {
    /** The template that producers name when they have no route for a topic. */
    public static final String TEMPLATE = "TBW102";

    private static final String SCHEDULE = "SCHEDULE_TOPIC_XXXX";
    private static final String TRACE = "RMQ_SYS_TRACE_TOPIC";
    private static final String SELF_TEST = "SELF_TEST_TOPIC";
    private static final String OFFSET_MOVED = "OFFSET_MOVED_EVENT";
    private static final String CHECK_MAX_TIME = "TRANS_CHECK_MAX_TIME_TOPIC";
    private static final String BENCHMARK = "BenchmarkTest";
    private static final String TIMER = "rmq_sys_wheel_timer";
    private static final List<String> TRANSACTION = List.of(
            "RMQ_SYS_TRANS_HALF_TOPIC",
            "RMQ_SYS_TRANS_OP_HALF_TOPIC",
            "RMQ_SYS_ROCKSDB_TRANS_HALF_TOPIC",
            "RMQ_SYS_ROCKSDB_TRANS_OP_HALF_TOPIC");
    private static final String SYSTEM_PREFIX = "rmq_sys_";
    private static final int KNOWN_PERM = Permission.INHERIT | Permission.READ_WRITE | Permission.PRIORITY;
    private static final Set<String> NO_CLIENT_SENDS = Set.of(
            SCHEDULE,
            TIMER,
            TRANSACTION.get(0),
            TRANSACTION.get(1),
            TRANSACTION.get(2),
            TRANSACTION.get(3),
            CHECK_MAX_TIME,
            SELF_TEST,
            OFFSET_MOVED);

    private volatile TopicSettings settings;
    private final Map<String, Topic> system;

    public TopicRules(TopicSettings settings, BrokerIdentity identity) {
        this.settings = settings;
        this.system = systemTopics(settings, identity);
    }

    /** Takes other settings; any thread. */
    public void use(TopicSettings next) {
        settings = next;
    }

    /** Returns the system topics that the table lacks; the template only with auto-creation. */
    public List<Topic> missingAtStart(TopicTable topics) {
        List<Topic> missing = new ArrayList<>();
        for (Topic topic : system.values()) {
            if (wantedAtStart(topic) && topics.find(topic.name().value()) == null) missing.add(topic);
        }
        return missing;
    }

    /** Tells whether name servers hear of the topic: all but the template while nothing may be created from it. */
    public boolean announced(Topic topic) {
        return settings.autoCreateTopics() || !topic.name().value().equals(TEMPLATE);
    }

    /** Tells whether tools hide the topic and nobody may change or delete it. */
    public boolean isSystem(String topic) {
        return system.containsKey(topic) || topic.startsWith(SYSTEM_PREFIX);
    }

    /** Tells whether clients may not send to the topic; the broker itself may. */
    public boolean refusesClientSends(String topic) {
        return NO_CLIENT_SENDS.contains(topic);
    }

    /**
     * Decides what becomes of a send to a topic that the table lacks.
     *
     * @param template the topic the client names to copy from, null or empty for none
     * @param clientQueues how many queues the client wants
     * @param topicSysFlag of the request
     * @return the topic to create, or TOPIC_NOT_FOUND, INVALID_ARGUMENT, or FORBIDDEN when there are too many
     */
    public Ruling<Topic> autoCreate(
            String topic, @Nullable String template, int clientQueues, int topicSysFlag, TopicTable topics) {
        String problem = TopicName.problem(topic);
        if (problem != null) return Ruling.denied(Refusal.INVALID_ARGUMENT, problem);
        if (topic.startsWith(TopicName.RETRY_PREFIX)) return autoCreateRetry(topic, topics);
        if (!settings.autoCreateTopics()) {
            return notFound(topic, "auto-creation is off");
        }
        if (template == null || template.isEmpty()) {
            return notFound(topic, "the producer named no template to create it from");
        }
        Topic source = topics.find(template);
        if (source == null) return notFound(topic, "its template `" + template + "` does not exist either");
        if (!source.inheritable()) return notFound(topic, "`" + template + "` is no template");
        int queues = Math.min(Math.min(clientQueues, source.writeQueues()), settings.maxQueuesPerTopic());
        if (queues < 1) {
            return Ruling.denied(
                    Refusal.INVALID_ARGUMENT,
                    "topic `" + topic + "` cannot be created with " + queues
                            + " queues; the producer's defaultTopicQueueNums must be at least 1");
        }
        Refused full = full(topics);
        if (full != null) return new Ruling.Denied<>(full);
        int perm = source.perm() & ~Permission.INHERIT;
        return Ruling.granted(
                new Topic(new TopicName(topic), queues, queues, perm, false, topicSysFlag, false, Map.of()));
    }

    /** Returns the retry topic of {@code group} if it has yet to be created; null when it exists or the group wants none. */
    public @Nullable Topic missingRetryTopic(ConsumerGroup group, TopicTable topics) {
        TopicName name = TopicName.retryOf(group.name());
        if (group.retryQueues() < 1 || topics.find(name.value()) != null) return null;
        return Topic.of(name, group.retryQueues(), Permission.READ_WRITE);
    }

    /** Returns the dead-letter topic of {@code group} if it has yet to be created, readable from the start. */
    public @Nullable Topic missingDeadLetterTopic(GroupName group, TopicTable topics) {
        TopicName name = new TopicName(TopicName.DLQ_PREFIX + group.value());
        return topics.find(name.value()) != null ? null : Topic.of(name, 1, Permission.READ_WRITE);
    }

    /** Returns the topic as it shall be after an explicit create or update, or why not. */
    public Ruling<Topic> change(TopicChange change, TopicTable topics) {
        String name = change.topic();
        String problem = TopicName.problem(name);
        if (problem != null) return invalid(problem);
        if (isSystem(name)) return invalid("topic `" + name + "` belongs to the broker and cannot be changed");
        if (!validQueues(change.readQueues()) || !validQueues(change.writeQueues())) {
            return invalid("topic `" + name + "` must have 0 to " + settings.maxQueuesPerTopic()
                    + " queues each way, asked were " + change.readQueues() + " to read and " + change.writeQueues()
                    + " to write");
        }
        if (change.readQueues() == 0 && change.writeQueues() == 0) {
            return invalid("topic `" + name + "` needs at least one queue");
        }
        if ((change.perm() & ~KNOWN_PERM) != 0) {
            return invalid("perm " + change.perm() + " has unknown bits; 6 is read and write, 4 read, 2 write");
        }
        Topic current = topics.find(name);
        Refused full = current == null ? full(topics) : null;
        if (full != null) return new Ruling.Denied<>(full);
        Ruling<Map<String, String>> attributes = TopicAttributes.change(
                current == null ? Map.of() : current.attributes(), current == null, change.attributes());
        Refused refused = attributes.refused();
        if (refused != null) return new Ruling.Denied<>(refused);
        return Ruling.granted(new Topic(
                current == null ? new TopicName(name) : current.name(),
                change.readQueues(),
                change.writeQueues(),
                change.perm(),
                change.multiTag(),
                change.sysFlag(),
                change.order(),
                attributes.value()));
    }

    /** Returns the name of the topic that may be deleted; granted also when there is no such topic. */
    public Ruling<TopicName> delete(String topic) {
        String problem = TopicName.problem(topic);
        if (problem != null) return Ruling.denied(Refusal.INVALID_ARGUMENT, problem);
        if (isSystem(topic)) {
            return Ruling.denied(
                    Refusal.INVALID_ARGUMENT, "topic `" + topic + "` belongs to the broker and cannot be deleted");
        }
        return Ruling.granted(new TopicName(topic));
    }

    private Ruling<Topic> autoCreateRetry(String topic, TopicTable topics) {
        String problem = GroupName.problem(topic.substring(TopicName.RETRY_PREFIX.length()));
        if (problem != null) return invalid(problem);
        Refused full = full(topics);
        if (full != null) return new Ruling.Denied<>(full);
        return Ruling.granted(Topic.of(new TopicName(topic), 1, Permission.READ_WRITE));
    }

    private boolean validQueues(int queues) {
        return queues >= 0 && queues <= settings.maxQueuesPerTopic();
    }

    private @Nullable Refused full(TopicTable topics) {
        if (topics.size() < settings.maxTopics()) return null;
        return new Refused(
                Refusal.FORBIDDEN,
                "this broker has " + topics.size() + " topics and takes at most " + settings.maxTopics()
                        + "; delete unused ones or raise the limit");
    }

    private boolean wantedAtStart(Topic topic) {
        String name = topic.name().value();
        if (name.equals(TEMPLATE)) return settings.autoCreateTopics();
        if (name.equals(TRACE)) return settings.traceTopic();
        return true;
    }

    private static Ruling<Topic> notFound(String topic, String why) {
        return Ruling.denied(
                Refusal.TOPIC_NOT_FOUND,
                "topic `" + topic + "` does not exist and " + why
                        + "; create it with `java -jar vostok.jar topic create " + topic + "`");
    }

    private static Ruling<Topic> invalid(String words) {
        return Ruling.denied(Refusal.INVALID_ARGUMENT, words);
    }

    private static Map<String, Topic> systemTopics(TopicSettings settings, BrokerIdentity identity) {
        int all = Permission.INHERIT | Permission.READ_WRITE;
        List<Topic> topics = new ArrayList<>();
        // Names given by the user first: where one is also a fixed name, the fixed topic counts.
        topics.add(topic(identity.cluster(), 16, all));
        topics.add(topic(identity.name(), 1, all));
        topics.add(topic(TEMPLATE, settings.templateQueues(), all));
        topics.add(topic(SELF_TEST, 1, Permission.READ_WRITE));
        topics.add(topic(BENCHMARK, 1024, Permission.READ_WRITE));
        topics.add(topic(OFFSET_MOVED, 1, Permission.READ_WRITE));
        topics.add(topic(SCHEDULE, 18, Permission.READ_WRITE));
        topics.add(topic(TRACE, 1, Permission.READ_WRITE));
        topics.add(topic(identity.cluster() + "_REPLY_TOPIC", 1, Permission.READ_WRITE));
        for (String name : TRANSACTION) topics.add(topic(name, 1, Permission.READ_WRITE));
        topics.add(topic(CHECK_MAX_TIME, 1, Permission.READ_WRITE));
        topics.add(topic(TIMER, 1, Permission.READ_WRITE));
        topics.add(topic(BrokerIdentity.REVIVE_PREFIX + identity.cluster(), 8, Permission.READ_WRITE));
        topics.add(topic(BrokerIdentity.SYNC_PREFIX + identity.name(), 1, Permission.INHERIT));
        Map<String, Topic> byName = new LinkedHashMap<>();
        for (Topic topic : topics) byName.put(topic.name().value(), topic);
        return byName;
    }

    private static Topic topic(String name, int queues, int perm) {
        return Topic.of(new TopicName(name), queues, perm);
    }
}
