package io.vostok.store;

import java.util.Arrays;

/**
 * How long each delay level waits. The consume queues of the schedule topic hold deliver times made of it.
 *
 * <p>Immutable. Level 1 is the first.
 */
public final class DelayLevels {
    private static final long SECOND = 1_000;
    private static final long MINUTE = 60 * SECOND;

    private final long[] millis;

    /** @throws IllegalArgumentException when there is none or one is below zero */
    public DelayLevels(long... millis) {
        if (millis.length == 0 || Arrays.stream(millis).anyMatch(delay -> delay < 0)) {
            throw new IllegalArgumentException("delay levels must be at least one and none below zero");
        }
        this.millis = millis.clone();
    }

    /** Returns Apache's 18 levels, from a second to two hours. */
    public static DelayLevels defaults() {
        return new DelayLevels(
                SECOND,
                5 * SECOND,
                10 * SECOND,
                30 * SECOND,
                MINUTE,
                2 * MINUTE,
                3 * MINUTE,
                4 * MINUTE,
                5 * MINUTE,
                6 * MINUTE,
                7 * MINUTE,
                8 * MINUTE,
                9 * MINUTE,
                10 * MINUTE,
                20 * MINUTE,
                30 * MINUTE,
                60 * MINUTE,
                120 * MINUTE);
    }

    /** Returns how many levels there are. */
    public int count() {
        return millis.length;
    }

    /** Returns the delay of {@code level}, at least 1; levels above the last are the last. */
    public long millis(int level) {
        return millis[Math.min(level, millis.length) - 1];
    }
}
