package io.vostok.front.remoting;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.vertx.core.internal.ContextInternal;
import io.vostok.metrics.CallTimes;
import io.vostok.time.Clock;
import io.vostok.wire.frame.Call;
import io.vostok.wire.frame.CommandReader;
import io.vostok.wire.frame.FrameBuilder;
import io.vostok.wire.frame.FrameLimits;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the connections of one event loop share: the header reader, the frame builder, and one flush per tick. */
final class LoopFrames {
    private final ContextInternal context;
    private final EventLoop loop;
    private final FrameLimits limits;
    private final long heldLimitBytes;
    private final CommandReader reader;
    private final UntakenAnswers untaken;
    private final SpareBuffers buffers = new SpareBuffers(ByteBufAllocator.DEFAULT);
    private final FrameBuilder builder = new FrameBuilder();
    private final Runnable flushAll = this::flushAll;
    private final List<SocketConnection> unflushed = new ArrayList<>();
    private final Clock clock;
    private final @Nullable CallTimes times;
    private @Nullable Call begun;
    private int begunCode;
    private long heldBytes;

    /**
     * @param heldLimitBytes what unfinished frames of all connections of this loop may hold
     * @param times of this loop's answers, or null when nobody wants to know
     */
    LoopFrames(
            ContextInternal context,
            FrameLimits limits,
            long heldLimitBytes,
            UntakenAnswers untaken,
            Clock clock,
            @Nullable CallTimes times) {
        this.context = context;
        this.loop = context.nettyEventLoop();
        this.limits = limits;
        this.heldLimitBytes = heldLimitBytes;
        this.untaken = untaken;
        this.clock = clock;
        this.times = times;
        this.reader = new CommandReader(limits);
    }

    /** Returns the Vert.x context on which routers run. */
    ContextInternal context() {
        return context;
    }

    EventLoop loop() {
        return loop;
    }

    FrameLimits limits() {
        return limits;
    }

    CommandReader reader() {
        return reader;
    }

    FrameBuilder builder() {
        return builder;
    }

    @Nullable
    CallTimes times() {
        return times;
    }

    /** Notes whose answer is made; the last one counts. */
    void begun(Call call, int code) {
        begun = call;
        begunCode = code;
    }

    /** The answer begun last is written. */
    void answered() {
        @Nullable Call call = begun;
        begun = null;
        if (times != null && call != null) times.answered(call.code(), begunCode, call.waited(), call.sinceNanos());
    }

    /** Returns what answers are written into. */
    SpareBuffers buffers() {
        return buffers;
    }

    UntakenAnswers untaken() {
        return untaken;
    }

    long heldLimitBytes() {
        return heldLimitBytes;
    }

    /** Counts bytes of unfinished frames; false when there are more than this loop may hold. */
    boolean held(int deltaBytes) {
        heldBytes += deltaBytes;
        return heldBytes <= heldLimitBytes;
    }

    /** Flushes {@code connection} once, after everything that this tick still writes. */
    void flushLater(SocketConnection connection) {
        if (unflushed.isEmpty()) loop.execute(flushAll);
        unflushed.add(connection);
    }

    private void flushAll() {
        // Indexed: a flush may close a connection, whose router may write to another one of this loop.
        long now = clock.monotonicNanos();
        for (int i = 0; i < unflushed.size(); i++) unflushed.get(i).flushNow(now);
        unflushed.clear();
        buffers.endOfTick();
        if (times != null) times.sent(clock.monotonicNanos());
    }
}
