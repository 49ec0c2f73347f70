package io.vostok.nameserver;

import io.vostok.model.DataVersion;
import io.vostok.model.Permission;
import io.vostok.nameserver.BrokerSet.Member;
import io.vostok.nameserver.NameServerEvents.Departure;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which brokers live and which topics they host.
 *
 * <p>One thread. Nothing here looks at a clock: every method that depends on time takes a monotonic reading.
 * <p>Always true: a broker set has at least one member; a topic has at least one broker set; every queue entry belongs
 * to a broker set of the table.
 */
final class RouteTable {
    static final long MASTER_ID = 0;

    private static final long USUAL_TIMEOUT_MILLIS = 120_000;
    private static final long LONGEST_TIMEOUT_MILLIS = 24 * 3_600_000L;
    private static final String SYNC_MEMBER_PREFIX = "rmq_sys_SYNC_BROKER_MEMBER_";

    private final NameServerLimits limits;
    private final NameServerEvents events;
    /** Sets by broker name. */
    private final TreeMap<String, BrokerSet> sets = new TreeMap<>();
    /** Sets by broker name, by topic. */
    private final Map<String, TreeMap<String, BrokerSet>> topics = new HashMap<>();

    private int members;
    private int routes;

    RouteTable(NameServerLimits limits, NameServerEvents events) {
        this.limits = limits;
        this.events = events;
    }

    Result<Registered> register(Registration from, Object connection, NameServerSettings settings, long nowNanos) {
        BrokerId broker = from.broker();
        String problem = problem(from);
        if (problem != null) return Result.denied(Denial.INVALID, problem);

        BrokerSet known = sets.get(broker.name());
        Member holder = known == null ? null : known.members.get(from.id());
        Member before = known == null ? null : known.at(broker.address());
        if (known != null && holder != null && !holder.broker.address().equals(broker.address())) {
            if (holder.version.stateVersion() > from.version().stateVersion()) {
                if (before != null) remove(known, before, Departure.UNREGISTERED, settings);
                events.registrationIgnored(broker, from.id(), holder.broker.address());
                return Result.given(Registered.NOTHING);
            }
        }
        if (holder == null && from.topics().size() == 1) {
            return Result.denied(
                    Denial.NOT_FULLY_REGISTERED,
                    "register broker failed: " + broker.name() + " at " + broker.address()
                            + " sent one topic before its full table");
        }
        String full = limitReached(from, known, holder, before);
        if (full != null) return Result.denied(Denial.LIMIT_REACHED, full);

        BrokerSet set = known == null ? new BrokerSet(broker.name(), broker.cluster()) : known;
        if (known == null) sets.put(broker.name(), set);
        long oldMinId = set.members.isEmpty() ? MASTER_ID : set.members.firstKey();
        if (from.id() == MASTER_ID) set.cluster = broker.cluster();
        set.zone = from.zone();
        set.actingMaster = from.enableActingMaster() != null && from.enableActingMaster();

        // The same address has one id: a slave that became master leaves its old place.
        if (before != null && before.id != from.id()) {
            set.members.remove(before.id);
            members--;
        }
        Member member = new Member(from, connection, timeoutNanos(from), nowNanos);
        if (set.members.put(from.id(), member) == null) members++;

        boolean changed = holder == null || before == null || !before.version.equals(from.version());
        boolean leads =
                from.id() == MASTER_ID || (from.enableActingMaster() != null && from.id() == set.members.firstKey());
        if (leads) takeTopics(set, from, changed, settings);
        if (before == null || before.id != from.id())
            events.brokerCame(broker, from.id(), from.topics().size());
        if (from.id() < oldMinId) tellMinIdChanged(set, null, from.haAddress(), settings);
        return Result.given(masterFor(set, from.id()));
    }

    /** Forgets the broker at this address; unknown ones are none of our business. */
    void unregister(BrokerId broker, NameServerSettings settings) {
        BrokerSet set = sets.get(broker.name());
        if (set == null) return;
        Member member = set.at(broker.address());
        if (member != null) remove(set, member, Departure.UNREGISTERED, settings);
    }

    /** Forgets every broker whose last registration came over {@code connection}. */
    void lost(Object connection, NameServerSettings settings) {
        for (BrokerSet set : List.copyOf(sets.values())) {
            for (Member member : List.copyOf(set.members.values())) {
                if (member.connection == connection) remove(set, member, Departure.CONNECTION_LOST, settings);
            }
        }
    }

    /** Forgets every broker that was silent for longer than it allowed itself. */
    void expire(NameServerSettings settings, long nowNanos) {
        if (nanosToNextExpiry(nowNanos) > 0) return;
        for (BrokerSet set : List.copyOf(sets.values())) {
            for (Member member : List.copyOf(set.members.values())) {
                if (member.nanosLeft(nowNanos) <= 0) remove(set, member, Departure.SILENT, settings);
            }
        }
    }

