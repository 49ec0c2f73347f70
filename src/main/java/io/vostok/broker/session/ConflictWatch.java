package io.vostok.broker.session;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * When contradictions between members are told: once they have lasted an interval, so that members that change one after the
 * other are none, and then once an interval as long as they last. Owned by the thread of {@link Sessions}.
 */
public final class ConflictWatch {
    private final long intervalNanos;
    private Map<String, Long> dueByGroup = Map.of();

    public ConflictWatch(Duration interval) {
        this.intervalNanos = interval.toNanos();
    }

    /**
     * Takes note of the contradictions there are now; those of before that are not among them are over.
     *
     * @param conflicts at most one a group
     * @return which of them are to be told now
     */
    public List<Conflict> look(List<Conflict> conflicts, long nowNanos) {
        List<Conflict> told = new ArrayList<>();
        Map<String, Long> next = new HashMap<>();
        for (Conflict conflict : conflicts) {
            @Nullable Long due = dueByGroup.get(conflict.group());
            boolean now = due != null && due - nowNanos <= 0;
            if (now) told.add(conflict);
            next.put(conflict.group(), due == null || now ? nowNanos + intervalNanos : due);
        }
        dueByGroup = next;
        return told;
    }

    /** Returns when to look again though no member has changed, on the monotonic clock; null while there is no contradiction. */
    public @Nullable Long nextNanos() {
        @Nullable Long first = null;
        for (Long due : dueByGroup.values()) {
            if (first == null || due - first < 0) first = due;
        }
        return first;
    }
}
