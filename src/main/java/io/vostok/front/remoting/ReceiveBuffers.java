package io.vostok.front.remoting;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Gives every read of one event loop the same buffer, as long as nobody keeps it: what a read brought is mostly used up before
 * the next one, and a buffer that was just used is in the processor's cache. One event loop.
 */
final class ReceiveBuffers extends DefaultMaxMessagesRecvByteBufAllocator {
    private final int bytes;
    private @Nullable ByteBuf own;

    /** @param bytes of each read */
    ReceiveBuffers(int bytes) {
        this.bytes = bytes;
        own = Unpooled.directBuffer(bytes, bytes);
    }

    @Override
    @SuppressWarnings("deprecation") // Netty's own allocators are made of it, and there is no other way to make one.
    public Handle newHandle() {
        return new MaxMessageHandle() {
            @Override
            public int guess() {
                return bytes;
            }

            @Override
            public ByteBuf allocate(ByteBufAllocator others) {
                @Nullable ByteBuf free = own;
                return free == null || free.refCnt() > 1
                        ? others.ioBuffer(bytes)
                        : free.clear().retain();
            }
        };
    }

    /** Gives the buffer back; reads take others from now on. */
    void close() {
        @Nullable ByteBuf last = own;
        own = null;
        if (last != null) last.release();
    }
}
