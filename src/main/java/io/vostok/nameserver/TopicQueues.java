package io.vostok.nameserver;

/**
 * The queues of one topic on one broker set, as routes show them.
 *
 * @param perm bits of {@link io.vostok.model.Permission}
 * @param sysFlag bit 0 unit, bit 1 subscribed by a unit
 */
public record TopicQueues(int readQueues, int writeQueues, int perm, int sysFlag) {
    private static final int UNIT = 1;
    private static final int UNIT_SUBSCRIBED = 2;

    TopicQueues withPerm(int changed) {
        return new TopicQueues(readQueues, writeQueues, changed, sysFlag);
    }

    boolean unit() {
        return (sysFlag & UNIT) != 0;
    }

    boolean unitSubscribed() {
        return (sysFlag & UNIT_SUBSCRIBED) != 0;
    }
}
