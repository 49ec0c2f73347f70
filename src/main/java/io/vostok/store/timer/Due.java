package io.vostok.store.timer;

/** One delayed message that was handed out: where it is, and whether its delivery is known. Belongs to {@link DelayQueues}. */
public final class Due {
    enum State {
        WAITING,
        FAILED,
        DONE
    }

    final DelayLevel level;
    private final long offset;
    private final long dueMillis;
    private final long position;
    private final int sizeBytes;
    private final boolean early;
    State state = State.WAITING;

    Due(DelayLevel level, long offset, long dueMillis, long position, int sizeBytes, boolean early) {
        this.level = level;
        this.offset = offset;
        this.dueMillis = dueMillis;
        this.position = position;
        this.sizeBytes = sizeBytes;
        this.early = early;
    }

    /** Returns the delay level, 1 for the first. */
    public int level() {
        return level.number;
    }

    /** Tells that it was not due when it was handed out: it goes to where it waits on, not to its real queue. */
    public boolean early() {
        return early;
    }

    /** Returns its offset in the level's queue. */
    public long offset() {
        return offset;
    }

    /** Returns the wall time it waited for, in milliseconds. */
    public long dueMillis() {
        return dueMillis;
    }

    /** Returns where its record starts in the log. */
    public long position() {
        return position;
    }

    /** Returns the size of its record. */
    public int sizeBytes() {
        return sizeBytes;
    }

    @Override
    public String toString() {
        return "level=" + level() + " offset=" + offset + " position=" + position + " due=" + dueMillis;
    }
}
