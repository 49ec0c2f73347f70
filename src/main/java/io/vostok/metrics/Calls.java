package io.vostok.metrics;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** How long the answers to requests took, over all event loops. Any thread may ask; each loop counts on its own. */
public final class Calls {
    /** In place of a request code that is nobody's: those are numbers that clients choose. */
    public static final int UNKNOWN = -1;

    /**
     * What is told apart.
     *
     * @param waited whether it was answered late on purpose: a long poll
     * @param oneWay whether no answer was wanted
     */
    public record Key(int request, int response, boolean waited, boolean oneWay) {}

    private final List<CallTimes> loops = new CopyOnWriteArrayList<>();

    /** Returns counters for one more event loop. */
    public CallTimes times() {
        CallTimes fresh = new CallTimes();
        loops.add(fresh);
        return fresh;
    }

    /** Returns what was measured, in milliseconds. */
    public Map<Key, Distribution> totals() {
        Map<Key, Distribution> totals = new HashMap<>();
        for (CallTimes loop : loops) {
            loop.read().forEach((key, times) -> totals.merge(key, times, Distribution::plus));
        }
        return totals;
    }
}
