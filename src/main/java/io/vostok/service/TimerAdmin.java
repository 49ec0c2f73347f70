package io.vostok.service;

import io.vertx.core.Future;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Messages that wait for their time, for administrators; see {@link BrokerAdmin} for threads and failures. */
public interface TimerAdmin {
    /**
     * A message that waits.
     *
     * @param id names it in the other methods
     * @param level on which it waits; 0 for a time of its own
     * @param recallHandle with which it can be recalled, or null when it cannot
     * @param recalled whether it was
     */
    record Pending(
            String id,
            int level,
            long deliverMillis,
            WaitingMessage message,
            @Nullable String recallHandle,
            boolean recalled) {}

    /**
     * Some of them: level by level, then those with a time of their own by time, to within two minutes.
     *
     * @param next where the next page starts, or null at the end
     * @param timed how many have a time of their own, recalls included
     * @param onLevels how many wait on levels
     */
    record Page(List<Pending> items, @Nullable String next, long timed, long onLevels) {
        public Page {
            items = List.copyOf(items);
        }
    }

    /** What shall be listed. */
    enum Kind {
        ALL,
        LEVEL,
        TIME
    }

    /** Where a message goes and how it is recalled. */
    record Recall(String topic, String handle) {}

    /**
     * Lists what waits. A page that is short or empty is not the last one unless it says so.
     *
     * @param topic only to this topic, or null
     * @param next of the page before, or null
     */
    Future<Page> list(Kind kind, @Nullable String topic, int limit, @Nullable String next);

    /** Returns how to recall a message; refused with ILLEGAL_OPERATION when it waits no more or cannot be recalled. */
    Future<Recall> recall(String id);

    /** Puts a message into its queue now; refused with ILLEGAL_OPERATION when it waits no more or waits on a level. */
    Future<Void> deliver(String id);
}
