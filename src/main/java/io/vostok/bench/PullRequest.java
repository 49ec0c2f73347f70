package io.vostok.bench;

import io.vostok.wire.RequestCode;
import io.vostok.wire.frame.FrameBuilder;

/** Writes pulls that carry their own subscription, so that no heartbeat is needed. One thread. */
final class PullRequest {
    private static final int SUSPEND = 2;
    private static final int WITH_SUBSCRIPTION = 4;
    private static final byte[] NO_BODY = new byte[0];

    private final Plan plan;
    private final Target target;
    private final String group;
    private final FrameBuilder builder = new FrameBuilder();

    PullRequest(Plan plan, Target target, String group) {
        this.plan = plan;
        this.target = target;
        this.group = group;
    }

    /** Asks for the messages from {@code offset} on; waits {@code suspendMillis} for one when it is above 0. */
    void write(Line line, int slot, int queue, long offset, long suspendMillis) {
        String sql = plan.take().sql();
        builder.request(plan.load().encoding(), slot, RequestCode.PULL_MESSAGE, false)
                .field("consumerGroup", group)
                .field("topic", target.topic())
                .field("queueId", queue)
                .field("queueOffset", offset)
                .field("maxMsgNums", plan.take().fetch())
                .field("sysFlag", WITH_SUBSCRIPTION | (suspendMillis > 0 ? SUSPEND : 0))
                .field("commitOffset", 0)
                .field("suspendTimeoutMillis", suspendMillis)
                .field("subscription", sql == null ? "*" : sql)
                .field("subVersion", 0)
                .field("expressionType", sql == null ? "TAG" : "SQL92")
                .field("maxMsgBytes", 1 << 20)
                .field("bname", target.brokerName());
        line.write(slot, builder, builder.end(0), NO_BODY);
    }
}
