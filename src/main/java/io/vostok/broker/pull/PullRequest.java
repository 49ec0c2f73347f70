package io.vostok.broker.pull;

import org.jspecify.annotations.Nullable;

/**
 * A request to read a queue, as PULL_MESSAGE and LITE_PULL_MESSAGE carry it (remoting reference 5.1); nothing in it is
 * checked yet.
 *
 * @param offset of the first message wanted
 * @param sysFlag bits that the methods name
 * @param commitOffset consumed offset, stored when {@link #commits}
 * @param suspendTimeoutMillis how long the client lets the answer wait
 * @param subscription expression that counts instead of the heartbeat's when {@link #carriesSubscription}
 * @param subVersion milliseconds; the broker must know a subscription at least as new
 * @param maxBytes most bytes wanted, 0 or less for no wish
 */
public record PullRequest(
        String group,
        String topic,
        int queueId,
        long offset,
        int maxMessages,
        int sysFlag,
        long commitOffset,
        long suspendTimeoutMillis,
        @Nullable String subscription,
        long subVersion,
        @Nullable String expressionType,
        int maxBytes) {

    private static final int COMMIT = 1;
    private static final int SUSPEND = 1 << 1;
    private static final int SUBSCRIPTION = 1 << 2;
    private static final int CLASS_FILTER = 1 << 3;
    private static final int LITE_PULL = 1 << 4;

    /** Tells whether {@link #commitOffset} is to be stored before reading. */
    public boolean commits() {
        return (sysFlag & COMMIT) != 0;
    }

    /** Tells whether the answer may wait for messages. */
    public boolean maySuspend() {
        return (sysFlag & SUSPEND) != 0;
    }

    /** Tells whether the request's own expression counts. */
    public boolean carriesSubscription() {
        return (sysFlag & SUBSCRIPTION) != 0;
    }

    /** Tells whether a filter class on a filter server was meant, which no broker has any more. */
    public boolean classFilter() {
        return (sysFlag & CLASS_FILTER) != 0;
    }

    public boolean litePull() {
        return (sysFlag & LITE_PULL) != 0;
    }
}