    /** Returns nanoseconds until a broker will have been silent for too long; {@code Long.MAX_VALUE} without brokers. */
    long nanosToNextExpiry(long nowNanos) {
        long least = Long.MAX_VALUE;
        for (BrokerSet set : sets.values()) {
            for (Member member : set.members.values()) least = Math.min(least, member.nanosLeft(nowNanos));
        }
        return least;
    }

    /** Returns the version of the broker's last registration and marks the broker alive; null when it is unknown. */
    @Nullable
    DataVersion heard(BrokerId broker, long nowNanos) {
        BrokerSet set = sets.get(broker.name());
        Member member = set == null ? null : set.at(broker.address());
        if (member == null || !member.broker.cluster().equals(broker.cluster())) return null;
        member.lastHeardNanos = nowNanos;
        return member.version;
    }

    @Nullable
    Route route(String topic, boolean actingMaster, @Nullable String zone) {
        TreeMap<String, BrokerSet> hosts = topics.get(topic);
        if (hosts == null) return null;
        var queues = new ArrayList<Route.Queues>(hosts.size());
        var brokers = new ArrayList<Route.Brokers>(hosts.size());
        for (BrokerSet set : hosts.values()) {
            TopicQueues of = set.queues.get(topic);
            if (of == null) throw new IllegalStateException("topic " + topic + " without queues on " + set.name);
            NavigableMap<Long, String> addresses = set.addresses();
            if (actingMaster && actsAsMaster(set, topic, of)) {
                addresses.put(MASTER_ID, addresses.remove(addresses.firstKey()));
            }
            if (zone != null && addresses.containsKey(MASTER_ID) && !zone.equalsIgnoreCase(set.zone)) continue;
            queues.add(new Route.Queues(set.name, of));
            brokers.add(view(set, addresses));
        }
        return new Route(List.copyOf(queues), List.copyOf(brokers), null);
    }

    /** Returns every broker set, by name. */
    List<Route.Brokers> brokers() {
        return sets.values().stream().map(set -> view(set, set.addresses())).toList();
    }

    @Nullable
    Map<Long, String> memberAddresses(String brokerName) {
        BrokerSet set = sets.get(brokerName);
        return set == null ? null : Collections.unmodifiableMap(set.addresses());
    }

    List<String> allTopics() {
        return topics.keySet().stream().sorted().toList();
    }

    List<String> topicsOf(String cluster) {
        var found = new TreeSet<String>();
        for (BrokerSet set : sets.values()) {
            if (set.cluster.equals(cluster)) found.addAll(set.queues.keySet());
        }
        return List.copyOf(found);
    }

    /** Returns topics by the flags of the first broker set that hosts them. */
    List<String> topicsWhere(boolean orUnit, boolean unit, boolean unitSubscribed) {
        var found = new TreeSet<String>();
        topics.forEach((topic, hosts) -> {
            TopicQueues first = hosts.firstEntry().getValue().queues.get(topic);
            if (first == null) return;
            boolean unitFits = orUnit || first.unit() == unit;
            boolean subscribedFits = !unitSubscribed || first.unitSubscribed();
            if (unitFits && subscribedFits) found.add(topic);
        });
        return List.copyOf(found);
    }

    /** Sets or clears the write bit of all topics on one broker set; returns how many topics it has. */
    int permitWrites(String brokerName, boolean permit) {
        BrokerSet set = sets.get(brokerName);
        if (set == null) return 0;
        set.queues.replaceAll((topic, queues) ->
                queues.withPerm(permit ? queues.perm() | Permission.WRITE : queues.perm() & ~Permission.WRITE));
        return set.queues.size();
    }

    /** @param cluster only on brokers of this cluster, or null for all */
    void deleteTopic(String topic, @Nullable String cluster) {
        TreeMap<String, BrokerSet> hosts = topics.get(topic);
        if (hosts == null) return;
        for (BrokerSet set : List.copyOf(hosts.values())) {
            if (cluster == null || set.cluster.equals(cluster)) removeQueues(set, topic);
        }
    }

    /** Adds a topic by hand; returns null, or why not. Then nothing was added. */
    @Nullable
    Result<Boolean> registerTopic(String topic, Map<String, TopicQueues> byBroker) {
        for (String name : byBroker.keySet()) {
            if (!sets.containsKey(name)) {
                return Result.denied(
                        Denial.INVALID, "broker " + name + " of topic " + topic + " is not registered here");
            }
        }
        if (routes + byBroker.size() > limits.routes()) {
            return Result.denied(Denial.LIMIT_REACHED, "the name server holds " + routes + " routes, its limit");
        }
        byBroker.forEach((name, queues) -> {
            BrokerSet set = sets.get(name);
            if (set != null) putQueues(set, topic, queues);
        });
        return null;
    }

    private static boolean actsAsMaster(BrokerSet set, String topic, TopicQueues queues) {
        return !set.hasMaster()
                && set.actingMaster
                && !Permission.writable(queues.perm())
                && !topic.startsWith(SYNC_MEMBER_PREFIX);
    }

