package io.vostok.front.remoting;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SpareBuffersTest {
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    private final SpareBuffers buffers = new SpareBuffers(allocator);

    @AfterEach
    void nothingIsLeft() {
        buffers.close();
        assertThat(allocator.metric().usedDirectMemory()).isZero();
    }

    @Test
    void givesTheSameBufferInTheNextTickOnceItWasTaken() {
        ByteBuf first = buffers.take(10_000).writeInt(1);
        first.release();

        buffers.take(20_000).release();
        buffers.endOfTick();
        ByteBuf again = buffers.take(9_000);

        assertThat(again).isSameAs(first);
        assertThat(again.readableBytes()).isZero();
        assertThat(again.refCnt()).isEqualTo(2);
        again.release();
    }

    @Test
    void leavesToTheConnectionWhatItsPeerHasNotTaken() {
        ByteBuf slow = buffers.take(1_000);

        buffers.endOfTick();

        assertThat(slow.refCnt()).isEqualTo(1);
        assertThat(buffers.take(1_000)).isNotSameAs(slow).satisfies(other -> other.release());
        slow.release();
    }

    @Test
    void doesNotSpendALargeBufferOnASmallAnswer() {
        buffers.take(100_000).release();
        buffers.endOfTick();

        ByteBuf small = buffers.take(300);

        assertThat(small.capacity()).isLessThan(1_024);
        small.release();
    }

    @Test
    void keepsAMebibyteAtMostWhateverWasTaken() {
        Random random = new Random(3);
        for (int tick = 0; tick < 500; tick++) {
            List<ByteBuf> taken = new ArrayList<>();
            for (int i = random.nextInt(100); i > 0; i--) taken.add(buffers.take(1 << random.nextInt(22)));
            for (ByteBuf buffer : taken) assertThat(buffer.refCnt()).isEqualTo(2);
            for (ByteBuf buffer : taken) buffer.release();

            buffers.endOfTick();

            assertThat(buffers.spareBytes()).isBetween(0, 1 << 20);
            assertThat(allocator.metric().usedDirectMemory()).isEqualTo(buffers.spareBytes());
        }
    }
}
