package io.vostok.store;

/** Knows of records that must be looked after before their file is deleted. The housekeeping thread asks. */
@FunctionalInterface
public interface DeletionGuard {
    /** Lets everything go. */
    DeletionGuard NONE = endPosition -> true;

    /**
     * Tells whether everything before {@code endPosition} of the log may go. Who says no has taken note, and will say yes
     * one of the next times.
     */
    boolean letsGo(long endPosition);

    /** Returns the guard that lets go what all of {@code guards} let go. Each is asked every time, so that it takes note. */
    static DeletionGuard all(DeletionGuard... guards) {
        return endPosition -> {
            boolean free = true;
            for (DeletionGuard guard : guards) free &= guard.letsGo(endPosition);
            return free;
        };
    }
}
