package io.vostok.front.remoting;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.flow.FlowCounters;
import io.vostok.broker.flow.FlowEvent;
import io.vostok.time.Clock;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Answers that the peers of one event loop have not taken, and who gets no more messages because of them: beyond the limit
 * those who left some, beyond twice the limit everybody. So slow readers take the memory of each other first. Used only on
 * that loop.
 */
final class UntakenAnswers {
    /** Counting looks at each connection that left something; not more often than this. */
    private static final long COUNT_NANOS = 1_000_000;

    private final long limitBytes;
    private final Clock clock;
    private final FlowCounters counters;
    private final Set<SocketConnection> waiting = new HashSet<>();
    private long countedBytes;
    private long countedNanos;
    /** Written since the count, whether taken or not. */
    private long addedBytes;

    UntakenAnswers(long limitBytes, Clock clock, FlowCounters counters) {
        this.limitBytes = limitBytes;
        this.clock = clock;
        this.counters = counters;
        this.countedNanos = clock.monotonicNanos();
    }

    /** Counts a frame that was written; returns true, for the connection to remember that it is known here. */
    boolean written(SocketConnection connection, boolean known, int bytes) {
        addedBytes += bytes;
        if (!known) waiting.add(connection);
        return true;
    }

    void ended(SocketConnection connection) {
        waiting.remove(connection);
    }

    /** Returns why {@code connection} gets no messages now, or null. */
    @Nullable
    Refused refusal(SocketConnection connection) {
        if (countedBytes + addedBytes <= limitBytes) return null;
        long now = clock.monotonicNanos();
        if (now - countedNanos >= COUNT_NANOS) count(now);
        long bytes = countedBytes + addedBytes;
        if (bytes <= limitBytes || (bytes <= 2 * limitBytes && connection.untakenBytes() == 0)) return null;
        counters.count(FlowEvent.REFUSED_UNTAKEN_BYTES);
        return new Refused(
                Refusal.FLOW_CONTROL,
                bytes
                        + " bytes of answers wait for consumers that do not read them (limits.untakenBytes per event loop "
                        + limitBytes + "); ask again later");
    }

    private void count(long nowNanos) {
        long bytes = 0;
        for (Iterator<SocketConnection> each = waiting.iterator(); each.hasNext(); ) {
            SocketConnection connection = each.next();
            long left = connection.untakenBytes();
            bytes += left;
            if (left == 0) {
                each.remove();
                connection.tookAll();
            }
        }
        countedBytes = bytes;
        countedNanos = nowNanos;
        addedBytes = 0;
    }
}
