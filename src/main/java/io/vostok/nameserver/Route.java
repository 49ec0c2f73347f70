package io.vostok.nameserver;

import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Where a topic lives. Immutable.
 *
 * @param orderConf {@code brokerA:4;brokerB:4} for a topic with an order configuration, else null
 */
public record Route(
        List<Queues> queues,
        List<Brokers> brokers,
        @Nullable String orderConf) {
    /** The queues of the topic on one broker set. */
    public record Queues(String brokerName, TopicQueues queues) {}

    /**
     * One broker set.
     *
     * @param addresses {@code ip:port} by broker id
     * @param zone null when the set named none
     */
    public record Brokers(
            String cluster,
            String name,
            SortedMap<Long, String> addresses,
            @Nullable String zone,
            boolean enableActingMaster) {}
}
