package io.vostok.front.remoting;

import io.netty.buffer.ByteBuf;
import io.vostok.broker.Refused;
import io.vostok.service.Endpoint;
import io.vostok.service.Peer;
import io.vostok.service.RecentProducers;
import io.vostok.wire.frame.Call;
import io.vostok.wire.frame.FrameBuilder;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One accepted connection; compared by identity. {@link #reply}, {@link #tell} and {@link #close} may come from any
 * thread, the rest only from the connection's event loop.
 */
public interface Connection extends Peer {
    /** Returns the peer. */
    InetSocketAddress remoteAddress();

    /** Returns this process's end of the connection. */
    InetSocketAddress localAddress();

    /** Returns the peer as message records hold it. */
    Endpoint endpoint();

    /** Hears how a one-way request ended that {@link #reply} is not told of. */
    default void done(Call call, int code) {}

    /** Answers {@code call}; nothing is sent when it was one-way or the connection is gone. */
    void reply(Call call, Reply reply);

    /** Sends a one-way request of our own, with {@code fields} and {@code body} as in a reply. */
    void tell(int requestCode, List<Reply.Field> fields, byte @Nullable [] body);

    @Override
    default void tell(int requestCode, Map<String, String> fields, byte[] body) {
        List<Reply.Field> list = new ArrayList<>(fields.size());
        fields.forEach((name, value) -> list.add(new Reply.Field(name, value)));
        tell(requestCode, list, body);
    }

    /** Closes after what is written has been sent; {@code reason} goes to the log. */
    @Override
    void close(String reason);

    /** Tells whether an answer still reaches anybody. */
    boolean isOpen();

    /** Tells whether the peer takes its answers; when not, large ones must not be added to those that wait for it. */
    @Override
    default boolean isWritable() {
        return isOpen();
    }

    /** Returns why no messages can be written now, because peers leave too much unread, or null. */
    default @Nullable Refused tooMuchUntaken() {
        return null;
    }

    /** Returns what {@link #lastSend(RecentProducers.Entry)} was told last, or null. */
    default RecentProducers.@Nullable Entry lastSend() {
        return null;
    }

    /** Keeps to whom the last send of this connection is put down. */
    default void lastSend(RecentProducers.Entry entry) {}

    /** Starts an answer on the hot path: the builder is shared by the event loop, so {@link #frame} and {@link #write} follow at once. */
    FrameBuilder answer(Call call, int code);

    /** Returns a buffer that starts with the finished head and has room for a body of {@code bodyLength} bytes. */
    ByteBuf frame(FrameBuilder head, int bodyLength);

    /** Writes the whole frame of the answer begun last and takes it over; flushed at the end of this tick. */
    void write(ByteBuf frame);

    /** Ends and writes the answer begun last, which has no body; flushed at the end of this tick. */
    void write(FrameBuilder head);
}
