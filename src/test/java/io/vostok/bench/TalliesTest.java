package io.vostok.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.wire.frame.Encoding;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TalliesTest {
    @Test
    void anOutcomeIsTheSumOfItsSeconds() {
        Tallies window = new Tallies();
        for (int second = 1; second <= 2; second++) {
            Tallies one = new Tallies();
            one.success(10 * second, 1_000);
            one.took(second * 1_000_000L);
            one.refused(2, "busy");
            window.add(one);
        }

        Plan plan = new Plan(
                Plan.Mode.SEND,
                new Plan.Aim("127.0.0.1:9876", "bench", 8),
                new Plan.Load(1, 1, 0, Encoding.JSON),
                new Plan.Content(100, 1, 0),
                new Plan.Take(1, null),
                new Plan.Span(Duration.ZERO, Duration.ofSeconds(2)));
        Outcome outcome = Outcome.of(plan, window, 2_000_000_000L);

        assertThat(outcome.messages()).isEqualTo(30);
        assertThat(outcome.perSecond()).isEqualTo(15);
        assertThat(outcome.requests()).isEqualTo(4);
        assertThat(outcome.refusals()).containsOnly(Map.entry("2 busy", 2L));
        assertThat(outcome.latencyMicros().get("p50")).isBetween(999.0, 1001.0);
        assertThat(outcome.latencyMicros().get("max")).isBetween(1999.0, 2001.0);
    }

    @Test
    void reasonsAreBounded() {
        Tallies tallies = new Tallies();

        for (int i = 0; i < 1_000; i++) tallies.refused(2, "reason " + i);

        assertThat(tallies.refusals).hasSizeLessThan(25).containsKey("other");
        assertThat(tallies.refusedTotal()).isEqualTo(1_000);
    }
}
