package io.vostok.role;

import io.netty.util.internal.OutOfDirectMemoryError;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears what nobody handled. A heap that is exhausted ends the process at once, as {@code -XX:+ExitOnOutOfMemoryError} would,
 * which a jar cannot ask for: anything may have stopped half way, and a start anew is sound. Any thread.
 */
public final class LastResort {
    /** As the JVM's own. */
    static final int OUT_OF_MEMORY = 3;

    private static final Logger LOG = LoggerFactory.getLogger(LastResort.class);

    private LastResort() {}

    /** Ends the process when the heap is exhausted; logs anything else. */
    public static void handle(Throwable failure) {
        if (heapIsExhausted(failure)) {
            try {
                LOG.error("the heap is exhausted, ending at once; give more memory with -Xmx");
            } finally {
                Runtime.getRuntime().halt(OUT_OF_MEMORY);
            }
        }
        LOG.error("not handled", failure);
    }

    /** Tells it from a short supply of direct buffers, which passes. */
    static boolean heapIsExhausted(Throwable failure) {
        return failure instanceof OutOfMemoryError
                && !(failure instanceof OutOfDirectMemoryError)
                && !String.valueOf(failure.getMessage()).contains("direct buffer memory");
    }
}
