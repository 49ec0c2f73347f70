package io.vostok.nameserver;

import io.vostok.model.DataVersion;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The master and slaves of one broker name, and the queues their topics have. Owned by {@link RouteTable}. */
final class BrokerSet {
    final String name;
    final TreeMap<Long, Member> members = new TreeMap<>();
    /** Queues by topic. */
    final Map<String, TopicQueues> queues = new HashMap<>();

    String cluster;

    @Nullable
    String zone;

    boolean actingMaster;

    BrokerSet(String name, String cluster) {
        this.name = name;
        this.cluster = cluster;
    }

    boolean hasMaster() {
        return members.containsKey(RouteTable.MASTER_ID);
    }

    @Nullable
    Member at(String address) {
        for (Member member : members.values()) {
            if (member.broker.address().equals(address)) return member;
        }
        return null;
    }

    /** Addresses by id, as a copy. */
    NavigableMap<Long, String> addresses() {
        var addresses = new TreeMap<Long, String>();
        members.forEach((id, member) -> addresses.put(id, member.broker.address()));
        return addresses;
    }

    /** One live broker process. */
    static final class Member {
        final BrokerId broker;
        final long id;
        final Object connection;
        final String haAddress;
        final DataVersion version;
        final long timeoutNanos;
        long lastHeardNanos;

        Member(Registration from, Object connection, long timeoutNanos, long nowNanos) {
            this.broker = from.broker();
            this.id = from.id();
            this.connection = connection;
            this.haAddress = from.haAddress();
            this.version = from.version();
            this.timeoutNanos = timeoutNanos;
            this.lastHeardNanos = nowNanos;
        }

        long nanosLeft(long nowNanos) {
            return timeoutNanos - (nowNanos - lastHeardNanos);
        }
    }
}
