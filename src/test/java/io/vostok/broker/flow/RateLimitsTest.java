package io.vostok.broker.flow;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.time.ManualClock;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RateLimitsTest {
    private final ManualClock clock = new ManualClock(0);
    private final FlowCounters counters = new FlowCounters();

    @Test
    void limitsEachNameByItselfTheOthersByTheStarAndZeroNotAtAll() {
        RateLimits limits = RateLimits.ofTopics(Map.of("slow", 1L, "free", 0L, "*", 2L), clock, counters);

        assertThat(limits.take("slow", 1)).isNull();
        assertThat(limits.take("slow", 1)).isNotNull();
        assertThat(limits.take("other", 2)).isNull();
        assertThat(limits.take("other", 1)).isNotNull();
        assertThat(limits.take("another", 1)).isNull();
        for (int i = 0; i < 100; i++) assertThat(limits.take("free", 1_000)).isNull();
        assertThat(counters.of(FlowEvent.REFUSED_TOPIC_RATE)).isEqualTo(2);
    }

    @Test
    void namesTheTopicTheLimitAndTheWaitWithTheCodeOfABusyBroker() {
        RateLimits limits = RateLimits.ofTopics(Map.of("slow", 2L), clock, counters);
        limits.take("slow", 2);

        Refused refused = requireNonNull(limits.take("slow", 1));

        assertThat(refused.refusal()).isEqualTo(Refusal.BUSY);
        assertThat(refused.words())
                .isEqualTo("`slow` has its 2 messages a second (limits.topicRates); try again in 501 ms");
    }

    @Test
    void letsAGroupReadAgainWhenItHasPaidForWhatItWasGiven() {
        RateLimits limits = RateLimits.ofGroups(Map.of("g", 10L), clock, counters);

        assertThat(limits.check("g")).isNull();
        limits.charge("g", 32);

        Refused refused = requireNonNull(limits.check("g"));
        assertThat(refused.refusal()).isEqualTo(Refusal.FLOW_CONTROL);
        assertThat(refused.words()).contains("limits.groupRates");
        assertThat(limits.check("h")).isNull();
        clock.advance(java.time.Duration.ofMillis(2_201));
        assertThat(limits.check("g")).isNull();
        assertThat(counters.of(FlowEvent.REFUSED_GROUP_RATE)).isOne();
    }
}
