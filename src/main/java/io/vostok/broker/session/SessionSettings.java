package io.vostok.broker.session;

import java.time.Duration;

/**
 * Bounds of what connected clients may make us remember; checked on construction.
 *
 * @param expiry a client that says nothing for so long is forgotten
 * @param maxRegistrations most pairs of a connection and a group it produces or consumes for
 * @param maxGroupsPerHeartbeat most producer and consumer groups of one heartbeat
 * @param maxSubscriptionsPerGroup most topics one member of a group may subscribe to
 */
public record SessionSettings(
        Duration expiry, int maxRegistrations, int maxGroupsPerHeartbeat, int maxSubscriptionsPerGroup) {
    public SessionSettings {
        if (expiry.isNegative() || expiry.isZero()) {
            throw new IllegalArgumentException("expiry of clients must be above zero, was " + expiry);
        }
        if (maxRegistrations < 1 || maxGroupsPerHeartbeat < 1 || maxSubscriptionsPerGroup < 1) {
            throw new IllegalArgumentException("bounds of clients must be at least 1, were " + maxRegistrations + ", "
                    + maxGroupsPerHeartbeat + ", " + maxSubscriptionsPerGroup);
        }
    }

    /** Returns Apache's 120 s, with bounds where Apache has none. */
    public static SessionSettings defaults() {
        return new SessionSettings(Duration.ofMinutes(2), 100_000, 1024, 1024);
    }
}
