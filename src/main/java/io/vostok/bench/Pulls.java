package io.vostok.bench;

import io.netty.buffer.ByteBuf;
import io.vostok.wire.ResponseCode;
import io.vostok.wire.frame.Command;
import io.vostok.wire.frame.Fields;

/** Reads every queue from its first message to its last and begins again. Each slot stays with one queue. */
final class Pulls implements Work {
    private final Target target;
    private final Tallies tallies;
    private final PullRequest request;
    private final long[] next;

    Pulls(Plan plan, Target target, Tallies tallies) {
        this.target = target;
        this.tallies = tallies;
        this.request = new PullRequest(plan, target, "vostok-bench-puller");
        this.next = new long[target.queues()];
    }

    @Override
    public void issue(Line line, int slot) {
        int queue = queueOf(line, slot);
        request.write(line, slot, queue, next[queue], 0);
    }

    @Override
    public void answered(Line line, int slot, Command answer, ByteBuf body, long waitedNanos) {
        int queue = queueOf(line, slot);
        Fields fields = answer.fields();
        switch (answer.code()) {
            case ResponseCode.SUCCESS -> {
                tallies.success(Records.count(body), body.readableBytes());
                tallies.took(waitedNanos);
                next[queue] = fields.requireLong("nextBeginOffset");
            }
            case ResponseCode.PULL_RETRY_IMMEDIATELY -> {
                tallies.success(0, 0);
                tallies.took(waitedNanos);
                next[queue] = fields.requireLong("nextBeginOffset");
            }
            case ResponseCode.PULL_NOT_FOUND, ResponseCode.PULL_OFFSET_MOVED -> {
                next[queue] = fields.requireLong("minOffset");
                // Nothing in the queue at all: counted, so that an empty topic shows.
                if (fields.requireLong("maxOffset") == next[queue])
                    tallies.refused(answer.code(), "the queue is empty");
            }
            default -> tallies.refused(answer.code(), answer.remark());
        }
    }

    private int queueOf(Line line, int slot) {
        return (line.number * line.slots() + slot) % target.queues();
    }
}
