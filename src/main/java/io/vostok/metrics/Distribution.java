package io.vostok.metrics;

import java.util.Arrays;

/** How many values fell into which class, and their sum. Never changes. */
public final class Distribution {
    private final long[] counts;
    private final double sum;

    /** @param counts one for each limit, of values up to it and above the limit before, and one for those above all limits */
    Distribution(long[] counts, double sum) {
        this.counts = counts.clone();
        this.sum = sum;
    }

    /** Returns the counts of the classes: of values up to each limit and above the one before, then of those above all. */
    public long[] counts() {
        return counts.clone();
    }

    public double sum() {
        return sum;
    }

    /** Returns how many values there were. */
    public long count() {
        return Arrays.stream(counts).sum();
    }

    /** Returns the same counts, of values in a unit that is {@code times} as large. */
    public Distribution inUnitsOf(double times) {
        return new Distribution(counts, sum / times);
    }

    Distribution plus(Distribution other) {
        long[] both = counts();
        for (int i = 0; i < both.length; i++) both[i] += other.counts[i];
        return new Distribution(both, sum + other.sum);
    }

    /** Returns what {@code before} had more of than this, class by class. */
    Distribution missingOf(Distribution before) {
        long[] missing = new long[counts.length];
        for (int i = 0; i < missing.length; i++) missing[i] = Math.max(0, before.counts[i] - counts[i]);
        return new Distribution(missing, Math.max(0, before.sum - sum));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Distribution that && Arrays.equals(counts, that.counts) && sum == that.sum;
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(counts);
    }

    @Override
    public String toString() {
        return Arrays.toString(counts) + " sum " + sum;
    }
}
