package io.vostok.bench;

import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** What one window counted. The run's event loop. */
final class Tallies {
    private static final long LONGEST_NANOS = 3_600_000_000_000L;
    private static final int MOST_REASONS = 20;

    final Histogram nanos = new Histogram(LONGEST_NANOS, 3);
    final Map<String, Long> refusals = new TreeMap<>();
    long messages;
    long bytes;
    long requests;

    /** Counts an answer that brought or took {@code count} messages. */
    void success(int count, long payloadBytes) {
        requests++;
        messages += count;
        bytes += payloadBytes;
    }

    void took(long durationNanos) {
        nanos.recordValue(Math.min(LONGEST_NANOS, Math.max(0, durationNanos)));
    }

    void refused(int code, @Nullable String remark) {
        requests++;
        String reason = code + (remark == null ? "" : " " + remark);
        if (refusals.size() >= MOST_REASONS && !refusals.containsKey(reason)) reason = "other";
        refusals.merge(reason, 1L, Long::sum);
    }

    long refusedTotal() {
        return refusals.values().stream().mapToLong(Long::longValue).sum();
    }

    void add(Tallies other) {
        nanos.add(other.nanos);
        other.refusals.forEach((reason, times) -> refusals.merge(reason, times, Long::sum));
        messages += other.messages;
        bytes += other.bytes;
        requests += other.requests;
    }

    void clear() {
        nanos.reset();
        refusals.clear();
        messages = 0;
        bytes = 0;
        requests = 0;
    }
}
