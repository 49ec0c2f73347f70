package io.vostok.nameserver;

import io.vostok.model.DataVersion;
import io.vostok.nameserver.Result.Given;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Everything a name server knows and decides: live brokers, routes, key-value configuration, settings (remoting
 * reference 7). It knows of no other name server; every broker registers with each.
 *
 * <p>One thread. Time comes in as monotonic nanoseconds; nothing here blocks.
 */
public final class NameServer {
    /** The namespace whose values are the order configurations of topics. */
    public static final String ORDER_TOPICS = "ORDER_TOPIC_CONFIG";

    private final NameServerLimits limits;
    private final NameServerStorage storage;
    private final RouteTable table;
    private final KeyValues keyValues;
    private final long startNanos;
    private NameServerSettings settings;
    private boolean routeWasFound;

    /**
     * @param settings in force until 318 changes them
     * @param stored the key-value configuration as {@code storage} kept it, by namespace and key
     * @param nowNanos the monotonic time of the start, for {@code needWaitForService}
     */
    public NameServer(
            NameServerLimits limits,
            NameServerSettings settings,
            Map<String, Map<String, String>> stored,
            NameServerStorage storage,
            NameServerEvents events,
            long nowNanos) {
        this.limits = limits;
        this.settings = settings;
        this.storage = storage;
        this.table = new RouteTable(limits, events);
        this.keyValues = new KeyValues(limits, stored);
        this.startNanos = nowNanos;
    }

    /**
     * Takes a registration and marks the broker alive.
     *
     * @param connection when it is {@link #lost}, the broker is; compared by identity
     */
    public Result<Registered> register(Registration registration, Object connection, long nowNanos) {
        return table.register(registration, connection, settings, nowNanos);
    }

    /** Forgets a broker; does nothing when it is unknown. */
    public void unregister(BrokerId broker) {
        table.unregister(broker, settings);
    }

    /** Forgets the brokers that registered last over {@code connection}. */
    public void lost(Object connection) {
        table.lost(connection, settings);
    }

    /** Forgets the brokers that were silent for too long. */
    public void expire(long nowNanos) {
        table.expire(settings, nowNanos);
    }

    /** Returns nanoseconds until {@link #expire} may find something, zero or less if now; {@code Long.MAX_VALUE} if never. */
    public long nanosToNextExpiry(long nowNanos) {
        return table.nanosToNextExpiry(nowNanos);
    }

    /** Marks a broker alive and returns the version of its last registration, or null when it is unknown. */
    public @Nullable DataVersion heard(BrokerId broker, long nowNanos) {
        return table.heard(broker, nowNanos);
    }

    /**
     * Finds a topic's brokers.
     *
     * @param zone keep only broker sets of this zone and those without master; null for all
     */
    public Result<Route> route(String topic, @Nullable String zone, long nowNanos) {
        long waitNanos = settings.waitSecondsForService() * 1_000_000_000L;
        if (settings.needWaitForService() && !routeWasFound && nowNanos - startNanos < waitNanos) {
            return Result.denied(Denial.NOT_READY, "name server not ready");
        }
        Route route = table.route(topic, settings.supportActingMaster(), zone);
        if (route == null) {
            return Result.denied(
                    Denial.TOPIC_NOT_FOUND,
                    "No topic route info in name server for the topic: " + topic
                            + "; create the topic, or check that its broker registers here");
        }
        routeWasFound = true;
        if (!settings.orderMessageEnable()) return Result.given(route);
        return Result.given(new Route(route.queues(), route.brokers(), keyValues.get(ORDER_TOPICS, topic)));
    }

    /** Returns the order configurations to send a broker that registered; null for none. */
    public @Nullable Map<String, String> orderTopicsForBrokers() {
        return settings.returnOrderTopicConfigToBroker() ? keyValues.all(ORDER_TOPICS) : null;
    }

    /** Returns every broker set. */
    public List<Route.Brokers> brokers() {
        return table.brokers();
    }

    /** Returns the addresses of a broker set by id; empty when it is unknown. */
    public Map<Long, String> memberAddresses(String brokerName) {
        Map<Long, String> addresses = table.memberAddresses(brokerName);
        return addresses == null ? Map.of() : addresses;
    }

    /** Returns every topic's name, sorted. */
    public Result<List<String>> allTopics() {
        return settings.enableAllTopicList() ? Result.given(table.allTopics()) : switchedOff("enableAllTopicList");
    }

    /** Returns the names of topics on brokers of {@code cluster}, sorted. */
    public Result<List<String>> topicsOf(String cluster) {
        return settings.enableTopicList() ? Result.given(table.topicsOf(cluster)) : switchedOff("enableTopicList");
    }

    /** Returns the topics of units, sorted. */
    public Result<List<String>> unitTopics() {
        return settings.enableTopicList()
                ? Result.given(table.topicsWhere(false, true, false))
                : switchedOff("enableTopicList");
    }

