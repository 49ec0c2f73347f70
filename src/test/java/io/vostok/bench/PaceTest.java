package io.vostok.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PaceTest {
    private static final long START = Long.MAX_VALUE - 5; // nanoTime may wrap

    @Test
    void aLateMessageKeepsTheTimeAtWhichItWasDue() {
        Pace pace = new Pace(1_000, START);

        assertThat(pace.due(START - 1)).isFalse();
        assertThat(pace.due(START)).isTrue();
        assertThat(pace.take()).isEqualTo(START);
        assertThat(pace.due(START + 999_999)).isFalse();
        // Five milliseconds late: five are due, each at its own time.
        for (int i = 1; i <= 5; i++) {
            assertThat(pace.due(START + 5_000_000)).isTrue();
            assertThat(pace.take()).isEqualTo(START + i * 1_000_000L);
        }
        assertThat(pace.due(START + 5_000_000)).isFalse();
    }
}
