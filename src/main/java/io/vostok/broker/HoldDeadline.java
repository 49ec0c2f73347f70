package io.vostok.broker;

/**
 * When a request is answered that found nothing and is held. Deadlines fall on a grid, so that one wake-up of the event loop
 * answers many: with thousands of idle consumers the wake-ups cost more than the answers.
 */
public final class HoldDeadline {
    /** A request is held for its time and this share of it at most; Apache's broker looks for those whose time is over every 5 s. */
    private static final int SHARE = 64;

    private static final long NANOS_PER_MILLI = 1_000_000;

    private HoldDeadline() {}

    /**
     * Returns the deadline on the monotonic clock.
     *
     * @param holdMillis how long it is held at least
     */
    public static long of(long nowNanos, long holdMillis) {
        long earliest = nowNanos + holdMillis * NANOS_PER_MILLI;
        long grid = Long.highestOneBit(holdMillis / SHARE) * NANOS_PER_MILLI;
        return grid == 0 ? earliest : earliest + Math.floorMod(-earliest, grid);
    }
}
