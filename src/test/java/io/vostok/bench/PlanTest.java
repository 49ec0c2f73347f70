package io.vostok.bench;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.vostok.bench.Plan.Mode;
import io.vostok.wire.frame.Encoding;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PlanTest {
    private static final Plan.Aim AIM = new Plan.Aim("127.0.0.1:9876", "bench", 8);
    private static final Plan.Span SPAN = new Plan.Span(Duration.ZERO, Duration.ofSeconds(1));
    private static final Plan.Content SMALL = new Plan.Content(128, 1, 0);

    @Test
    void endToEndNeedsARateAndRoomForTheStamp() {
        refuses("end-to-end needs a rate", () -> plan(Mode.END_TO_END, 0, SMALL, 32));
        refuses("size must be from 16", () -> plan(Mode.END_TO_END, 10, new Plan.Content(15, 1, 0), 32));
    }

    @Test
    void batchesAreOnlySentAndHaveNoDelay() {
        refuses("batches are for the mode send", () -> plan(Mode.TRANSACTION, 0, new Plan.Content(128, 2, 0), 32));
        refuses("a batch cannot have a delay", () -> new Plan.Content(128, 2, 1));
        refuses("a batch has at most 4 MiB", () -> new Plan.Content(1 << 20, 5, 0));
    }

    @Test
    void aPopTakesNoMoreThanBrokersGive() {
        refuses("fetch must be from 1 to 32, was 33", () -> plan(Mode.POP, 0, SMALL, 33));
    }

    private static Plan plan(Mode mode, double rate, Plan.Content content, int fetch) {
        return new Plan(mode, AIM, new Plan.Load(1, 1, rate, Encoding.JSON), content, new Plan.Take(fetch, null), SPAN);
    }

    private static void refuses(String words, Runnable plan) {
        assertThatIllegalArgumentException().isThrownBy(plan::run).withMessageContaining(words);
    }
}
