package io.vostok.broker.pull;

import java.time.Duration;

/**
 * Bounds of pulls; checked on construction.
 *
 * @param brokerPermission bits of {@link io.vostok.model.Permission} of the whole broker
 * @param maxMessages most messages of one answer
 * @param maxBytes most bytes of one answer, unless its first message alone is larger
 * @param usualHold how long a pull waits whose client names no time
 * @param longestHold how long a pull may wait at most; clients give up after 30 s
 */
public record PullSettings(
        int brokerPermission, int maxMessages, int maxBytes, Duration usualHold, Duration longestHold) {
    private static final Duration CLIENT_PATIENCE = Duration.ofSeconds(30);

    public PullSettings {
        if (maxMessages < 1) {
            throw new IllegalArgumentException("most messages of a pull must be at least 1, was " + maxMessages);
        }
        if (maxBytes < 1)
            throw new IllegalArgumentException("most bytes of a pull must be at least 1, was " + maxBytes);
        if (usualHold.isNegative() || usualHold.compareTo(longestHold) > 0) {
            throw new IllegalArgumentException("usual hold must be from 0 to the longest, was " + usualHold);
        }
        if (longestHold.isNegative() || longestHold.compareTo(CLIENT_PATIENCE) >= 0) {
            throw new IllegalArgumentException("longest hold must be below 30 s, was " + longestHold);
        }
    }

    /** Returns the same with another permission of the whole broker. */
    public PullSettings permitting(int permission) {
        return new PullSettings(permission, maxMessages, maxBytes, usualHold, longestHold);
    }

    /** Returns Apache's bounds, and a hold that suits its clients' 15 s and 20 s. */
    public static PullSettings defaults() {
        return new PullSettings(6, 32, 256 * 1024, Duration.ofSeconds(15), Duration.ofSeconds(25));
    }
}
