package io.vostok.bench;

/**
 * When the next message is due at a fixed rate. A message that is late keeps the time at which it was due, so that a slow
 * broker is not measured by fewer, friendlier samples. One thread.
 */
final class Pace {
    private final double gapNanos;
    private final long fromNanos;
    private long given;

    Pace(double perSecond, long fromNanos) {
        gapNanos = 1e9 / perSecond;
        this.fromNanos = fromNanos;
    }

    /** Tells whether a message is due. */
    boolean due(long nowNanos) {
        return nextNanos() - nowNanos <= 0;
    }

    /** Takes the message that is due next and returns the time at which it is. */
    long take() {
        long at = nextNanos();
        given++;
        return at;
    }

    private long nextNanos() {
        return fromNanos + (long) (given * gapNanos);
    }
}
