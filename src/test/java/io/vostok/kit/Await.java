package io.vostok.kit;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for a condition instead of sleeping for a guess. */
public final class Await {
    private Await() {}

    /**
     * Returns when {@code condition} holds.
     *
     * @param what completes "waited in vain until …"
     * @throws AssertionError when {@code atMost} has passed
     */
    public static void until(String what, Duration atMost, BooleanSupplier condition) {
        long end = System.nanoTime() + atMost.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) throw new AssertionError("waited " + atMost + " in vain until " + what);
            LockSupport.parkNanos(2_000_000);
        }
    }
}
