package io.vostok.store.timer;

/** One timer that was handed out: where its message is, and what is to be done. Belongs to {@link Timers}. */
public final class TimerDue {
    final int entry;
    final int generation;
    private final long dueMillis;
    private final long offset;
    private final long position;
    private final int sizeBytes;
    private final Kind kind;
    /** Where in the log its copy ends; 0 when there is none. */
    long copyEnd;
    /** Whom a recall names. */
    String recalled = "";

    /** What is to be done. */
    public enum Kind {
        /** Put the message into its real queue. */
        DELIVER,
        /** Put the message into its real queue before its time, because an operator wants it there. */
        EARLY,
        /** Tell {@link Timers#recall} which message must not be delivered. */
        RECALL,
        /** Append the message to the timer queue again, because the log will soon delete where it is. */
        ROLL
    }

    TimerDue(int entry, int generation, long dueMillis, long offset, long position, int sizeBytes, Kind kind) {
        this.entry = entry;
        this.generation = generation;
        this.dueMillis = dueMillis;
        this.offset = offset;
        this.position = position;
        this.sizeBytes = sizeBytes;
        this.kind = kind;
    }

    /** Returns the wall time it waits for, in milliseconds. */
    public long dueMillis() {
        return dueMillis;
    }

    /** Returns its offset in the timer queue. */
    public long offset() {
        return offset;
    }

    /** Returns where its record starts in the log. */
    public long position() {
        return position;
    }

    /** Returns the size of its record. */
    public int sizeBytes() {
        return sizeBytes;
    }

    /** Tells whether its time has not come: then it still waits in the index. */
    boolean isBeforeItsTime() {
        return kind == Kind.ROLL || kind == Kind.EARLY;
    }

    public Kind kind() {
        return kind;
    }

    @Override
    public String toString() {
        return "offset=" + offset + " position=" + position + " due=" + dueMillis;
    }
}
