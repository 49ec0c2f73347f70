package io.vostok.service;

import io.vertx.core.Future;
import io.vostok.broker.transaction.EndTransaction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Half messages that nobody has decided, for administrators; see {@link BrokerAdmin} for threads and failures. */
public interface TransactionAdmin {
    /**
     * A half message.
     *
     * @param id names it in {@link #decide}
     * @param checks how often its producers were asked
     * @param nextCheckMillis wall time at which they are asked next; -1 while it is being decided
     */
    record Pending(String id, String producerGroup, WaitingMessage message, int checks, long nextCheckMillis) {}

    /**
     * Some of them, the oldest first.
     *
     * @param next where the next page starts, or null at the end
     * @param pending how many there are in all
     */
    record Page(List<Pending> items, @Nullable String next, int pending) {
        public Page {
            items = List.copyOf(items);
        }
    }

    /**
     * Lists half messages. A page that is short or empty is not the last one unless it says so.
     *
     * @param producerGroup only of this group, or null
     * @param topic only to this topic, or null
     * @param next of the page before, or null
     */
    Future<Page> list(@Nullable String producerGroup, @Nullable String topic, int limit, @Nullable String next);

    /** Commits or rolls back; refused with ILLEGAL_OPERATION when it is not undecided any more. */
    Future<Void> decide(String id, EndTransaction.Outcome outcome);

    /** Returns the id for {@link #decide} of a half message that was just stored. */
    String id(Sent half);
}
