package io.vostok.front.remoting;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.util.internal.OutOfDirectMemoryError;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vostok.broker.Refused;
import io.vostok.front.remoting.tls.PortUnification;
import io.vostok.metrics.CallTimes;
import io.vostok.service.Endpoint;
import io.vostok.service.PeerAnswer;
import io.vostok.service.RecentProducers;
import io.vostok.time.Clock;
import io.vostok.wire.RequestCode;
import io.vostok.wire.ResponseCode;
import io.vostok.wire.body.BadBodyException;
import io.vostok.wire.frame.BadFieldException;
import io.vostok.wire.frame.Call;
import io.vostok.wire.frame.Command;
import io.vostok.wire.frame.Encoding;
import io.vostok.wire.frame.FrameBuilder;
import io.vostok.wire.frame.FrameLimits;
import io.vostok.wire.frame.ProtocolException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One accepted socket: cuts frames, hands commands to the router, writes answers. On the Netty pipeline in front of
 * Vert.x's own handler, so that a read is neither copied nor wrapped.
 *
 * <p>A broken frame ends this connection only, with one line in the log. Answers of one tick are flushed together. While
 * the peer does not read its answers, its requests are not read either.
 */
final class SocketConnection extends ChannelInboundHandlerAdapter implements Connection {
    private static final Logger LOG = LoggerFactory.getLogger(SocketConnection.class);

    /** Requests of ours that one client may leave unanswered at a time. */
    private static final int MOST_ASKED = 1_024;

    private static final int SMALL_FRAME_BYTES = 4_096;
    private static final int MOST_GATHERED_BYTES = 1 << 14;

    /** A request of ours that waits for its answer, and the timer that ends the wait. */
    private record Question(Promise<PeerAnswer> answer, long timer) {}

    private final long id;
    private Endpoint endpoint;
    private final LoopFrames frames;
    private final CommandRouter router;
    private final Clock clock;
    private final Consumer<SocketConnection> whenClosed;
    private InetSocketAddress remote;
    private final InetSocketAddress local;
    private @Nullable ChannelHandlerContext context;
    private RecentProducers.@Nullable Entry lastSend;
    private @Nullable ByteBuf unfinished;
    private long unfinishedSinceNanos;
    /** The answers of this tick that have no body, back to back. */
    private @Nullable ByteBuf gathered;
    /** How many bytes of them there were when there were some: as many are likely next time. */
    private int gatheredLately;

    private long lastTrafficNanos;
    private final Map<Integer, Question> asked = new HashMap<>();
    private int opaque;
    private int heldBytes;
    private boolean first = true;
    private boolean reading = true;
    private boolean flushing;
    /** Whether the count of untaken answers looks at this connection. */
    private boolean known;

    private boolean closed;

