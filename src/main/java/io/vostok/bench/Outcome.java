package io.vostok.bench;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a run measured.
 *
 * @param messages sent or received
 * @param bytes of their bodies; of whole records for pulls
 * @param requests answered, whatever the answer
 * @param refusals how often each reason was told
 * @param latencyMicros percentile to microseconds; empty when nothing was timed
 */
public record Outcome(
        Plan plan,
        double seconds,
        long messages,
        long bytes,
        long requests,
        Map<String, Long> refusals,
        Map<String, Double> latencyMicros) {

    static Outcome of(Plan plan, Tallies tallies, long nanos) {
        Map<String, Double> latency = new LinkedHashMap<>();
        if (tallies.nanos.getTotalCount() > 0) {
            latency.put("mean", micros(tallies.nanos.getMean()));
            for (double percentile : new double[] {50, 90, 99, 99.9}) {
                String name =
                        "p" + (percentile % 1 == 0 ? Long.toString((long) percentile) : Double.toString(percentile));
                latency.put(name, micros((double) tallies.nanos.getValueAtPercentile(percentile)));
            }
            latency.put("max", micros((double) tallies.nanos.getMaxValue()));
        }
        return new Outcome(
                plan,
                nanos / 1e9,
                tallies.messages,
                tallies.bytes,
                tallies.requests,
                Map.copyOf(tallies.refusals),
                latency);
    }

    /** Returns messages for each second. */
    public double perSecond() {
        return messages / seconds;
    }

    /** Returns how many requests were refused. */
    public long refused() {
        return refusals.values().stream().mapToLong(Long::longValue).sum();
    }

    private static double micros(double nanos) {
        return Math.round(nanos / 100) / 10.0;
    }
}
