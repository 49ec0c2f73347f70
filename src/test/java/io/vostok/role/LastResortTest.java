package io.vostok.role;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LastResortTest {
    @Test
    void tellsAnExhaustedHeapFromAShortSupplyOfBuffers() {
        assertThat(LastResort.heapIsExhausted(new OutOfMemoryError("Java heap space")))
                .isTrue();
        assertThat(LastResort.heapIsExhausted(new OutOfMemoryError())).isTrue();
        assertThat(LastResort.heapIsExhausted(
                        new OutOfMemoryError("Cannot reserve 8388608 bytes of direct buffer memory (allocated: 1)")))
                .isFalse();
        assertThat(LastResort.heapIsExhausted(new IllegalStateException("a bug")))
                .isFalse();
    }
}
