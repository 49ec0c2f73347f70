package io.vostok.time;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that moves only when told to. Wall time can step without the monotonic time moving. */
public final class ManualClock implements Clock {
    private final AtomicLong wallMillis;
    private final AtomicLong nanos = new AtomicLong();

    public ManualClock(long wallMillis) {
        this.wallMillis = new AtomicLong(wallMillis);
    }

    @Override
    public long wallMillis() {
        return wallMillis.get();
    }

    @Override
    public long monotonicNanos() {
        return nanos.get();
    }

    /** Lets {@code duration} pass on both readings. */
    public void advance(Duration duration) {
        wallMillis.addAndGet(duration.toMillis());
        nanos.addAndGet(duration.toNanos());
    }

    /** Moves the wall clock alone, as an administrator or NTP would. */
    public void stepWall(Duration step) {
        wallMillis.addAndGet(step.toMillis());
    }
}
