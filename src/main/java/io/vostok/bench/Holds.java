package io.vostok.bench;

import io.netty.buffer.ByteBuf;
import io.vostok.wire.ResponseCode;
import io.vostok.wire.frame.Command;

/** Pulls that wait at the end of a queue to which nobody sends. */
final class Holds implements Work {
    private static final long SUSPEND_MILLIS = 15_000;

    private final Tallies tallies;
    private final PullRequest request;
    private final long[] ends;

    /** Makes the work of a run; {@code ends} is where each queue ends. */
    Holds(Plan plan, Target target, Tallies tallies, long[] ends) {
        this.tallies = tallies;
        this.request = new PullRequest(plan, target, "vostok-bench-waiter");
        this.ends = ends;
    }

    @Override
    public void issue(Line line, int slot) {
        int queue = (line.number * line.slots() + slot) % ends.length;
        request.write(line, slot, queue, ends[queue], SUSPEND_MILLIS);
    }

    @Override
    public void answered(Line line, int slot, Command answer, ByteBuf body, long waitedNanos) {
        if (answer.code() == ResponseCode.PULL_NOT_FOUND) {
            tallies.success(0, 0);
            tallies.took(waitedNanos);
        } else {
            tallies.refused(answer.code(), answer.remark());
        }
    }
}