    /** Returns the topics that units subscribe to, sorted. */
    public Result<List<String>> unitSubscribedTopics() {
        return settings.enableTopicList()
                ? Result.given(table.topicsWhere(true, false, true))
                : switchedOff("enableTopicList");
    }

    /** Returns the topics that units subscribe to and that are of no unit themselves, sorted. */
    public Result<List<String>> unitSubscribedPlainTopics() {
        return settings.enableTopicList()
                ? Result.given(table.topicsWhere(false, false, true))
                : switchedOff("enableTopicList");
    }

    /** Returns the names of clusters and brokers, which are topics too, and the address of one broker, null without any. */
    public Result<SystemTopics> systemTopics() {
        if (!settings.enableTopicList()) return switchedOff("enableTopicList");
        var names = new TreeSet<String>();
        String address = null;
        boolean master = false;
        for (Route.Brokers set : table.brokers()) {
            names.add(set.cluster());
            names.add(set.name());
            boolean better = address == null || (!master && set.addresses().containsKey(RouteTable.MASTER_ID));
            if (!better) continue;
            address = set.addresses().get(set.addresses().firstKey());
            master = set.addresses().firstKey() == RouteTable.MASTER_ID;
        }
        return Result.given(new SystemTopics(List.copyOf(names), address));
    }

    /** Clears or sets the write bit of all topics of a broker here; returns the number of topics, 0 for an unknown broker. */
    public int permitWrites(String brokerName, boolean permit) {
        return table.permitWrites(brokerName, permit);
    }

    /** Removes a topic from the routes; a broker that still has it brings it back when its table changes. */
    public void deleteTopic(String topic, @Nullable String cluster) {
        table.deleteTopic(topic, cluster);
    }

    /** Adds a topic on brokers that are registered; all or nothing. */
    public Result<Boolean> registerTopic(String topic, Map<String, TopicQueues> byBroker) {
        if (topic.isBlank() || topic.length() > limits.nameChars()) {
            return Result.denied(Denial.INVALID, "topic name must have 1 to " + limits.nameChars() + " characters");
        }
        Result<Boolean> refused = table.registerTopic(topic, byBroker);
        return refused == null ? Result.given(true) : refused;
    }

    /** Returns a value of the key-value configuration. */
    public Result<String> value(String namespace, String key) {
        String value = keyValues.get(namespace, key);
        if (value != null) return Result.given(value);
        return Result.denied(Denial.KEY_NOT_FOUND, "No config item, Namespace: " + namespace + " Key: " + key);
    }

    /** Returns all values of a namespace by key. */
    public Result<Map<String, String>> values(String namespace) {
        Map<String, String> values = keyValues.all(namespace);
        if (values != null) return Result.given(values);
        return Result.denied(Denial.KEY_NOT_FOUND, "No config item, Namespace: " + namespace);
    }

    /** Sets a value; it is seen at once and durable when the stage of the answer completes. */
    public Result<CompletionStage<Void>> putValue(String namespace, String key, String value) {
        if (namespace.isBlank() || key.isBlank()) return Result.denied(Denial.INVALID, "namespace or key is empty");
        String refused = keyValues.put(namespace, key, value);
        if (refused != null) return Result.denied(Denial.LIMIT_REACHED, refused);
        return Result.given(storage.saveKeyValues(keyValues.snapshot()));
    }

    /** Deletes a value; the deletion is durable when the stage completes. What does not exist is deleted. */
    public CompletionStage<Void> deleteValue(String namespace, String key) {
        keyValues.delete(namespace, key);
        // Saved even when nothing changed: an earlier change may have failed to reach the disk, and this is the retry.
        return storage.saveKeyValues(keyValues.snapshot());
    }

    /** Returns the settings in force. */
    public NameServerSettings settings() {
        return settings;
    }

    /** Changes settings, all or none; durable when the stage of the answer completes. */
    public Result<CompletionStage<Void>> change(Map<String, String> changes) {
        Result<NameServerSettings> changed = settings.with(changes);
        if (changed instanceof Given<NameServerSettings> given) {
            settings = given.value();
            return Result.given(storage.saveSettings(new TreeMap<>(settings.values())));
        }
        var denied = (Result.Denied<NameServerSettings>) changed;
        return Result.denied(denied.why(), denied.words());
    }

    private static <T> Result<T> switchedOff(String setting) {
        return Result.denied(Denial.SWITCHED_OFF, "disable: setting " + setting + " is false");
    }

    /**
     * Topics that every cluster has, and where to ask for more.
     *
     * @param brokerAddress of a master if there is one; null without brokers
     */
    public record SystemTopics(List<String> names, @Nullable String brokerAddress) {
        public SystemTopics {
            names = List.copyOf(names);
        }
    }
}
