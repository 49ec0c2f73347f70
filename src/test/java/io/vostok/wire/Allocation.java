package io.vostok.wire;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What a piece of code allocates on the heap: the bound on what a few bytes of a stranger may cost. */
public final class Allocation {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Allocation() {}

    /** Returns the bytes that the calling thread has allocated so far. */
    public static long soFar() {
        return THREADS.getCurrentThreadAllocatedBytes();
    }
}
