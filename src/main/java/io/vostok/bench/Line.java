package io.vostok.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vostok.time.Clock;
import io.vostok.wire.frame.Command;
import io.vostok.wire.frame.CommandReader;
import io.vostok.wire.frame.FrameBuilder;
import io.vostok.wire.frame.FrameLimits;
import io.vostok.wire.frame.ProtocolException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection with a fixed number of slots, each with at most one request that waits for its answer. What is written is
 * gathered until {@link #flush} or the end of a read. The run's event loop.
 */
final class Line extends ChannelInboundHandlerAdapter {
    private static final int PREFIX_BYTES = FrameLimits.PREFIX_BYTES;

    final int number;
    private final Clock clock;
    private final long[] sentNanos;
    private final Consumer<String> failed;
    private final CommandReader reader = new CommandReader(FrameLimits.DEFAULT);
    private @Nullable Work work;
    private @Nullable ChannelHandlerContext context;
    private @Nullable ByteBuf unsent;

    /**
     * Makes the line of that number.
     *
     * @param failed told why the connection ended
     */
    Line(int number, int slots, Clock clock, Consumer<String> failed) {
        this.number = number;
        this.clock = clock;
        this.sentNanos = new long[slots];
        this.failed = failed;
    }

    int slots() {
        return sentNanos.length;
    }

    /** Issues the first request of every slot. */
    void begin(Work first) {
        work = first;
        for (int slot = 0; slot < sentNanos.length; slot++) first.issue(this, slot);
        flush();
    }

    /** Takes a request whose opaque is {@code slot}; the frame's header is in {@code builder}, ended. */
    void write(int slot, FrameBuilder builder, int headerBytes, byte[] body) {
        ByteBuf to = unsent;
        if (to == null) {
            to = context().alloc().buffer(Math.max(4096, headerBytes + body.length));
            unsent = to;
        }
        to.writeBytes(builder.bytes(), 0, headerBytes).writeBytes(body);
        sentNanos[slot] = clock.monotonicNanos();
    }

    /** Takes a request that is not answered. */
    void writeOneWay(FrameBuilder builder, int headerBytes) {
        ByteBuf to = unsent;
        if (to == null) {
            to = context().alloc().buffer(4096);
            unsent = to;
        }
        to.writeBytes(builder.bytes(), 0, headerBytes);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // a failed write ends the connection, which is noticed there
    void flush() {
        ByteBuf what = unsent;
        if (what == null) return;
        unsent = null;
        context().writeAndFlush(what, context().voidPromise());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf frame = (ByteBuf) message;
        try {
            int total = frame.getInt(frame.readerIndex());
            int typeAndLength = frame.getInt(frame.readerIndex() + 4);
            int headerLength = FrameLimits.DEFAULT.checkHeaderLength(total, typeAndLength);
            frame.skipBytes(PREFIX_BYTES);
            Command command = reader.read(typeAndLength >>> 24, frame.nioBuffer(frame.readerIndex(), headerLength));
            frame.skipBytes(headerLength);
            // A broker may ask its clients things; a load generator has nothing to say.
            if (!command.isResponse()) return;
            int slot = command.opaque();
            Work now = work;
            if (now == null || slot < 0 || slot >= sentNanos.length) return;
            now.answered(this, slot, command, frame, clock.monotonicNanos() - sentNanos[slot]);
            now.issue(this, slot);
        } catch (ProtocolException e) {
            ChannelFuture unused = ctx.close();
            failed.accept("an answer cannot be read: " + e.getMessage());
        } finally {
            frame.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        flush();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        failed.accept("the broker closed connection " + number);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ChannelFuture unused = ctx.close();
        failed.accept("connection " + number + ": " + cause.getMessage());
    }

    private ChannelHandlerContext context() {
        ChannelHandlerContext known = context;
        if (known == null) throw new IllegalStateException("line " + number + " is not connected");
        return known;
    }
}
