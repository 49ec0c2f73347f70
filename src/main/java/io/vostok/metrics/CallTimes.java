package io.vostok.metrics;

import io.vostok.wire.RequestCode;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * How long the answers of one event loop took. That loop adds; any thread may read.
 *
 * <p>An answer is measured when it has gone to the system: what is answered in one tick is sent together and measured together,
 * with one look at the clock. Adding takes no lock and, once a pair of codes is known, no memory.
 */
public final class CallTimes {
    private static final double NANOS_PER_MILLI = 1e6;
    /** A power of two; hardly more pairs are in use at a time. */
    private static final int NEAR = 64;

    private static final long[] LIMITS_NANOS = Arrays.stream(Figure.RPC_LATENCY.limits())
            .map(millis -> millis * (long) NANOS_PER_MILLI)
            .toArray();

    private static final class Series {
        final Calls.Key key;
        final Histogram nanos = new Histogram(LIMITS_NANOS);

        Series(Calls.Key key) {
            this.key = key;
        }

        boolean is(int request, int response, boolean waited, boolean oneWay) {
            return key.request() == request
                    && key.response() == response
                    && key.waited() == waited
                    && key.oneWay() == oneWay;
        }
    }

    private final Map<Calls.Key, Series> all = new ConcurrentHashMap<>();
    /** The one that was used last of those that belong to a place. */
    private final @Nullable Series[] near = new @Nullable Series[NEAR];

    private Series[] unsent = new Series[NEAR];
    private long[] unsentSince = new long[NEAR];
    private int unsentCount;

    CallTimes() {}

    /**
     * Takes an answer that {@link #sent} will measure.
     *
     * @param sinceNanos when the request came, on the monotonic clock
     */
    public void answered(int request, int response, boolean waited, long sinceNanos) {
        if (unsentCount == unsent.length) {
            unsent = Arrays.copyOf(unsent, 2 * unsentCount);
            unsentSince = Arrays.copyOf(unsentSince, 2 * unsentCount);
        }
        unsent[unsentCount] = series(request, response, waited, false);
        unsentSince[unsentCount++] = sinceNanos;
    }

    /** Measures what was answered since the last call: it is sent. */
    public void sent(long nowNanos) {
        for (int i = 0; i < unsentCount; i++) unsent[i].nanos.add(Math.max(0, nowNanos - unsentSince[i]), 1);
        unsentCount = 0;
    }

    /** Measures a request that wanted no answer. */
    public void done(int request, int response, boolean waited, long sinceNanos, long nowNanos) {
        series(request, response, waited, true).nanos.add(Math.max(0, nowNanos - sinceNanos), 1);
    }

    private Series series(int request, int response, boolean waited, boolean oneWay) {
        int place = (request * 31 + response * 4 + (waited ? 2 : 0) + (oneWay ? 1 : 0)) & (NEAR - 1);
        @Nullable Series last = near[place];
        if (last != null && last.is(request, response, waited, oneWay)) return last;
        int known = RequestCode.isKnown(request) ? request : Calls.UNKNOWN;
        Series found = all.computeIfAbsent(new Calls.Key(known, response, waited, oneWay), Series::new);
        near[place] = found;
        return found;
    }

    /** In milliseconds. */
    Map<Calls.Key, Distribution> read() {
        Map<Calls.Key, Distribution> read = new HashMap<>();
        all.forEach((key, series) -> read.put(key, series.nanos.read().inUnitsOf(NANOS_PER_MILLI)));
        return read;
    }
}
