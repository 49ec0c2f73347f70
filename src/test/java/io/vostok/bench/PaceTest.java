package io.vostok.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PaceTest {
    @Test
    void aLateMessageKeepsTheTimeAtWhichItWasDue() {
        long start = justBeforeTheClockWraps();
        Pace pace = new Pace(1_000, start);

        assertThat(pace.due(start - 1)).isFalse();
        assertThat(pace.due(start)).isTrue();
        assertThat(pace.take()).isEqualTo(start);
        assertThat(pace.due(start + 999_999)).isFalse();
        // Five milliseconds late: five are due, each at its own time.
        for (int i = 1; i <= 5; i++) {
            assertThat(pace.due(start + 5_000_000)).isTrue();
            assertThat(pace.take()).isEqualTo(start + i * 1_000_000L);
        }
        assertThat(pace.due(start + 5_000_000)).isFalse();
    }

    private static long justBeforeTheClockWraps() {
        return Long.MAX_VALUE - 5;
    }
}
