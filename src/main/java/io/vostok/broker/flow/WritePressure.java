package io.vostok.broker.flow;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.store.Watermarks;
import io.vostok.time.Clock;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether the disk keeps up with what is written, as event loops see it before they take more.
 *
 * <p>The writer and the flusher say when they begin and end; any thread asks. Without locks: each value has one writer, and
 * a value that is a moment old only refuses, or takes, one append more.
 */
public final class WritePressure {
    private static final long NOT_APPENDING = Long.MIN_VALUE;

    private final WriteLimits limits;
    private final Watermarks marks;
    private final Clock clock;
    private final BooleanSupplier refusesAnyway;
    private final FlowCounters counters;
    private final long flushLagNanos;
    /** When the batch that is being appended was begun. The writer's. */
    private volatile long appendingSinceNanos = NOT_APPENDING;
    /** When something was appended to a log that was flushed to its end. The writer's. */
    private volatile long dirtySinceNanos;
    /** What was appended before is flushed. The flusher's. */
    private volatile long flushedUntilNanos;

    /** @param refusesAnyway whether the store takes nothing now, for a reason that it names itself */
    public WritePressure(
            WriteLimits limits, Watermarks marks, Clock clock, BooleanSupplier refusesAnyway, FlowCounters counters) {
        this.limits = limits;
        this.marks = marks;
        this.clock = clock;
        this.refusesAnyway = refusesAnyway;
        this.counters = counters;
        this.flushLagNanos = limits.flushLag().plus(limits.flushInterval()).toNanos();
        this.flushedUntilNanos = clock.monotonicNanos();
        this.dirtySinceNanos = flushedUntilNanos;
    }

    /** Says that a batch of appends begins; the writer only. */
    public void appending(long nowNanos) {
        if (marks.flushed() >= marks.appended()) dirtySinceNanos = nowNanos;
        appendingSinceNanos = nowNanos;
    }

    /** Says that it ended; the writer only. */
    public void appended() {
        appendingSinceNanos = NOT_APPENDING;
    }

    /** Says that everything is flushed that was appended before {@code nanos}; the flusher only. */
    public void flushed(long nanos) {
        flushedUntilNanos = nanos;
    }

    /** Returns why nothing more should be appended now, or null. Any thread. */
    public @Nullable Refused refusal() {
        long now = clock.monotonicNanos();
        long appendingSince = appendingSinceNanos;
        long stalled = appendingSince == NOT_APPENDING ? 0 : now - appendingSince;
        long unflushed = marks.appended() - marks.flushed();
        long lag = unflushed == 0 ? 0 : flushLagNanos(now);
        boolean slow =
                stalled > limits.appendStall().toNanos() || unflushed > limits.unflushedBytes() || lag > flushLagNanos;
        if (!slow || refusesAnyway.getAsBoolean()) return null;
        if (stalled > limits.appendStall().toNanos()) {
            return refuse(
                    FlowEvent.REFUSED_APPEND_STALL,
                    "one append has been under way for " + millis(stalled) + " ms (limits.appendStall "
                            + limits.appendStall().toMillis()
                            + " ms): the page cache or the disk does not keep up; send again later");
        }
        if (lag > flushLagNanos) {
            return refuse(
                    FlowEvent.REFUSED_FLUSH_LAG,
                    "the flush is " + millis(lag) + " ms behind (limits.flushLag "
                            + limits.flushLag().toMillis() + " ms): the disk is slow; send again later");
        }
        return refuse(
                FlowEvent.REFUSED_UNFLUSHED_BYTES,
                unflushed + " bytes are not flushed yet (limits.unflushedBytes " + limits.unflushedBytes()
                        + "): the disk is slower than the senders; send again later");
    }

    /** What is not flushed was appended after the last flush began, and after the log was last flushed to its end. */
    private long flushLagNanos(long now) {
        return Math.min(now - flushedUntilNanos, now - dirtySinceNanos);
    }

    private Refused refuse(FlowEvent event, String words) {
        counters.count(event);
        return new Refused(Refusal.BUSY, "[REJECTREQUEST] " + words);
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }
}
