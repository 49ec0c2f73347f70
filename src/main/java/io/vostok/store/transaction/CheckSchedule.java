package io.vostok.store.transaction;

import org.jspecify.annotations.Nullable;

/**
 * When the producers of a half message are asked what became of it (storage reference 10.5).
 *
 * @param timeoutMillis time after the store of a half message before its first check
 * @param intervalMillis time between its checks
 * @param mostChecks after which it is given up, at the time when the next would be
 */
public record CheckSchedule(long timeoutMillis, long intervalMillis, int mostChecks) {
    /** Checks are put together on a grid of this share of the interval, a second at most: so many at one wake-up. */
    private static final int GRID_SHARE = 30;

    private static final long WIDEST_GRID_MILLIS = 1_000;

    /** Checks that are left at least to a half message when the broker starts. */
    static final int LEFT_AFTER_RESTART = 5;

    /** A longer immunity than any store keeps messages; keeps sums of times in range. */
    private static final long LONGEST_IMMUNITY_SECONDS = 10L * 365 * 24 * 3600;

    public CheckSchedule {
        if (timeoutMillis < 0 || intervalMillis < 1 || mostChecks < 1) {
            throw new IllegalArgumentException("transaction.timeout must not be below zero, checkInterval and checkMax"
                    + " must be at least 1, were " + timeoutMillis + ", " + intervalMillis + ", " + mostChecks);
        }
    }

    /**
     * Returns how long after its store a half message is left alone.
     *
     * @param immunitySeconds its property CHECK_IMMUNITY_TIME_IN_SECONDS, or null; what is no number counts as not given
     */
    public long immunityMillis(@Nullable String immunitySeconds) {
        if (immunitySeconds == null) return timeoutMillis;
        try {
            long seconds = Long.parseLong(immunitySeconds);
            return seconds < 0 ? timeoutMillis : Math.min(seconds, LONGEST_IMMUNITY_SECONDS) * 1_000;
        } catch (NumberFormatException noNumber) {
            return timeoutMillis;
        }
    }

    /** Returns the time, not before {@code millis}, at which something that is due then is looked at. */
    long onGrid(long millis) {
        long grid = Math.max(1, Math.min(WIDEST_GRID_MILLIS, intervalMillis / GRID_SHARE));
        return -Math.floorDiv(-millis, grid) * grid;
    }

    /**
     * Returns how many checks count as done when a half message is found again at the start of the broker. Checks leave no
     * trace in the log, so its age tells; but some are always left, for the broker may have been away the whole time.
     */
    int checksDone(long ageMillis, long immunityMillis) {
        if (ageMillis < immunityMillis) return 0;
        long byAge = 1 + (ageMillis - immunityMillis) / intervalMillis;
        return (int) Math.min(byAge, Math.max(0, mostChecks - LEFT_AFTER_RESTART));
    }
}
