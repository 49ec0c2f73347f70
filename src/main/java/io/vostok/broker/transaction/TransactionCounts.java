package io.vostok.broker.transaction;

/** What became of half messages since the start. Written by one thread, read by any. */
public final class TransactionCounts {
    private volatile int pending;
    private volatile long committed;
    private volatile long rolledBack;
    private volatile long checksSent;
    private volatile long checksUnheard;
    private volatile long givenUp;
    private volatile long lost;

    /** Half messages that are undecided now. */
    public int pending() {
        return pending;
    }

    public long committed() {
        return committed;
    }

    public long rolledBack() {
        return rolledBack;
    }

    /** Questions that were sent to producers. */
    public long checksSent() {
        return checksSent;
    }

    /** Checks that found no producer of the group. */
    public long checksUnheard() {
        return checksUnheard;
    }

    /** Half messages that nobody decided: in TRANS_CHECK_MAX_TIME_TOPIC. */
    public long givenUp() {
        return givenUp;
    }

    /** Half messages that are gone undecided: damaged, or deleted when the disk was full. */
    public long lost() {
        return lost;
    }

    public void pending(int now) {
        pending = now;
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one writer
    public void addCommitted() {
        committed++;
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField")
    public void addRolledBack() {
        rolledBack++;
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField")
    public void addCheckSent() {
        checksSent++;
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField")
    public void addCheckUnheard() {
        checksUnheard++;
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField")
    public void addGivenUp() {
        givenUp++;
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField")
    public void addLost() {
        lost++;
    }
}
