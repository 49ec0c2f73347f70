package io.vostok.store.pop;

import org.jspecify.annotations.Nullable;

/** Something that the revive topic must hold as long as it is not over, and whose time ends. The pop owner's thread. */
public abstract sealed class ReviveEntry permits PopCheckpoint, PopOrder {
    final PopQueue queue;
    /** Tells apart what ends at the same time. */
    final long serial;

    /** On the monotonic clock. */
    long deadlineNanos;
    /** Counts the states of this entry that were given to the log. */
    int version;

    int storedVersion;
    long storedEnd;
    ReviveProgress.@Nullable Needed record;
    boolean unsaved;
    boolean owed;

    ReviveEntry(PopQueue queue, long serial) {
        this.queue = queue;
        this.serial = serial;
    }

    public PopQueue queue() {
        return queue;
    }

    /** Tells whether it was held when {@link InFlight#lastSerial} was this. */
    public boolean heldAt(long lastSerial) {
        return serial <= lastSerial;
    }

    /** Tells whether its record was stored wholly before a position of the log. */
    public boolean storedBefore(long position) {
        return storedEnd > 0 && storedEnd <= position;
    }

    /** Tells whether nothing of it is held any more. */
    public abstract boolean finished();

    /** Returns which state of it is to be written; the log's answer names it. */
    public int version() {
        return version;
    }

    /** Tells whether a restart would have to know of it. */
    boolean needed() {
        return !finished();
    }

    /** The record of its state {@code version} is in the log. */
    void stored(int version, long end) {
        storedVersion = Math.max(storedVersion, version);
        storedEnd = Math.max(storedEnd, end);
    }

    /** Tells whether the log is flushed behind the record of this state, or of a later one. */
    boolean durable(int version, long flushed) {
        return storedVersion >= version && storedEnd <= flushed;
    }

    /** Tells whether a record of it is on its way to the log. */
    boolean storing() {
        return version > storedVersion;
    }

    static int byDeadline(ReviveEntry one, ReviveEntry other) {
        long difference = one.deadlineNanos - other.deadlineNanos;
        return difference != 0 ? Long.signum(difference) : Long.compare(one.serial, other.serial);
    }
}
