package io.vostok.model;

import org.jspecify.annotations.Nullable;

/**
 * The configuration of a consumer group, with the fields of Apache's SubscriptionGroupConfig (remoting reference 14.2).
 *
 * @param otherFieldsJson {@code groupRetryPolicy}, {@code attributes} and whatever else a peer or file gave and we carry
 *     without reading, as one JSON object text; null when there is none
 */
public record ConsumerGroup(
        GroupName name,
        boolean consumeEnable,
        boolean consumeFromMinEnable,
        boolean consumeBroadcastEnable,
        boolean consumeMessageOrderly,
        int retryQueues,
        int retryMaxTimes,
        long brokerId,
        long whichBrokerWhenConsumeSlowly,
        boolean notifyConsumerIdsChanged,
        int sysFlag,
        int consumeTimeoutMinutes,
        @Nullable String otherFieldsJson) {

    /** Returns a group as auto-creation makes it. */
    public static ConsumerGroup of(GroupName name) {
        return new ConsumerGroup(name, true, true, true, false, 1, 16, 0, 1, true, 0, 15, null);
    }

    /** Returns the same group with other {@link #otherFieldsJson}. */
    public ConsumerGroup withOtherFields(@Nullable String json) {
        return new ConsumerGroup(
                name,
                consumeEnable,
                consumeFromMinEnable,
                consumeBroadcastEnable,
                consumeMessageOrderly,
                retryQueues,
                retryMaxTimes,
                brokerId,
                whichBrokerWhenConsumeSlowly,
                notifyConsumerIdsChanged,
                sysFlag,
                consumeTimeoutMinutes,
                json);
    }
}
