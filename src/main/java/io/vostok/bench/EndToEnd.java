package io.vostok.bench;

import io.netty.buffer.ByteBuf;
import io.vostok.time.Clock;
import io.vostok.wire.ResponseCode;
import io.vostok.wire.frame.Command;
import io.vostok.wire.record.RecordLayout;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.random.RandomGenerator;

/**
 * Sends at a rate on the first line, while one pull for each queue waits on the others. The body holds when its message was due
 * to be sent; what arrives is held against the same clock.
 */
final class EndToEnd implements Work {
    /** A mark of this run, then the due time in nanoseconds. */
    static final int STAMP_BYTES = 16;

    private static final long SUSPEND_MILLIS = 15_000;

    private final Tallies tallies;
    private final Sends sends;
    private final PullRequest request;
    private final long[] next;
    private final ByteBuffer body;
    private final Pace pace;
    private final Deque<Integer> idle = new ArrayDeque<>();
    private final Line sender;
    private final Clock clock;
    private final long mark;

    /**
     * Makes the work of a run.
     *
     * @param firstOffsets of each queue: where the pulls begin
     * @param sender the line whose slots send; the slots of the others are the queues, in order
     */
    EndToEnd(
            Plan plan,
            Target target,
            Tallies tallies,
            long[] firstOffsets,
            Line sender,
            Clock clock,
            RandomGenerator random) {
        this.tallies = tallies;
        this.clock = clock;
        this.mark = random.nextLong();
        this.sends = new Sends(plan, target, tallies, clock, random);
        this.request = new PullRequest(plan, target, "vostok-bench-receiver");
        this.next = firstOffsets;
        this.body = ByteBuffer.allocate(plan.content().bodyBytes());
        this.pace = new Pace(plan.load().rate(), clock.monotonicNanos());
        this.sender = sender;
    }

    @Override
    public void issue(Line line, int slot) {
        if (line != sender) {
            int queue = queueOf(line, slot);
            if (queue < next.length) request.write(line, slot, queue, next[queue], SUSPEND_MILLIS);
        } else if (pace.due(clock.monotonicNanos())) {
            send(slot);
        } else {
            idle.add(slot);
        }
    }

    @Override
    public void tick(long nowNanos) {
        while (!idle.isEmpty() && pace.due(nowNanos)) send(idle.remove());
        sender.flush();
    }

    @Override
    public void answered(Line line, int slot, Command answer, ByteBuf records, long waitedNanos) {
        if (line == sender) {
            if (answer.code() != ResponseCode.SUCCESS) tallies.refused(answer.code(), answer.remark());
            return;
        }
        int queue = queueOf(line, slot);
        switch (answer.code()) {
            case ResponseCode.SUCCESS -> {
                arrived(records, clock.monotonicNanos());
                next[queue] = answer.fields().requireLong("nextBeginOffset");
            }
            case ResponseCode.PULL_NOT_FOUND, ResponseCode.PULL_RETRY_IMMEDIATELY, ResponseCode.PULL_OFFSET_MOVED ->
                next[queue] = answer.fields().requireLong("nextBeginOffset");
            default -> tallies.refused(answer.code(), answer.remark());
        }
    }

    private void send(int slot) {
        body.putLong(0, mark).putLong(8, pace.take());
        sends.send(sender, slot, body.array());
    }

    private void arrived(ByteBuf records, long nowNanos) {
        for (int at = records.readerIndex(); at < records.writerIndex(); at += Records.size(records, at)) {
            int payload = at + RecordLayout.body(records.getInt(at + RecordLayout.SYS_FLAG));
            if (records.getInt(payload - 4) < STAMP_BYTES || records.getLong(payload) != mark) continue;
            tallies.success(1, records.getInt(payload - 4));
            tallies.took(nowNanos - records.getLong(payload + 8));
        }
    }

    private static int queueOf(Line line, int slot) {
        return (line.number - 1) * line.slots() + slot;
    }
}
