package io.vostok.front.remoting;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vostok.broker.flow.FlowCounters;
import io.vostok.time.ManualClock;
import io.vostok.time.SystemClock;
import io.vostok.wire.frame.Command;
import io.vostok.wire.frame.FrameLimits;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a connection gives back when there is no memory. */
class SocketConnectionTest {
    private static final InetSocketAddress ANY = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);

    private final Vertx vertx = Vertx.vertx();
    private final Meagre allocator = new Meagre();

    @AfterEach
    void stop() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void givesBackTheStartOfAFrameThatCannotGrow() {
        EmbeddedChannel channel = aChannel();
        ByteBuf start = Unpooled.directBuffer(16, 16).writeInt(100_000).writeInt(500);
        ByteBuf rest = Unpooled.directBuffer(8_000, 8_000).writeZero(8_000);

        channel.writeInbound(start);
        assertThat(start.refCnt()).as("a receive buffer is not kept").isZero();
        ByteBuf kept = Objects.requireNonNull(allocator.last);
        assertThat(kept.refCnt()).as("the start is kept").isOne();
        allocator.empty = true;
        channel.writeInbound(rest);

        assertThat(kept.refCnt()).isZero();
        assertThat(rest.refCnt()).isZero();
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void givesBackAFewBytesThatCannotBeKeptApart() {
        EmbeddedChannel channel = aChannel();
        ByteBuf few = Unpooled.directBuffer(4_096, 4_096).writeInt(1_000);
        allocator.empty = true;

        channel.writeInbound(few);

        assertThat(few.refCnt()).isZero();
        assertThat(channel.isOpen()).isFalse();
    }

    private EmbeddedChannel aChannel() {
        LoopFrames frames = new LoopFrames(
                (ContextInternal) vertx.getOrCreateContext(),
                new FrameLimits(1 << 20, 1 << 16, 512),
                1 << 20,
                new UntakenAnswers(1 << 20, new SystemClock(), new FlowCounters()),
                new ManualClock(0),
                null);
        CommandRouter none = new CommandRouter() {
            @Override
            public void handle(Command command, ByteBuffer body, Connection connection) {
                throw new AssertionError("no whole frame was sent");
            }

            @Override
            public void closed(Connection connection) {}
        };
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.config().setAllocator(allocator);
        channel.pipeline().addLast(new SocketConnection(1, frames, none, new ManualClock(0), ANY, ANY, ended -> {}));
        return channel;
    }

    /** Has no memory once it is empty. */
    private static final class Meagre extends AbstractByteBufAllocator {
        boolean empty;

        @Nullable
        ByteBuf last;

        Meagre() {
            super(true);
        }

        @Override
        protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
            return UnpooledByteBufAllocator.DEFAULT.heapBuffer(initialCapacity, maxCapacity);
        }

        @Override
        protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
            if (empty) throw new OutOfMemoryError("Cannot reserve bytes of direct buffer memory");
            last = new UnpooledDirectByteBuf(this, initialCapacity, maxCapacity) {
                @Override
                public ByteBuf capacity(int newCapacity) {
                    if (empty) throw new OutOfMemoryError("Cannot reserve bytes of direct buffer memory");
                    return super.capacity(newCapacity);
                }
            };
            return last;
        }

        @Override
        public boolean isDirectBufferPooled() {
            return false;
        }
    }
}
