package io.vostok.broker.flow;

import io.vostok.store.Watermarks;
import io.vostok.time.ManualClock;
import java.time.Duration;
import java.util.Map;

/** Flow control that never refuses, for tests of other things; and marks that a test moves. */
public final class FlowKit {
    private FlowKit() {}

    /** Marks of a log as a test says they are. */
    static final class Marks implements Watermarks {
        long appended;
        long flushed;

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
            return flushed;
        }

        @Override
        public long dispatched() {
            return 0;
        }
    }

    public static WritePressure noPressure() {
        Duration aDay = Duration.ofDays(1);
        return new WritePressure(
                new WriteLimits(aDay, Duration.ZERO, Long.MAX_VALUE, aDay),
                new Marks(),
                new ManualClock(0),
                () -> false,
                new FlowCounters());
    }

    public static RateLimits noRates() {
        return RateLimits.ofTopics(Map.of(), new ManualClock(0), new FlowCounters());
    }
}
