package io.vostok.metrics;

import java.util.concurrent.atomic.AtomicLongArray;

/** How long something took, in classes. One thread adds, without a lock; any thread may read. */
public final class Durations {
    private static final long[] LIMITS_MICROS = {
        50,
        100,
        200,
        500,
        1_000,
        2_000,
        5_000,
        10_000,
        20_000,
        50_000,
        100_000,
        200_000,
        500_000,
        1_000_000,
        2_000_000,
        3_000_000,
        4_000_000,
        5_000_000,
        10_000_000
    };
    private static final int LONGEST = LIMITS_MICROS.length + 1;

    private final AtomicLongArray counts = new AtomicLongArray(LIMITS_MICROS.length + 2);

    /** Adds {@code times} of the same length; the one thread only. */
    public void add(long nanos, long times) {
        long micros = nanos / 1_000;
        int place = 0;
        while (place < LIMITS_MICROS.length && micros >= LIMITS_MICROS[place]) place++;
        counts.setOpaque(place, counts.getPlain(place) + times);
        if (micros > counts.getPlain(LONGEST)) counts.setOpaque(LONGEST, micros);
    }

    /** Returns the longest time, in milliseconds. */
    public double longestMillis() {
        return counts.getOpaque(LONGEST) / 1_000.0;
    }

    /** Returns how many took at least {@code fromMillis} and less than {@code toMillis}, which must be limits of classes. */
    public long between(long fromMillis, long toMillis) {
        long sum = 0;
        for (int place = 0; place <= LIMITS_MICROS.length; place++) {
            long least = place == 0 ? 0 : LIMITS_MICROS[place - 1];
            if (least >= fromMillis * 1_000 && least < toMillis * 1_000) sum += counts.getOpaque(place);
        }
        return sum;
    }

    /** Returns a time, in milliseconds, that {@code share} of all did not exceed: the upper limit of a class. */
    public double quantileMillis(double share) {
        long all = 0;
        for (int place = 0; place <= LIMITS_MICROS.length; place++) all += counts.getOpaque(place);
        long seen = 0;
        for (int place = 0; place < LIMITS_MICROS.length; place++) {
            seen += counts.getOpaque(place);
            if (seen >= all * share) return all == 0 ? 0 : LIMITS_MICROS[place] / 1_000.0;
        }
        return longestMillis();
    }
}
