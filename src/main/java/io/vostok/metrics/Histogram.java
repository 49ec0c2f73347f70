package io.vostok.metrics;

import java.util.concurrent.atomic.AtomicLongArray;

/** Counts values by class. One thread adds, without a lock and without memory; any thread may read, at most a moment late. */
public final class Histogram {
    private final long[] limits;
    /** Of each class, then the sum of the values. */
    private final AtomicLongArray values;

    /** @param limits rising; a value that equals one belongs below it */
    public Histogram(long... limits) {
        this.limits = limits.clone();
        this.values = new AtomicLongArray(limits.length + 2);
    }

    /** Adds {@code times} the same value, not below 0; the histogram's own thread only. */
    public void add(long value, long times) {
        int place = 0;
        while (place < limits.length && value > limits[place]) place++;
        values.setOpaque(place, values.getPlain(place) + times);
        int sum = limits.length + 1;
        values.setOpaque(sum, values.getPlain(sum) + value * times);
    }

    /** Returns what was added. Any thread. */
    public Distribution read() {
        long[] counts = new long[limits.length + 1];
        for (int i = 0; i < counts.length; i++) counts[i] = values.getOpaque(i);
        return new Distribution(counts, values.getOpaque(limits.length + 1));
    }
}
