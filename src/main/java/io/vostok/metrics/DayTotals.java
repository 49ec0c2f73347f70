package io.vostok.metrics;

/** What a counter showed at the start of today and of yesterday. Any thread; the lock is held for a few reads. */
public final class DayTotals {
    private long today;
    private long todayMorning;
    private long yesterdayMorning;

    /** @param epochDay the day of the start, in the broker's time zone */
    DayTotals(long epochDay) {
        this.today = epochDay;
    }

    /** Takes notice of the time; a clock that was set back changes nothing. */
    synchronized void at(long epochDay, long total) {
        if (epochDay <= today) return;
        yesterdayMorning = epochDay == today + 1 ? todayMorning : total;
        todayMorning = total;
        today = epochDay;
    }

    /** Returns the total when today began. */
    public synchronized long todayMorning() {
        return todayMorning;
    }

    /** Returns the total when yesterday began. */
    public synchronized long yesterdayMorning() {
        return yesterdayMorning;
    }
}
