package io.vostok.metrics;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * One thing that is counted, by topic and group, over all threads; with its rates over the last minute, hour and day.
 *
 * <p>Any thread may ask. Its lock guards the samples: one thread takes them every {@link #SAMPLE_SECONDS}, and who asks reads
 * a few of them; the counting threads never take it.
 */
public final class Meter {
    /** Time between two calls of {@link #sample}. */
    public static final int SAMPLE_SECONDS = 10;

    private static final int PER_MINUTE = 6;
    private static final int PER_TEN_MINUTES = 60;
    private static final int PER_HOUR = 360;
    /** One more than the stretches to tell about, because the oldest sample is the start of the stretch. */
    private static final int MINUTE_SAMPLES = PER_MINUTE + 1;

    private static final int HOUR_SAMPLES = 7;
    private static final int DAY_SAMPLES = 25;
    private static final int TOTAL_SAMPLES = PER_TEN_MINUTES + 1;

    /** A counted pair. */
    public record Key(String topic, String group) {}

    /** What was counted of a pair since the start. */
    public record Total(long messages, long bytes) {}

    /** The samples of one pair. */
    private static final class Series {
        final Samples minute;
        final Samples hour = new Samples(HOUR_SAMPLES);
        final Samples day = new Samples(DAY_SAMPLES);

        Series(int minuteSamples) {
            minute = new Samples(minuteSamples);
        }
    }

    private final int mostPairs;
    private final long[] sizeLimits;
    private final List<Tally> tallies = new CopyOnWriteArrayList<>();
    private final Map<Key, Series> byKey = new HashMap<>();
    private final Series all = new Series(TOTAL_SAMPLES);
    private final long[] minuteNanos = new long[TOTAL_SAMPLES];
    private final long[] hourNanos = new long[HOUR_SAMPLES];
    private final long[] dayNanos = new long[DAY_SAMPLES];
    private long samples = 1;

    /**
     * @param mostPairs how many pairs of topic and group each thread counts by name
     * @param startNanos on the monotonic clock; everything counts from there
     * @param sizeLimits the classes of the sizes of messages, none when sizes are not told apart
     */
    public Meter(int mostPairs, long startNanos, long... sizeLimits) {
        this.mostPairs = mostPairs;
        this.sizeLimits = sizeLimits.clone();
        keepTime(0, startNanos);
    }

    /** Returns counters for one more thread. */
    public Tally tally() {
        Tally fresh = new Tally(mostPairs, sizeLimits);
        tallies.add(fresh);
        return fresh;
    }

    /** Keeps what is counted now, for rates asked later. One thread, every {@link #SAMPLE_SECONDS}. */
    public void sample(long nowNanos) {
        keep(nowNanos, total(), totals());
    }

    private synchronized void keep(long nowNanos, Total everything, Map<Key, Total> byPair) {
        long sample = samples++;
        keepTime(sample, nowNanos);
        keep(all, sample, everything);
        byPair.forEach(
                (key, total) -> keep(byKey.computeIfAbsent(key, none -> new Series(MINUTE_SAMPLES)), sample, total));
    }

    private void keepTime(long sample, long nowNanos) {
        minuteNanos[(int) (sample % TOTAL_SAMPLES)] = nowNanos;
        if (sample % PER_TEN_MINUTES == 0) hourNanos[(int) (sample / PER_TEN_MINUTES % HOUR_SAMPLES)] = nowNanos;
        if (sample % PER_HOUR == 0) dayNanos[(int) (sample / PER_HOUR % DAY_SAMPLES)] = nowNanos;
    }

    private static void keep(Series series, long sample, Total total) {
        series.minute.put(sample, total.messages(), total.bytes());
        if (sample % PER_TEN_MINUTES == 0) series.hour.put(sample / PER_TEN_MINUTES, total.messages(), total.bytes());
        if (sample % PER_HOUR == 0) series.day.put(sample / PER_HOUR, total.messages(), total.bytes());
    }

    /** Returns the rates of one pair, or null when it was never counted. */
    public synchronized @Nullable Rates rates(String topic, String group, long nowNanos) {
        Total now = total(topic, group);
        if (now == null) return null;
        Series series = byKey.get(new Key(topic, group));
        return rates(series == null ? new Series(MINUTE_SAMPLES) : series, now, nowNanos);
    }

    /** Returns the rates of everything. */
    public synchronized Rates rates(long nowNanos) {
        return rates(all, total(), nowNanos);
    }

    /** Returns what happened in about the last {@code seconds}, at most ten minutes, or since the start. */
    public synchronized Rate lately(int seconds, long nowNanos) {
        int back = Math.min(TOTAL_SAMPLES - 1, Math.max(1, seconds / SAMPLE_SECONDS));
        return rate(all.minute, minuteNanos, samples - 1 - back, total(), nowNanos);
    }

    /** Returns what was counted since the start. Any thread. */
    public Total total() {
        long messages = 0;
        long bytes = 0;
        for (Tally tally : tallies) {
            messages += tally.all().messages();
            bytes += tally.all().bytes();
        }
        return new Total(messages, bytes);
    }

    /** Returns what was counted of one pair, or null when nothing was. Any thread. */
    public @Nullable Total total(String topic, String group) {
        Total sum = null;
        for (Tally tally : tallies) {
            Count count = tally.byTopic().getOrDefault(topic, Map.of()).get(group);
            if (count != null) sum = plus(sum, count);
        }
        return sum;
    }

    /** Returns what was counted of every pair. Any thread. */
    public Map<Key, Total> totals() {
        Map<Key, Total> totals = new HashMap<>();
        for (Tally tally : tallies) {
            tally.byTopic()
                    .forEach((topic, groups) -> groups.forEach(
                            (group, count) -> totals.compute(new Key(topic, group), (key, sum) -> plus(sum, count))));
        }
        return totals;
    }

    /** Returns the sizes of the messages of every pair; of none when sizes are not told apart. Any thread. */
    public Map<Key, Distribution> sizes() {
        Map<Key, Distribution> all = new HashMap<>();
        for (Tally tally : tallies) {
            tally.byTopic()
                    .forEach((topic, groups) -> groups.forEach((group, count) -> {
                        @Nullable Distribution sizes = count.sizes();
                        if (sizes != null) all.merge(new Key(topic, group), sizes, Distribution::plus);
                    }));
        }
        return all;
    }

    /** Forgets pairs whose topic or group is gone. Any thread. */
    public synchronized void forget(BiPredicate<String, String> topicAndGroup) {
        for (Tally tally : tallies) tally.forget(topicAndGroup);
        byKey.keySet().removeIf(key -> topicAndGroup.test(key.topic(), key.group()));
    }

    private static Total plus(@Nullable Total sum, Count count) {
        return sum == null
                ? new Total(count.messages(), count.bytes())
                : new Total(sum.messages() + count.messages(), sum.bytes() + count.bytes());
    }

    private Rates rates(Series series, Total now, long nowNanos) {
        long newest = samples - 1;
        return new Rates(
                rate(series.minute, minuteNanos, newest - PER_MINUTE, now, nowNanos),
                rate(series.hour, hourNanos, newest / PER_TEN_MINUTES - (HOUR_SAMPLES - 1), now, nowNanos),
                rate(series.day, dayNanos, newest / PER_HOUR - (DAY_SAMPLES - 1), now, nowNanos));
    }

    /** Returns what happened since a sample, or since the start when that came later. */
    private static Rate rate(Samples kept, long[] nanos, long sample, Total now, long nowNanos) {
        long from = Math.max(0, sample);
        double seconds = (nowNanos - nanos[(int) (from % nanos.length)]) / 1e9;
        return new Rate(now.messages() - kept.messages(from), now.bytes() - kept.bytes(from), Math.max(1, seconds));
    }
}
