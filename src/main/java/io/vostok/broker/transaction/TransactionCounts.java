package io.vostok.broker.transaction;

import java.util.concurrent.atomic.LongAdder;

/** What became of half messages since the start. Written by one thread, read by any. */
public final class TransactionCounts {
    private final LongAdder committed = new LongAdder();
    private final LongAdder rolledBack = new LongAdder();
    private final LongAdder checksSent = new LongAdder();
    private final LongAdder checksUnheard = new LongAdder();
    private final LongAdder givenUp = new LongAdder();
    private final LongAdder lost = new LongAdder();
    private volatile int pending;

    /** Returns how many half messages are undecided now. */
    public int pending() {
        return pending;
    }

    public long committed() {
        return committed.sum();
    }

    public long rolledBack() {
        return rolledBack.sum();
    }

    /** Returns how many questions were sent to producers. */
    public long checksSent() {
        return checksSent.sum();
    }

    /** Returns how many checks found no producer of the group that could be asked. */
    public long checksUnheard() {
        return checksUnheard.sum();
    }

    /** Returns how many half messages nobody decided: they are in TRANS_CHECK_MAX_TIME_TOPIC. */
    public long givenUp() {
        return givenUp.sum();
    }

    /** Returns how many half messages are gone undecided: damaged, or deleted when the disk was full. */
    public long lost() {
        return lost.sum();
    }

    public void pending(int now) {
        pending = now;
    }

    public void addCommitted() {
        committed.increment();
    }

    public void addRolledBack() {
        rolledBack.increment();
    }

    public void addCheckSent() {
        checksSent.increment();
    }

    public void addCheckUnheard() {
        checksUnheard.increment();
    }

    public void addGivenUp() {
        givenUp.increment();
    }

    public void addLost() {
        lost.increment();
    }
}