    /** @param whenClosed runs once, after the router has heard of the end */
    SocketConnection(
            long id,
            LoopFrames frames,
            CommandRouter router,
            Clock clock,
            InetSocketAddress remote,
            InetSocketAddress local,
            Consumer<SocketConnection> whenClosed) {
        this.id = id;
        this.frames = frames;
        this.router = router;
        this.clock = clock;
        this.remote = remote;
        this.endpoint = Endpoint.of(remote);
        this.local = local;
        this.whenClosed = whenClosed;
        this.lastTrafficNanos = clock.monotonicNanos();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof ByteBuf read)) {
            ctx.fireChannelRead(message);
            return;
        }
        if (closed) {
            read.release();
            return;
        }
        ContextInternal outer = frames.context().beginDispatch();
        try {
            handleRead(ctx, read);
        } finally {
            frames.context().endDispatch(outer);
        }
    }

    private void handleRead(ChannelHandlerContext ctx, ByteBuf read) {
        if (first) {
            first = false;
            believeProxy(ctx);
        }
        lastTrafficNanos = clock.monotonicNanos();
        try {
            if (!finish(read)) return;
            while (!closed && handleFrame(read)) {
                // Every whole frame that is there.
            }
            if (!closed && read.isReadable()) keep(ctx, read);
        } catch (ProtocolException broken) {
            close("broken frame: " + broken.getMessage());
        } finally {
            read.release();
        }
    }

    /** Takes out of {@code read} what the frame begun before lacks; tells whether the next frame may be handled. */
    private boolean finish(ByteBuf read) {
        @Nullable ByteBuf begun = unfinished;
        if (begun == null) return true;
        while (true) {
            int lacking = needed(begun) - begun.readableBytes();
            if (lacking == 0) break;
            if (!read.isReadable()) {
                held(begun.capacity());
                return false;
            }
            begun.writeBytes(read, Math.min(lacking, read.readableBytes()));
        }
        unfinished = null;
        held(0);
        try {
            handleFrame(begun);
        } finally {
            begun.release();
        }
        return !closed;
    }

    /** Takes the client's address from the PROXY prefix that came before the first frame, if there was one. */
    private void believeProxy(ChannelHandlerContext ctx) {
        @Nullable
        InetSocketAddress client =
                ctx.channel().attr(PortUnification.CLIENT_ADDRESS).get();
        if (client == null) return;
        remote = client;
        endpoint = Endpoint.of(client);
    }

    /**
     * Keeps the start of a frame until the rest comes, in a buffer of its own: a few bytes must not hold a whole receive
     * buffer. What a peer has only announced takes no room, beyond that of a small frame.
     */
    private void keep(ChannelHandlerContext ctx, ByteBuf bytes) {
        int capacity = Math.max(bytes.readableBytes(), Math.min(needed(bytes), SMALL_FRAME_BYTES));
        ByteBuf begun = ctx.alloc().directBuffer(capacity);
        begun.writeBytes(bytes);
        unfinished = begun;
        unfinishedSinceNanos = lastTrafficNanos;
        held(begun.capacity());
    }

    /** Counts what the unfinished frame holds, within what the event loop may keep for all its connections. */
    private void held(int bytes) {
        boolean fits = frames.held(bytes - heldBytes);
        heldBytes = bytes;
        if (!fits && bytes > 0) {
            close("unfinished frames hold more than " + frames.heldLimitBytes()
                    + " bytes on this event loop (limits.inFlightBytes)");
        }
    }

    /** Returns how long the frame at the front is, or how many bytes it takes to tell; checks what there is of its lengths. */
    private int needed(ByteBuf bytes) {
        int available = bytes.readableBytes();
        if (available < Integer.BYTES) return Integer.BYTES;
        int start = bytes.readerIndex();
        int totalLength = bytes.getInt(start);
        frames.limits().checkTotalLength(totalLength);
        if (available < FrameLimits.PREFIX_BYTES) return FrameLimits.PREFIX_BYTES;
        frames.limits().checkHeaderLength(totalLength, bytes.getInt(start + Integer.BYTES));
        return Integer.BYTES + totalLength;
    }

    private boolean handleFrame(ByteBuf bytes) {
        int size = needed(bytes);
        if (bytes.readableBytes() < size) return false;
        int start = bytes.readerIndex();
        int end = start + size;
        int typeAndLength = bytes.getInt(start + Integer.BYTES);
        int headerLength = FrameLimits.headerLength(typeAndLength);
        int bodyStart = start + FrameLimits.PREFIX_BYTES + headerLength;
        Command command = frames.reader()
                .read(typeAndLength >>> 24, bytes.nioBuffer(start + FrameLimits.PREFIX_BYTES, headerLength));
        command.came(lastTrafficNanos);
        bytes.readerIndex(end);
        unfinishedSinceNanos = lastTrafficNanos;
        ByteBuffer body = bytes.nioBuffer(bodyStart, end - bodyStart);
        if (command.isResponse()) {
            answered(command, body);
        } else {
            handle(command, body);
        }
        return true;
    }

    private void handle(Command command, ByteBuffer body) {
        try {
            router.handle(command, body, this);
        } catch (BadFieldException | BadBodyException bad) {
            reply(command.call(), Reply.error(ResponseCode.SYSTEM_ERROR, String.valueOf(bad.getMessage())));
        } catch (OutOfMemoryError full) {
            if (!ofBuffers(full)) throw full;
            LOG.warn("request refused code={} peer={} reason={}", command.code(), text(remote), full.getMessage());
            reply(
                    command.call(),
                    Reply.error(
                            ResponseCode.SYSTEM_BUSY,
                            "[REJECTREQUEST] the broker is short of buffer memory (-XX:MaxDirectMemorySize); send again later"));
        } catch (RuntimeException bug) {
            LOG.error("request code={} peer={} failed", command.code(), text(remote), bug);
            reply(command.call(), Reply.error(ResponseCode.SYSTEM_ERROR, "the broker failed: " + bug));
        }
    }

    @Override
    public Future<PeerAnswer> ask(int requestCode, Map<String, String> fields, byte[] body, Duration patience) {
        Promise<PeerAnswer> answer = frames.context().promise();
        if (frames.loop().inEventLoop()) {
            ask(requestCode, fields, body, patience, answer);
        } else {
            frames.loop().execute(() -> ask(requestCode, fields, body, patience, answer));
        }
        return answer.future();
    }

    private void ask(
            int requestCode, Map<String, String> fields, byte[] body, Duration patience, Promise<PeerAnswer> answer) {
        if (context == null) {
            answer.fail("connection to " + text(remote) + " is gone");
            return;
        }
        if (asked.size() == MOST_ASKED) {
            answer.fail("client " + text(remote) + " leaves " + MOST_ASKED + " requests unanswered");
            return;
        }
        int question = ++opaque;
        long timer = frames.context().owner().setTimer(Math.max(1, patience.toMillis()), late -> {
            if (asked.remove(question) != null) answer.fail("client " + text(remote) + " did not answer in time");
        });
        asked.put(question, new Question(answer, timer));
        FrameBuilder head = frames.builder().request(Encoding.JSON, question, requestCode, false);
        fields.forEach(head::field);
        send(frame(head, body.length).writeBytes(body));
    }

    /** An answer to nothing that was asked, or one that comes too late, is dropped. */
    private void answered(Command command, ByteBuffer body) {
        @Nullable Question question = asked.remove(command.opaque());
        if (question == null) return;
        frames.context().owner().cancelTimer(question.timer());
        byte[] copy = new byte[body.remaining()];
        body.get(copy);
        question.answer().complete(new PeerAnswer(command.code(), command.remark(), copy));
    }

    /** Reads no further request; answers still go out. */
    void stopReading() {
        reading = false;
        @Nullable ChannelHandlerContext open = context;
        if (open != null) open.channel().config().setAutoRead(false);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        ctx.channel().config().setAutoRead(reading && ctx.channel().isWritable());
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        end();
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        end();
    }

    private void end() {
        if (context == null) return;
        closed = true;
        context = null;
        frames.untaken().ended(this);
        if (unfinished != null) {
            unfinished.release();
            unfinished = null;
        }
        if (gathered != null) {
            gathered.release();
            gathered = null;
        }
        held(0);
        for (Question question : List.copyOf(asked.values())) {
            frames.context().owner().cancelTimer(question.timer());
            question.answer().fail("connection to " + text(remote) + " was lost");
        }
        asked.clear();
        ContextInternal outer = frames.context().beginDispatch();
        try {
            router.closed(this);
        } finally {
            frames.context().endDispatch(outer);
        }
        whenClosed.accept(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // A peer that resets its connection is everyday; anything else deserves its line.
        if (cause instanceof IOException) {
            LOG.debug("connection lost peer={} cause={}", text(remote), cause.getMessage());
        } else {
            LOG.warn("connection closed peer={} reason={}", text(remote), cause.toString());
            // Not this connection's matter alone: whoever runs the process decides.
            if (cause instanceof OutOfMemoryError full && !ofBuffers(full))
                frames.context().reportException(full);
        }
        shut(ctx);
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return remote;
    }

    @Override
    public Endpoint endpoint() {
        return endpoint;
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public String address() {
        return text(remote);
    }

    @Override
    public void membersChanged(String group) {
        tell(RequestCode.NOTIFY_CONSUMER_IDS_CHANGED, List.of(new Reply.Field("consumerGroup", group)), null);
    }

    @Override
    public InetSocketAddress localAddress() {
        return local;
    }

    @Override
    public void reply(Call call, Reply reply) {
        if (call.oneWay()) {
            done(call, reply.code());
            return;
        }
        if (!frames.loop().inEventLoop()) {
            frames.loop().execute(() -> reply(call, reply));
            return;
        }
        if (context == null) return;
        FrameBuilder head = answer(call, reply.code()).remark(reply.remark());
        byte @Nullable [] body = reply.body();
        for (Reply.Field field : reply.fields()) head.field(field.name(), field.value());
        if (body == null) write(head);
        else write(frame(head, body.length).writeBytes(body));
    }

    @Override
    public void done(Call call, int code) {
        @Nullable CallTimes times = frames.times();
        if (times == null) return;
        if (!frames.loop().inEventLoop()) {
            frames.loop().execute(() -> done(call, code));
            return;
        }
        times.done(call.code(), code, call.waited(), call.sinceNanos(), clock.monotonicNanos());
    }

    @Override
    public void tell(int requestCode, List<Reply.Field> fields, byte @Nullable [] body) {
        if (!frames.loop().inEventLoop()) {
            frames.loop().execute(() -> tell(requestCode, fields, body));
            return;
        }
        if (context == null) return;
        FrameBuilder head = frames.builder().request(Encoding.JSON, ++opaque, requestCode, true);
        for (Reply.Field field : fields) head.field(field.name(), field.value());
        ByteBuf frame = frame(head, body == null ? 0 : body.length);
        send(body == null ? frame : frame.writeBytes(body));
    }

    @Override
    public FrameBuilder answer(Call call, int code) {
        frames.begun(call, code);
        return frames.builder().response(call.encoding(), call.opaque(), code);
    }

    @Override
    public ByteBuf frame(FrameBuilder head, int bodyLength) {
        int headLength = head.end(bodyLength);
        return buffer(headLength + bodyLength).writeBytes(head.bytes(), 0, headLength);
    }

    private ByteBuf buffer(int bytes) {
        try {
            return frames.buffers().take(bytes);
        } catch (OutOfMemoryError full) {
            if (!ofBuffers(full)) throw full;
            // Nothing can be said to this peer, and it must not wait in vain: it may connect and ask again.
            close("no buffer memory for an answer of " + bytes + " bytes");
            throw new IllegalStateException("no memory for an answer to " + text(remote), full);
        }
    }

    /** Tells a short supply of buffers, which passes, from an exhausted heap, which does not. */
    private static boolean ofBuffers(Throwable full) {
        return full instanceof OutOfDirectMemoryError
                || String.valueOf(full.getMessage()).contains("direct buffer memory");
    }

    /** Nobody waits for the end: it comes back as channelInactive. */
    @SuppressWarnings("FutureReturnValueIgnored")
    private void shut(ChannelHandlerContext open) {
        writeGathered(open);
        open.flush();
        open.close();
    }

    @Override
    public void write(ByteBuf frame) {
        if (context != null) frames.answered();
        send(frame);
    }

    @Override
    public void write(FrameBuilder head) {
        @Nullable ChannelHandlerContext open = context;
        if (open == null) return;
        frames.answered();
        int length = head.end(0);
        @Nullable ByteBuf small = gathered;
        if (small != null && small.writableBytes() < length) {
            writeGathered(open);
            small = null;
        }
        if (small == null) gathered = small = buffer(Math.max(length, gatheredLately));
        small.writeBytes(head.bytes(), 0, length);
        written(length);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // a failed write ends the connection, which is noticed there
    private void send(ByteBuf frame) {
        @Nullable ChannelHandlerContext open = context;
        if (open == null) {
            frame.release();
            return;
        }
        written(frame.readableBytes());
        writeGathered(open);
        open.write(frame, open.voidPromise());
    }

    /** Hands the small answers of this tick on, as one buffer. */
    @SuppressWarnings("FutureReturnValueIgnored") // as for one frame
    private void writeGathered(ChannelHandlerContext open) {
        @Nullable ByteBuf small = gathered;
        if (small == null) return;
        gathered = null;
        gatheredLately = Math.min(small.readableBytes(), MOST_GATHERED_BYTES);
        open.write(small, open.voidPromise());
    }

    private void written(int bytes) {
        known = frames.untaken().written(this, known, bytes);
        if (!flushing) {
            flushing = true;
            frames.flushLater(this);
        }
    }

    @Override
    public RecentProducers.@Nullable Entry lastSend() {
        return lastSend;
    }

    @Override
    public void lastSend(RecentProducers.Entry entry) {
        lastSend = entry;
    }

    @Override
    public boolean isOpen() {
        return context != null;
    }

    @Override
    public boolean isWritable() {
        @Nullable ChannelHandlerContext open = context;
        return open != null && open.channel().isWritable();
    }

    @Override
    public @Nullable Refused tooMuchUntaken() {
        return frames.untaken().refusal(this);
    }

    /** Returns bytes written and not taken by the peer's system. */
    long untakenBytes() {
        @Nullable ChannelHandlerContext open = context;
        @Nullable
        ChannelOutboundBuffer left =
                open == null ? null : open.channel().unsafe().outboundBuffer();
        long gatheredBytes = gathered == null ? 0 : gathered.readableBytes();
        return gatheredBytes + (left == null ? 0 : left.totalPendingWriteBytes());
    }

    void tookAll() {
        known = false;
    }

    void flushNow(long nowNanos) {
        flushing = false;
        lastTrafficNanos = nowNanos;
        @Nullable ChannelHandlerContext open = context;
        if (open == null) return;
        writeGathered(open);
        open.flush();
    }

    @Override
    public void close(String reason) {
        if (!frames.loop().inEventLoop()) {
            frames.loop().execute(() -> close(reason));
            return;
        }
        if (closed) return;
        closed = true;
        LOG.warn("connection closed peer={} reason={}", text(remote), reason);
        @Nullable ChannelHandlerContext open = context;
        if (open != null) {
            shut(open);
        }
    }

    /** Closes without a line in the log: the process stops or the peer was idle. */
    void closeQuietly() {
        closed = true;
        @Nullable ChannelHandlerContext open = context;
        if (open != null) {
            shut(open);
        }
    }

    /** Closes the connection when nothing has happened on it, or a frame has been unfinished, for too long. */
    void checkAge(long nowNanos, long idleNanos, long unfinishedNanos) {
        if (unfinished != null && nowNanos - unfinishedSinceNanos > unfinishedNanos) {
            close("a frame has been unfinished for " + unfinishedNanos / 1_000_000_000
                    + " s (limits.unfinishedFrameTime)");
        } else if (nowNanos - lastTrafficNanos > idleNanos) {
            LOG.debug("connection closed peer={} reason=idle", text(remote));
            closeQuietly();
        }
    }

    /** Returns {@code ip:port}, as lists and logs show peers. */
    static String text(SocketAddress address) {
        if (!(address instanceof InetSocketAddress inet)) return String.valueOf(address);
        String host = inet.getAddress() == null
                ? inet.getHostString()
                : inet.getAddress().getHostAddress();
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + inet.getPort();
    }
}