    private void takeTopics(BrokerSet set, Registration from, boolean changed, NameServerSettings settings) {
        if (settings.deleteTopicWithBrokerRegistration()) {
            var gone = new HashSet<>(set.queues.keySet());
            gone.removeAll(from.topics().keySet());
            for (String topic : gone) removeQueues(set, topic);
        }
        // Without a master the smallest slave speaks for the set, but nobody may write to it.
        boolean readOnly = from.id() != MASTER_ID && set.actingMaster;
        from.topics().forEach((topic, queues) -> {
            if (!changed && set.queues.containsKey(topic)) return;
            putQueues(set, topic, readOnly ? queues.withPerm(queues.perm() & ~Permission.WRITE) : queues);
        });
    }

    private void remove(BrokerSet set, Member member, Departure reason, NameServerSettings settings) {
        boolean wasSmallest = set.members.firstKey() == member.id;
        set.members.remove(member.id);
        members--;
        events.brokerWent(member.broker, member.id, reason);
        if (set.members.isEmpty()) {
            for (String topic : List.copyOf(set.queues.keySet())) removeQueues(set, topic);
            sets.remove(set.name);
            return;
        }
        if (set.actingMaster && !set.hasMaster()) permitWrites(set.name, false);
        if (wasSmallest) tellMinIdChanged(set, member.broker.address(), null, settings);
    }

    private void tellMinIdChanged(
            BrokerSet set, @Nullable String offline, @Nullable String haAddress, NameServerSettings settings) {
        if (!settings.notifyMinBrokerIdChanged()) return;
        NavigableMap<Long, String> targets = set.addresses();
        var smallest = targets.firstEntry();
        // One that just came knows it; the others must hear of it.
        if (offline == null && targets.size() > 1) targets.remove(smallest.getKey());
        events.minBrokerIdChanged(new MinBrokerIdChange(
                set.name, List.copyOf(targets.values()), smallest.getKey(), smallest.getValue(), offline, haAddress));
    }

    private Registered masterFor(BrokerSet set, long id) {
        Member master = set.members.get(MASTER_ID);
        if (id == MASTER_ID || master == null) return Registered.NOTHING;
        return new Registered(master.broker.address(), master.haAddress);
    }

    private void putQueues(BrokerSet set, String topic, TopicQueues queues) {
        if (set.queues.put(topic, queues) != null) return;
        routes++;
        topics.computeIfAbsent(topic, name -> new TreeMap<>()).put(set.name, set);
    }

    private void removeQueues(BrokerSet set, String topic) {
        if (set.queues.remove(topic) == null) return;
        routes--;
        TreeMap<String, BrokerSet> hosts = topics.get(topic);
        if (hosts == null) return;
        hosts.remove(set.name);
        if (hosts.isEmpty()) topics.remove(topic);
    }

    private static Route.Brokers view(BrokerSet set, NavigableMap<Long, String> addresses) {
        return new Route.Brokers(
                set.cluster, set.name, Collections.unmodifiableSortedMap(addresses), set.zone, set.actingMaster);
    }

    private static long timeoutNanos(Registration from) {
        long millis = from.timeoutMillis() == null ? USUAL_TIMEOUT_MILLIS : from.timeoutMillis();
        return Math.min(millis, LONGEST_TIMEOUT_MILLIS) * 1_000_000;
    }

    private @Nullable String problem(Registration from) {
        BrokerId broker = from.broker();
        if (broker.name().isBlank()
                || broker.cluster().isBlank()
                || broker.address().isBlank()) {
            return "a registration needs brokerName, clusterName and brokerAddr";
        }
        if (tooLong(List.of(broker.name(), broker.cluster(), broker.address(), from.haAddress()))
                || (from.zone() != null && tooLong(List.of(from.zone())))
                || tooLong(from.topics().keySet())) {
            return "a name or address is longer than " + limits.nameChars() + " characters";
        }
        if (from.id() < 0) return "brokerId must not be below zero, was " + from.id();
        if (from.timeoutMillis() != null && from.timeoutMillis() <= 0) {
            return "heartbeatTimeoutMillis must be above zero, was " + from.timeoutMillis();
        }
        return null;
    }

    private boolean tooLong(Collection<String> names) {
        for (String name : names) if (name.length() > limits.nameChars()) return true;
        return false;
    }

    private @Nullable String limitReached(
            Registration from, @Nullable BrokerSet known, @Nullable Member holder, @Nullable Member before) {
        if (holder == null && before == null && members >= limits.brokers()) {
            return "the name server holds " + members + " brokers, its limit";
        }
        if (from.topics().size() > limits.topicsPerBroker()) {
            return "broker " + from.broker().name() + " has " + from.topics().size() + " topics, at most "
                    + limits.topicsPerBroker() + " are taken";
        }
        int more = 0;
        for (String topic : from.topics().keySet()) if (known == null || !known.queues.containsKey(topic)) more++;
        if (routes + more <= limits.routes()) return null;
        return "the name server holds " + routes + " routes of its limit of " + limits.routes() + ", broker "
                + from.broker().name() + " would add " + more;
    }
}
