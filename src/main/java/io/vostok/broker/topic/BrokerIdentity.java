package io.vostok.broker.topic;

import io.vostok.model.TopicName;

/**
 * Who this broker is to clients and name servers.
 *
 * @param cluster also names topics, so only characters of topic names are allowed
 * @param name likewise; shared by a master and its slaves
 * @param id 0 for a master
 * @param advertisedHost under which clients reach the broker
 * @param port of the remoting front
 */
public record BrokerIdentity(String cluster, String name, long id, String advertisedHost, int port) {
    static final String REVIVE_PREFIX = "rmq_sys_REVIVE_LOG_";
    static final String SYNC_PREFIX = "rmq_sys_SYNC_BROKER_MEMBER_";

    public BrokerIdentity {
        check("cluster", cluster, REVIVE_PREFIX);
        check("name", name, SYNC_PREFIX);
        if (id < 0) throw new IllegalArgumentException("broker id below zero: " + id);
        if (advertisedHost.isEmpty()) throw new IllegalArgumentException("advertised host is empty");
        if (port < 1 || port > 65535) throw new IllegalArgumentException("port not in 1 to 65535: " + port);
    }

    /** Returns {@code host:port} as name servers hand it out. */
    public String address() {
        return advertisedHost + ":" + port;
    }

    /** Returns the topic that holds what is in flight by popping. */
    public TopicName reviveTopic() {
        return new TopicName(REVIVE_PREFIX + cluster);
    }

    /** The longest topic made of the word must be a topic name, too. */
    private static void check(String what, String word, String prefix) {
        String problem = word.isEmpty() ? "it is empty" : TopicName.problem(prefix + word);
        if (problem != null) {
            throw new IllegalArgumentException("broker " + what + " `" + word + "` cannot name topics: " + problem);
        }
    }
}
