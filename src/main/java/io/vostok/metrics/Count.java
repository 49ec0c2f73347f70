package io.vostok.metrics;

import java.util.concurrent.atomic.AtomicLongArray;

/** Messages and bytes since the start. One thread adds, without a lock; any thread may read, at most a moment late. */
public final class Count {
    private static final int MESSAGES = 0;
    private static final int BYTES = 1;
    private static final int FORGOTTEN = 2;

    private final AtomicLongArray values = new AtomicLongArray(3);

    /** Adds; the counter's own thread only. */
    void add(long messages, long bytes) {
        values.setOpaque(MESSAGES, values.getPlain(MESSAGES) + messages);
        values.setOpaque(BYTES, values.getPlain(BYTES) + bytes);
    }

    public long messages() {
        return values.getOpaque(MESSAGES);
    }

    public long bytes() {
        return values.getOpaque(BYTES);
    }

    /** What is added from now on is looked at by nobody. Any thread. */
    void forget() {
        values.setOpaque(FORGOTTEN, 1);
    }

    boolean forgotten() {
        return values.getOpaque(FORGOTTEN) != 0;
    }
}
