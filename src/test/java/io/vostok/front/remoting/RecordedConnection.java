package io.vostok.front.remoting;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vostok.service.Endpoint;
import io.vostok.service.PeerAnswer;
import io.vostok.wire.frame.Call;
import io.vostok.wire.frame.FrameBuilder;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A connection that keeps what was answered. */
class RecordedConnection implements Connection {
    final List<Reply> replies = new ArrayList<>();
    final List<ByteBuf> frames = new ArrayList<>();
    final List<Call> calls = new ArrayList<>();

    Reply last() {
        return replies.get(replies.size() - 1);
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return InetSocketAddress.createUnresolved("10.0.0.9", 4242);
    }

    @Override
    public InetSocketAddress localAddress() {
        return InetSocketAddress.createUnresolved("10.0.0.1", 9876);
    }

    @Override
    public void reply(Call call, Reply reply) {
        calls.add(call);
        replies.add(reply);
    }

    @Override
    public void tell(int requestCode, List<Reply.Field> fields, byte @Nullable [] body) {
        throw new AssertionError("the name server tells nothing over connections it accepted");
    }

    @Override
    public Endpoint endpoint() {
        return Endpoint.of(remoteAddress());
    }

    @Override
    public long id() {
        return System.identityHashCode(this);
    }

    @Override
    public String address() {
        return "10.0.0.9:4242";
    }

    @Override
    public void membersChanged(String group) {
        throw new AssertionError("nobody asked to tell of members of " + group);
    }

    @Override
    public Future<PeerAnswer> ask(int requestCode, Map<String, String> fields, byte[] body, Duration patience) {
        throw new AssertionError("nobody asked to ask for " + requestCode);
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public FrameBuilder answer(Call call, int code) {
        return new FrameBuilder().response(call.encoding(), call.opaque(), code);
    }

    @Override
    public ByteBuf frame(FrameBuilder head, int bodyLength) {
        int length = head.end(bodyLength);
        return Unpooled.buffer(length + bodyLength).writeBytes(head.bytes(), 0, length);
    }

    @Override
    public void write(FrameBuilder head) {
        write(frame(head, 0));
    }

    @Override
    public void write(ByteBuf frame) {
        frames.add(frame);
    }

    @Override
    public void close(String reason) {
        throw new AssertionError("closed: " + reason);
    }
}
