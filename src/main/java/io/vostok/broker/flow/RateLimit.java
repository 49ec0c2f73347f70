package io.vostok.broker.flow;

import java.util.concurrent.atomic.AtomicLong;

/**
 * So many messages a second; what was not used within the last second may come at once.
 *
 * <p>Any thread, without a lock: all that is kept is one number, when everything taken will be paid off. Event loops share
 * it, because the connections of a topic are not spread evenly over them and a share for each would refuse too early.
 */
public final class RateLimit {
    private static final long BURST_NANOS = 1_000_000_000;

    private final long perSecond;
    private final long nanosEach;
    private final AtomicLong paidOffNanos;

    /** @param perSecond at least 1 */
    public RateLimit(long perSecond, long nowNanos) {
        if (perSecond < 1) throw new IllegalArgumentException("a rate is at least 1 a second, was " + perSecond);
        this.perSecond = perSecond;
        this.nanosEach = Math.max(1, BURST_NANOS / perSecond);
        this.paidOffNanos = new AtomicLong(nowNanos);
    }

    public long perSecond() {
        return perSecond;
    }

    /**
     * Takes {@code count} messages if they may come now. More than a second's worth may come when nothing is owed.
     *
     * @return 0 when they were taken, else nanoseconds until they may come
     */
    public long take(int count, long nowNanos) {
        long price = nanosEach * count;
        while (true) {
            long before = paidOffNanos.get();
            long owed = Math.max(0, before - nowNanos);
            if (owed > 0 && owed + price > BURST_NANOS) return Math.min(owed, owed + price - BURST_NANOS);
            if (paidOffNanos.compareAndSet(before, nowNanos + owed + price)) return 0;
        }
    }

    /** Returns 0 when anything may come now, else nanoseconds until it may: for who learns only later how much it was. */
    public long waitNanos(long nowNanos) {
        return Math.max(0, paidOffNanos.get() - nowNanos - BURST_NANOS + 1);
    }

    /** Takes {@code count} messages that have come. */
    public void charge(int count, long nowNanos) {
        long price = nanosEach * count;
        while (true) {
            long before = paidOffNanos.get();
            if (paidOffNanos.compareAndSet(before, nowNanos + Math.max(0, before - nowNanos) + price)) return;
        }
    }
}
