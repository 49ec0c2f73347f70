package io.vostok.broker.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RateLimitTest {
    private static final long SECOND = 1_000_000_000;

    @Test
    void givesASecondsWorthAtOnceAndThenOneByOne() {
        RateLimit limit = new RateLimit(10, -SECOND);

        for (int i = 0; i < 10; i++) assertThat(limit.take(1, 0)).isZero();

        assertThat(limit.take(1, 0)).isEqualTo(SECOND / 10);
        assertThat(limit.take(1, SECOND / 10 - 1)).isEqualTo(1);
        assertThat(limit.take(1, SECOND / 10)).isZero();
        assertThat(limit.take(1, SECOND / 10)).isPositive();
    }

    @Test
    void savesNoMoreThanASecondsWorth() {
        RateLimit limit = new RateLimit(5, 0);

        for (int i = 0; i < 5; i++) assertThat(limit.take(1, 100 * SECOND)).isZero();

        assertThat(limit.take(1, 100 * SECOND)).isPositive();
    }

    @Test
    void takesALargeBatchWhenNothingIsOwedAndPaysForItLater() {
        RateLimit limit = new RateLimit(10, 0);

        assertThat(limit.take(35, 0)).isZero();

        assertThat(limit.take(1, 0)).isEqualTo(26 * SECOND / 10);
        assertThat(limit.take(35, SECOND))
                .as("a large one waits until nothing is owed")
                .isEqualTo(25 * SECOND / 10);
        assertThat(limit.take(1, 26 * SECOND / 10)).isZero();
    }

    @Test
    void letsWhatIsChargedAfterwardsWaitUntilLessThanASecondIsOwed() {
        RateLimit limit = new RateLimit(10, 0);

        assertThat(limit.waitNanos(0)).isZero();
        limit.charge(32, 0);

        assertThat(limit.waitNanos(0)).isEqualTo(22 * SECOND / 10 + 1);
        assertThat(limit.waitNanos(22 * SECOND / 10 + 1)).isZero();
    }

    @Test
    void neverGivesMoreThanItsRateWhateverIsAsked() {
        for (long seed = 1; seed <= 100; seed++) {
            Random random = new Random(seed);
            long rate = 1L + random.nextInt(1_000);
            RateLimit limit = new RateLimit(rate, 0);
            long now = 0;
            long taken = 0;
            for (int i = 0; i < 5_000; i++) {
                if (random.nextInt(3) == 0) now += random.nextInt(20_000_000);
                if (limit.take(1, now) == 0) taken++;
            }
            assertThat(taken).as("seed %d", seed).isLessThanOrEqualTo(rate + rate * now / SECOND + 1);
            assertThat(taken).as("seed %d", seed).isPositive();
        }
    }

    @Test
    void isSharedByThreadsWithoutGivingMore() throws InterruptedException {
        RateLimit limit = new RateLimit(50_000, 0);
        AtomicLong taken = new AtomicLong();
        Thread[] threads = new Thread[4];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = new Thread(() -> {
                for (int n = 0; n < 50_000; n++) if (limit.take(1, 0) == 0) taken.incrementAndGet();
            });
            threads[i].start();
        }
        for (Thread thread : threads) thread.join();

        assertThat(taken.get()).isEqualTo(50_000);
    }
}
