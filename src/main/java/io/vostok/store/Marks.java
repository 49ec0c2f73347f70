package io.vostok.store;

import io.vostok.model.Check;

/** The watermarks of one open log: the writer moves appended, the flusher flushed, the dispatcher dispatched. */
final class Marks implements Watermarks {
    private final boolean syncFlush;
    private volatile long appended;
    private volatile long flushed;
    private volatile long dispatched;

    Marks(boolean syncFlush) {
        this.syncFlush = syncFlush;
    }

    @Override
    public long appended() {
        return appended;
    }

    @Override
    public long flushed() {
        return flushed;
    }

    @Override
    public long confirmed() {
        return syncFlush ? flushed : appended;
    }

    @Override
    public long dispatched() {
        return dispatched;
    }

    /** While opening: everything below {@code end} may be read to find out where the log ends. */
    void recovering(long end) {
        appended = end;
    }

    /** Ends opening: the log ends at {@code end}, durably, and is derived to {@code derived}. */
    void recovered(long end, long derived) {
        appended = end;
        flushed = end;
        dispatched = derived;
    }

    void appended(long position) {
        Check.that(position >= appended, "appended {} would fall from {}", position, appended);
        appended = position;
    }

    void flushed(long position) {
        Check.that(position <= appended, "flushed {} beyond appended {}", position, appended);
        Check.that(position >= flushed, "flushed {} would fall from {}", position, flushed);
        flushed = position;
    }

    void dispatched(long position) {
        Check.that(position <= confirmed(), "dispatched {} beyond confirmed {}", position, confirmed());
        Check.that(position >= dispatched, "dispatched {} would fall from {}", position, dispatched);
        dispatched = position;
    }
}
