package io.vostok.metrics;

import java.util.function.BiPredicate;

/** Everything that is counted of one broker. Any thread may ask; each counting thread has tallies of its own. */
public final class Traffic {
    private final Meter puts;
    private final Meter gets;
    private final Meter sentBack;
    private final Meter finishes;
    private final Meter delays;
    private final Meter found;
    private final Meter missed;
    private final DayTotals putDays;
    private final DayTotals getDays;
    private final Durations appends = new Durations();
    private final Calls calls = new Calls();

    /**
     * @param mostPairs how many pairs of topic and group each thread counts by name
     * @param startNanos on the monotonic clock
     * @param startDay the day of the start, in the broker's time zone
     */
    public Traffic(int mostPairs, long startNanos, long startDay) {
        puts = new Meter(mostPairs, startNanos, Figure.MESSAGE_SIZE.limits());
        gets = new Meter(mostPairs, startNanos);
        sentBack = new Meter(mostPairs, startNanos);
        finishes = new Meter(mostPairs, startNanos, Figure.FINISH_LATENCY.limits());
        delays = new Meter(mostPairs, startNanos, Figure.DELAY_LATENCY.limits());
        found = new Meter(0, startNanos);
        missed = new Meter(0, startNanos);
        putDays = new DayTotals(startDay);
        getDays = new DayTotals(startDay);
    }

    /** Returns messages that entered the log, by topic. */
    public Meter puts() {
        return puts;
    }

    /** Returns messages given to consumers, by topic and group. */
    public Meter gets() {
        return gets;
    }

    /** Returns messages that consumers failed on, by topic and group. */
    public Meter sentBack() {
        return sentBack;
    }

    /** Returns half messages that were committed, by topic, and instead of bytes how many seconds each took; no rates. */
    public Meter finishes() {
        return finishes;
    }

    /** Returns messages with a delivery time of their own, by topic, and instead of bytes how many seconds each waits; no rates. */
    public Meter delays() {
        return delays;
    }

    /** Returns pulls that were answered with messages; not by topic. */
    public Meter found() {
        return found;
    }

    /** Returns pulls that were answered without messages; not by topic. */
    public Meter missed() {
        return missed;
    }

    public DayTotals putDays() {
        return putDays;
    }

    public DayTotals getDays() {
        return getDays;
    }

    /** Returns how long messages took from the writer's hand into the log. */
    public Durations appends() {
        return appends;
    }

    /** Returns how long answers took. */
    public Calls calls() {
        return calls;
    }

    /** Samples every meter that has rates: see {@link Meter#sample}. */
    public void sample(long nowNanos, long epochDay) {
        puts.sample(nowNanos);
        gets.sample(nowNanos);
        sentBack.sample(nowNanos);
        found.sample(nowNanos);
        missed.sample(nowNanos);
        putDays.at(epochDay, puts.total().messages());
        getDays.at(epochDay, gets.total().messages());
    }

    /** Forgets pairs whose topic or group is gone. */
    public void forget(BiPredicate<String, String> topicAndGroup) {
        puts.forget(topicAndGroup);
        gets.forget(topicAndGroup);
        sentBack.forget(topicAndGroup);
        finishes.forget(topicAndGroup);
        delays.forget(topicAndGroup);
    }
}
