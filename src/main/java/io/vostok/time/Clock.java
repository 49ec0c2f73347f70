package io.vostok.time;

/**
 * The two readings of time the process may take. Any thread.
 *
 * <p>Dates come from {@link #wallMillis()} and may step in both directions; durations come from
 * {@link #monotonicNanos()} and never go back. A fact takes its time once and keeps it.
 */
public interface Clock {
    /** Returns milliseconds since 1970-01-01T00:00Z as the machine believes it; may step. */
    long wallMillis();

    /** Returns nanoseconds from an arbitrary origin; only differences mean anything. */
    long monotonicNanos();
}
