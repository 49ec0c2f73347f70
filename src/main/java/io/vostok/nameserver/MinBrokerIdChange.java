package io.vostok.nameserver;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The smallest live id of a broker set is another one.
 *
 * @param targets addresses of the members to be told
 * @param offlineAddress the member that went, or null when one came
 * @param haAddress replication address of the member that came, or null when one went
 */
public record MinBrokerIdChange(
        String brokerName,
        List<String> targets,
        long minId,
        String minAddress,
        @Nullable String offlineAddress,
        @Nullable String haAddress) {}
