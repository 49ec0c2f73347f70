package io.vostok.nameserver;

import io.vostok.model.DataVersion;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One registration as a broker sent it.
 *
 * @param id 0 for the master, others are slaves
 * @param zone null when the broker names none
 * @param timeoutMillis how long the broker may be silent, null for the default of 120 s
 * @param enableActingMaster null from brokers older than 5.0
 * @param topics all topics of the broker, by name
 */
public record Registration(
        BrokerId broker,
        long id,
        String haAddress,
        @Nullable String zone,
        @Nullable Long timeoutMillis,
        @Nullable Boolean enableActingMaster,
        DataVersion version,
        Map<String, TopicQueues> topics) {}
