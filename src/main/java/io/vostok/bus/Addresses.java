package io.vostok.bus;

/** Event bus addresses of one broker; two brokers of one process differ in their prefix. */
public record Addresses(String prefix) {
    /** Append batches, to CommitLogVerticle. */
    public String append() {
        return prefix + ".append";
    }

    /** Bell: the flushed mark has moved, or flushing has failed; to CommitLogVerticle. */
    public String flushed() {
        return prefix + ".flushed";
    }

    /** Bell: there is something to flush; to FlushVerticle. */
    public String dirty() {
        return prefix + ".dirty";
    }

    /** Bell: the confirmed mark has moved; to DispatchVerticle. */
    public String confirmed() {
        return prefix + ".confirmed";
    }

    /** Arrivals, to the PullVerticle of one event loop. */
    public String arrived(int loop) {
        return prefix + ".arrived." + loop;
    }

    /** Bell: a message was parked that waits for its time; to TimerVerticle. */
    public String parked() {
        return prefix + ".parked";
    }

    /** Bell: half messages have arrived, or are to make way; to TransactionVerticle. */
    public String halves() {
        return prefix + ".halves";
    }

    /** Arrivals, to PopVerticle. */
    public String popArrived() {
        return prefix + ".popArrived";
    }

    /** Bell: somebody wants a topic or group changed; to RegistryVerticle. */
    public String registry() {
        return prefix + ".registry";
    }

    /** Bell: the log's room gets low; to HousekeepingVerticle. */
    public String room() {
        return prefix + ".room";
    }
}
