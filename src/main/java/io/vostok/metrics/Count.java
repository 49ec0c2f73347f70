package io.vostok.metrics;

import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/** Messages and bytes since the start. One thread adds, without a lock; any thread may read, at most a moment late. */
public final class Count {
    private static final int MESSAGES = 0;
    private static final int BYTES = 1;
    private static final int FORGOTTEN = 2;

    private final AtomicLongArray values = new AtomicLongArray(3);
    private final @Nullable Histogram sizes;

    /** @param sizeLimits the classes of sizes, none when sizes are not told apart */
    Count(long... sizeLimits) {
        sizes = sizeLimits.length == 0 ? null : new Histogram(sizeLimits);
    }

    /** Adds; the counter's own thread only. */
    void add(long messages, long bytes) {
        values.setOpaque(MESSAGES, values.getPlain(MESSAGES) + messages);
        values.setOpaque(BYTES, values.getPlain(BYTES) + bytes);
        if (sizes != null && messages > 0) sizes.add(messages == 1 ? bytes : bytes / messages, messages);
    }

    public long messages() {
        return values.getOpaque(MESSAGES);
    }

    public long bytes() {
        return values.getOpaque(BYTES);
    }

    /** Returns the sizes, those of one addition taken as equal; null when they are not told apart. */
    @Nullable
    Distribution sizes() {
        return sizes == null ? null : sizes.read();
    }

    /** What is added from now on is looked at by nobody. Any thread. */
    void forget() {
        values.setOpaque(FORGOTTEN, 1);
    }

    boolean forgotten() {
        return values.getOpaque(FORGOTTEN) != 0;
    }
}
