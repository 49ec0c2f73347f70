package io.vostok.broker.pop;

import java.time.Duration;

/**
 * Bounds of pops; checked on construction.
 *
 * @param brokerPermission bits of {@link io.vostok.model.Permission} of the whole broker
 * @param maxBytes most bytes of one answer, unless its first message alone is larger
 * @param longestHold how long a pop may wait at most
 * @param priorityAscending whether of a topic with priorities the queue with the highest number comes first
 */
public record PopSettings(int brokerPermission, int maxBytes, Duration longestHold, boolean priorityAscending) {
    public PopSettings {
        if (maxBytes < 1) throw new IllegalArgumentException("most bytes of a pop must be at least 1, was " + maxBytes);
        if (longestHold.isNegative()) throw new IllegalArgumentException("longest hold below zero: " + longestHold);
    }

    /** Returns these bounds with another permission of the whole broker. */
    public PopSettings permitting(int permission) {
        return new PopSettings(permission, maxBytes, longestHold, priorityAscending);
    }
}
