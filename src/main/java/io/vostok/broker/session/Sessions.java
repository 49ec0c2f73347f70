package io.vostok.broker.session;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.topic.GroupRules;
import io.vostok.broker.topic.GroupTable;
import io.vostok.broker.topic.TopicRules;
import io.vostok.broker.topic.TopicTable;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.GroupName;
import io.vostok.model.Topic;
import io.vostok.wire.body.ConsumerData;
import io.vostok.wire.body.HeartbeatData;
import io.vostok.wire.body.ProducerData;
import io.vostok.wire.body.SubscriptionData;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who is connected as what (remoting reference 6.1 to 6.3). Owned by one thread; others read {@link #table}.
 *
 * <p>Where members of a group contradict each other, Apache lets each heartbeat overwrite the group, so that it changes,
 * and is told to rebalance, twice in half a minute. Here every member keeps what it said and the group is what follows:
 *
 * <ul>
 *   <li>a topic is subscribed while any live member subscribes to it; of different expressions the newest counts;
 *   <li>the way of consuming is that of the member that came, or changed its own, last;
 *   <li>two connections with one client id are both told of changes, the id is listed once, and the connection that came
 *       last stands for it.
 * </ul>
 *
 * <p>{@link ConsumerView#conflict} names the contradiction while it lasts.
 */
public final class Sessions {
    /** What {@link #nextDeadlineNanos} returns when nobody is connected. */
    public static final long NONE = Long.MAX_VALUE;

    private static final int LONGEST_CLIENT_ID = 512;
    private static final int LONGEST_WORD = 64;
    private static final int MOST_SKIPPED_TOLD = 16;

    private final SessionSettings settings;
    private final GroupRules groupRules;
    private final TopicRules topicRules;
    private final long expiryNanos;

    /** Every registration, the one that was silent longest first. */
    private final LinkedHashMap<Registration.Key, Registration> bySilence = new LinkedHashMap<>();

    private final Map<Long, Set<Registration.Key>> byChannel = new HashMap<>();
    private final Map<String, OnlineGroup> consumers = new HashMap<>();
    private final Map<String, Map<Long, Registration>> producers = new HashMap<>();
    /** One registration of each client that produces, whatever the group: where its replies go. */
    private final Map<String, Registration> producersByClient = new HashMap<>();

    private SubscriptionTable table = SubscriptionTable.EMPTY;

    public Sessions(SessionSettings settings, GroupRules groupRules, TopicRules topicRules) {
        this.settings = settings;
        this.groupRules = groupRules;
        this.topicRules = topicRules;
        this.expiryNanos = settings.expiry().toNanos();
    }

    /** Returns the online consumer groups as they are now; the same object while nothing changes. */
    public SubscriptionTable table() {
        return table;
    }

    /**
     * Takes a heartbeat (34).
     *
     * <p>A group that may not be created, has a bad name or would exceed a bound is skipped, as clients expect; the others
     * are registered.
     *
     * @param language number of the client's language on the wire
     * @param version of the client as it sends it
     * @return what follows, or INVALID_ARGUMENT, or BUSY when there are too many clients: then nothing was taken
     */
    public Ruling<Heard> heartbeat(
            HeartbeatData data,
            ClientChannel channel,
            int language,
            int version,
            long nowNanos,
            GroupTable groups,
            TopicTable topics) {
        Refused refused = refuse(data);
        if (refused != null) return new Ruling.Denied<>(refused);
        Member member = new Member(data.clientId(), channel, language, version);
        Pass pass = new Pass(data, member, nowNanos, groups, topics);
        for (ConsumerData consumer : data.consumers()) pass.consumer(consumer);
        for (ProducerData producer : data.producers()) pass.producer(producer);
        return Ruling.granted(pass.heard());
    }

    /** Takes a client out of the groups that are named (35). */
    public List<Notice> unregister(
            ClientChannel channel, @Nullable String producerGroup, @Nullable String consumerGroup) {
        Set<String> changed = new LinkedHashSet<>();
        if (producerGroup != null) remove(new Registration.Key(producerGroup, false, channel.id()), changed);
        if (consumerGroup != null) remove(new Registration.Key(consumerGroup, true, channel.id()), changed);
        return notices(changed);
    }

    /** The connection is gone, and with it whatever was registered for it. */
    public List<Notice> closed(ClientChannel channel) {
        Set<String> changed = new LinkedHashSet<>();
        for (Registration.Key key : List.copyOf(byChannel.getOrDefault(channel.id(), Set.of()))) remove(key, changed);
        return notices(changed);
    }

    /** Forgets those whose time is over. */
    public Gone expire(long nowNanos) {
        Set<String> changed = new LinkedHashSet<>();
        List<ClientChannel> silent = new ArrayList<>();
        while (!bySilence.isEmpty()) {
            Registration oldest = bySilence.values().iterator().next();
            if (oldest.seenNanos + expiryNanos - nowNanos > 0) break;
            remove(oldest.key(), changed);
            if (!byChannel.containsKey(oldest.channel().id())) silent.add(oldest.channel());
        }
        return new Gone(notices(changed), silent);
    }

    /** Returns when {@link #expire} has something to do, on the monotonic clock; {@link #NONE} when nobody is connected. */
    public long nextDeadlineNanos() {
        return bySilence.isEmpty() ? NONE : bySilence.values().iterator().next().seenNanos + expiryNanos;
    }

    /** Returns the live producers of the group, the one that came last at the end; empty when there is none. */
    public List<Member> producers(String group) {
        List<Member> members = new ArrayList<>();
        for (Registration producer : producers.getOrDefault(group, Map.of()).values()) members.add(producer.member);
        return members;
    }

    /** Returns the live client with this id that is registered as a producer of any group, or null. */
    public @Nullable Member producer(String clientId) {
        Registration registration = producersByClient.get(clientId);
        return registration == null ? null : registration.member;
    }

    /** Returns the names of the groups that have live producers. */
    public Collection<String> producerGroups() {
        return Set.copyOf(producers.keySet());
    }

    /** Returns the live producers of every group that has one. */
    public Map<String, List<ProducerView>> producersByGroup() {
        Map<String, List<ProducerView>> byGroup = new HashMap<>();
        producers.forEach((group, members) -> byGroup.put(
                group,
                members.values().stream()
                        .map(each -> new ProducerView(each.member, each.seenNanos))
                        .toList()));
        return byGroup;
    }

    /** Returns how many pairs of connection and group are registered. */
    public int size() {
        return bySilence.size();
    }

    private @Nullable Refused refuse(HeartbeatData data) {
        if (data.clientId().isEmpty() || data.clientId().length() > LONGEST_CLIENT_ID) {
            return new Refused(
                    Refusal.INVALID_ARGUMENT,
                    "clientID must have 1 to " + LONGEST_CLIENT_ID + " characters, has "
                            + data.clientId().length());
        }
        if (data.clientId().chars().anyMatch(Character::isISOControl)) {
            return new Refused(Refusal.INVALID_ARGUMENT, "clientID has control characters");
        }
        int groups = data.consumers().size() + data.producers().size();
        if (groups > settings.maxGroupsPerHeartbeat()) {
            return new Refused(
                    Refusal.INVALID_ARGUMENT,
                    "a heartbeat names " + groups + " groups, at most " + settings.maxGroupsPerHeartbeat()
                            + " are taken");
        }
        return null;
    }

    private void seen(Registration registration, long nowNanos) {
        registration.seenNanos = nowNanos;
        Registration.Key key = registration.key();
        bySilence.remove(key);
        bySilence.put(key, registration);
    }

    private Registration register(String group, boolean consumer, Member member) {
        Registration registration = new Registration(group, consumer, member);
        byChannel
                .computeIfAbsent(member.channel().id(), id -> new LinkedHashSet<>())
                .add(registration.key());
        if (!consumer) producersByClient.put(member.clientId(), registration);
        return registration;
    }

    private void remove(Registration.Key key, Set<String> changed) {
        Registration registration = bySilence.remove(key);
        if (registration == null) return;
        Set<Registration.Key> ofChannel = byChannel.get(key.channel());
        if (ofChannel != null && ofChannel.remove(key) && ofChannel.isEmpty()) byChannel.remove(key.channel());
        if (!key.consumer()) {
            Map<Long, Registration> ofGroup = producers.get(key.group());
            if (ofGroup != null && ofGroup.remove(key.channel()) != null && ofGroup.isEmpty()) {
                producers.remove(key.group());
            }
            forgetClient(registration);
            return;
        }
        OnlineGroup group = consumers.get(key.group());
        if (group == null) return;
        group.remove(registration);
        if (group.isEmpty()) {
            consumers.remove(key.group());
            table = table.without(key.group());
            return;
        }
        group.merge();
        table = table.with(group.view());
        changed.add(key.group());
    }

    /** Another group of the same connection takes its place, if there is one. */
    private void forgetClient(Registration gone) {
        if (!producersByClient.remove(gone.clientId(), gone)) return;
        for (Registration.Key key : byChannel.getOrDefault(gone.channel().id(), Set.of())) {
            Registration other = bySilence.get(key);
            if (other != null && !key.consumer()) producersByClient.put(other.clientId(), other);
        }
    }

    private List<Notice> notices(Set<String> changed) {
        List<Notice> notices = new ArrayList<>();
        for (String name : changed) {
            OnlineGroup group = consumers.get(name);
            if (group == null || !group.notifies()) continue;
            notices.add(new Notice(
                    name, group.members().stream().map(Registration::channel).toList()));
        }
        return notices;
    }

    /** The taking of one heartbeat. */
    private final class Pass {
        private final HeartbeatData data;
        private final Member member;
        private final long nowNanos;
        private final GroupTable groups;
        private final TopicTable topics;
        private final Map<String, ConsumerGroup> groupsToCreate = new LinkedHashMap<>();
        private final Map<String, Topic> topicsToCreate = new LinkedHashMap<>();
        private final Set<String> changed = new LinkedHashSet<>();
        private final List<String> skipped = new ArrayList<>();
        private boolean subChanged;

        Pass(HeartbeatData data, Member member, long nowNanos, GroupTable groups, TopicTable topics) {
            this.data = data;
            this.member = member;
            this.nowNanos = nowNanos;
            this.groups = groups;
            this.topics = topics;
        }

        Heard heard() {
            return new Heard(
                    List.copyOf(groupsToCreate.values()),
                    List.copyOf(topicsToCreate.values()),
                    notices(changed),
                    subChanged,
                    skipped);
        }

        private void skip(String words) {
            if (skipped.size() < MOST_SKIPPED_TOLD) skipped.add(words);
        }

        void producer(ProducerData producer) {
            String group = producer.groupName();
            String problem = GroupName.problem(group);
            if (problem != null) {
                skip(problem);
                return;
            }
            Registration.Key key =
                    new Registration.Key(group, false, member.channel().id());
            Registration registration = bySilence.get(key);
            if (registration == null) {
                if (full(group)) return;
                registration = register(group, false, member);
                producers
                        .computeIfAbsent(group, name -> new LinkedHashMap<>())
                        .put(member.channel().id(), registration);
            }
            registration.member = member;
            seen(registration, nowNanos);
        }

        void consumer(ConsumerData consumer) {
            String problem = GroupName.problem(consumer.groupName());
            if (problem != null) {
                skip(problem);
                return;
            }
            if (full(consumer)) return;
            ConsumerGroup config = config(consumer);
            if (config == null) return;
            String name = config.name().value();
            OnlineGroup group = consumers.computeIfAbsent(name, OnlineGroup::new);
            group.notifies(config.notifyConsumerIdsChanged());
            Registration.Key key =
                    new Registration.Key(name, true, member.channel().id());
            Registration known = bySilence.get(key);
            Registration registration = known != null ? known : register(name, true, member);
            boolean viewChanged = known == null || !known.member.equals(member);
            registration.member = member;
            seen(registration, nowNanos);
            if (known == null) group.add(registration);

            if (followsOther(registration, consumer)) {
                registration.consumeType = consumer.consumeType();
                registration.messageModel = consumer.messageModel();
                registration.consumeFromWhere = consumer.consumeFromWhere();
                group.follow(registration);
                viewChanged = true;
            }
            boolean topicsChanged = false;
            if (subscribe(group, registration, consumer)) {
                topicsChanged = group.merge();
                viewChanged = true;
            }
            if (viewChanged) table = table.with(group.view());
            if (known == null || topicsChanged) changed.add(name);
        }

        /** Returns the group's configuration, new if need be; null when the group is skipped. */
        private @Nullable ConsumerGroup config(ConsumerData consumer) {
            String name = consumer.groupName();
            if (consumer.consumeType().length() > LONGEST_WORD
                    || consumer.messageModel().length() > LONGEST_WORD
                    || consumer.consumeFromWhere().length() > LONGEST_WORD) {
                skip("a consumer group's type, model or start has more than " + LONGEST_WORD + " characters");
                return null;
            }
            ConsumerGroup config = groups.find(name);
            if (config == null) config = groupsToCreate.get(name);
            if (config == null) {
                Ruling<ConsumerGroup> created = groupRules.autoCreate(name, groups);
                Refused refused = created.refused();
                if (refused != null) {
                    skip(refused.words());
                    return null;
                }
                config = created.value();
                groupsToCreate.put(name, config);
            }
            Topic retry = topicRules.missingRetryTopic(config, topics);
            if (retry != null) topicsToCreate.put(retry.name().value(), retry);
            return config;
        }

        /** Tells whether the member is new and no more may come. */
        private boolean full(ConsumerData consumer) {
            Registration.Key key = new Registration.Key(
                    consumer.groupName(), true, member.channel().id());
            return !bySilence.containsKey(key) && full(consumer.groupName());
        }

        private boolean full(String group) {
            if (bySilence.size() < settings.maxRegistrations()) return false;
            skip("group `" + group + "`: this broker has " + bySilence.size() + " clients, the most it takes");
            return true;
        }

        private boolean followsOther(Registration registration, ConsumerData consumer) {
            return !registration.consumeType.equals(consumer.consumeType())
                    || !registration.messageModel.equals(consumer.messageModel())
                    || !registration.consumeFromWhere.equals(consumer.consumeFromWhere());
        }

        /** Takes the member's subscriptions; tells whether they differ from what it said before. */
        private boolean subscribe(OnlineGroup group, Registration registration, ConsumerData consumer) {
            int fingerprint = data.heartbeatFingerprint();
            if (data.withoutSub()) {
                if (registration.hasSubscriptions && registration.fingerprint == fingerprint) return false;
                Registration twin = group.twin(registration, fingerprint);
                if (twin == null || registration.hasSubscriptions) {
                    subChanged = true;
                    return false;
                }
                registration.byTopic = twin.byTopic;
                registration.hasSubscriptions = true;
                registration.fingerprint = fingerprint;
                return true;
            }
            Map<String, Subscription> wishes = wishes(group, registration, consumer);
            boolean same = registration.hasSubscriptions && sameAsBefore(registration.byTopic, wishes);
            registration.byTopic = wishes;
            registration.hasSubscriptions = true;
            registration.fingerprint = fingerprint;
            return !same;
        }

        private Map<String, Subscription> wishes(OnlineGroup group, Registration registration, ConsumerData consumer) {
            Map<String, Subscription> wishes = new HashMap<>();
            for (SubscriptionData wish : consumer.subscriptions()) {
                if (wishes.size() >= settings.maxSubscriptionsPerGroup()) {
                    skip("group `" + consumer.groupName() + "`: only the first " + settings.maxSubscriptionsPerGroup()
                            + " subscriptions were taken");
                    break;
                }
                Subscription known = registration.byTopic.get(wish.topic());
                if (known == null) known = group.known(wish.topic());
                if (known != null && known.isAskedBy(wish.subString(), wish.expressionType())) {
                    wishes.put(wish.topic(), known.at(wish.subVersion()));
                    continue;
                }
                Ruling<Subscription> parsed =
                        Subscription.parse(wish.topic(), wish.subString(), wish.expressionType(), wish.subVersion());
                Refused refused = parsed.refused();
                if (refused != null) skip("group `" + consumer.groupName() + "`: " + refused.words());
                else wishes.put(wish.topic(), parsed.value());
            }
            return wishes;
        }

        private static boolean sameAsBefore(Map<String, Subscription> before, Map<String, Subscription> now) {
            if (!before.equals(now)) return false;
            for (Map.Entry<String, Subscription> wish : now.entrySet()) {
                Subscription old = before.get(wish.getKey());
                if (old == null || old.version() != wish.getValue().version()) return false;
            }
            return true;
        }
    }
}
