package io.vostok.front.remoting;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;

/**
 * Buffers for the answers of one event loop. Most are in the socket by the end of their tick, and come back for the next:
 * allocating one costs more than filling it. What a peer has not taken by then belongs to its connection alone. Used only on
 * that loop.
 */
final class SpareBuffers {
    private static final int MOST_SPARE = 64;
    private static final int MOST_SPARE_BYTES = 1 << 20;
    private static final int LARGEST_SPARE_BYTES = MOST_SPARE_BYTES / 2;
    private static final int SMALLEST_BYTES = 512;

    private final ByteBufAllocator allocator;
    private final List<ByteBuf> lent = new ArrayList<>();
    /** Those that came back last are at the end. */
    private final ArrayList<ByteBuf> spare = new ArrayList<>();

    private int spareBytes;
    private boolean closed;

    SpareBuffers(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    /** Returns an empty buffer with room for {@code bytes}, at most twice as large; whoever gets it releases it as any other. */
    ByteBuf take(int bytes) {
        if (closed) return allocator.directBuffer(bytes);
        ByteBuf buffer = spareFor(Math.max(bytes, SMALLEST_BYTES));
        lent.add(buffer.retain());
        return buffer;
    }

    private ByteBuf spareFor(int bytes) {
        for (int i = spare.size() - 1; i >= 0; i--) {
            int capacity = spare.get(i).capacity();
            if (capacity < bytes || capacity / 2 > bytes) continue;
            spareBytes -= capacity;
            return spare.remove(i).clear();
        }
        return allocator.directBuffer(bytes);
    }

    /** Takes back what was released since it was taken. */
    void endOfTick() {
        for (int i = 0; i < lent.size(); i++) {
            ByteBuf buffer = lent.get(i);
            if (buffer.refCnt() == 1) keep(buffer);
            else buffer.release();
        }
        lent.clear();
    }

    private void keep(ByteBuf buffer) {
        if (buffer.capacity() > LARGEST_SPARE_BYTES) {
            buffer.release();
            return;
        }
        spare.add(buffer);
        spareBytes += buffer.capacity();
        while (spare.size() > MOST_SPARE || spareBytes > MOST_SPARE_BYTES) {
            ByteBuf oldest = spare.remove(0);
            spareBytes -= oldest.capacity();
            oldest.release();
        }
    }

    /** Returns how many bytes wait to be used again. */
    int spareBytes() {
        return spareBytes;
    }

    /** Releases everything, and keeps nothing from now on. */
    void close() {
        closed = true;
        endOfTick();
        for (ByteBuf buffer : spare) buffer.release();
        spare.clear();
        spareBytes = 0;
    }
}
