package io.vostok.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HoldDeadlineTest {
    private static final long MILLI = 1_000_000;

    @Test
    void neverHoldsShorterNorMuchLongerThanAsked() {
        Random random = new Random(1);
        for (int i = 0; i < 100_000; i++) {
            long now = random.nextLong() >> 2;
            long hold = random.nextInt(1 << random.nextInt(21));

            long held = HoldDeadline.of(now, hold) - now;

            assertThat(held).isBetween(hold * MILLI, hold * MILLI + hold * MILLI / 64);
        }
    }

    @Test
    void tenThousandHeldRequestsShareFewDeadlines() {
        Set<Long> deadlines = new HashSet<>();
        for (int i = 0; i < 10_000; i++) deadlines.add(HoldDeadline.of(i * 1_500_000L, 15_000));

        assertThat(deadlines).hasSizeBetween(2, 15_000 / 128 + 2);
    }

    @Test
    void shortOnesAreExact() {
        assertThat(HoldDeadline.of(123, 63)).isEqualTo(123 + 63 * MILLI);
    }
}
