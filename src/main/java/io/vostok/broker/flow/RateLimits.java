package io.vostok.broker.flow;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The rates of topics or of groups, by name. Any thread. */
public final class RateLimits {
    /** The name that stands for every other one. */
    public static final String ALL = "*";

    private final String setting;
    private final Map<String, Long> rates;
    private final long usual;
    private final Clock clock;
    private final Refusal refusal;
    private final FlowEvent event;
    private final FlowCounters counters;
    private final ConcurrentHashMap<String, RateLimit> limits = new ConcurrentHashMap<>();

    private RateLimits(
            String setting,
            Map<String, Long> rates,
            Clock clock,
            Refusal refusal,
            FlowEvent event,
            FlowCounters counters) {
        this.setting = setting;
        this.rates = Map.copyOf(rates);
        this.usual = rates.getOrDefault(ALL, 0L);
        this.clock = clock;
        this.refusal = refusal;
        this.event = event;
        this.counters = counters;
    }

    /** Returns the limits of what may be sent to topics. */
    public static RateLimits ofTopics(Map<String, Long> rates, Clock clock, FlowCounters counters) {
        // The code of an overloaded broker: clients of 5.x try another broker, those of 4.9 tell the application at
        // once.
        return new RateLimits("limits.topicRates", rates, clock, Refusal.BUSY, FlowEvent.REFUSED_TOPIC_RATE, counters);
    }

    /** Returns the limits of what groups may be given. */
    public static RateLimits ofGroups(Map<String, Long> rates, Clock clock, FlowCounters counters) {
        return new RateLimits(
                "limits.groupRates", rates, clock, Refusal.FLOW_CONTROL, FlowEvent.REFUSED_GROUP_RATE, counters);
    }

    /** Returns the limit of {@code name}, which must be known to exist, or null when it has none. */
    public @Nullable RateLimit find(String name) {
        if (rates.isEmpty()) return null;
        RateLimit known = limits.get(name);
        if (known != null) return known;
        long rate = rates.getOrDefault(name, usual);
        if (rate == 0) return null;
        return limits.computeIfAbsent(name, fresh -> new RateLimit(rate, clock.monotonicNanos()));
    }

    /** Takes {@code count} messages of {@code name}; returns why they may not come now, or null when they were taken. */
    public @Nullable Refused take(String name, int count) {
        @Nullable RateLimit limit = find(name);
        if (limit == null) return null;
        long wait = limit.take(count, clock.monotonicNanos());
        return wait == 0 ? null : refuse(name, limit, wait);
    }

    /** Returns why nothing of {@code name} may come now, or null. */
    public @Nullable Refused check(String name) {
        @Nullable RateLimit limit = find(name);
        if (limit == null) return null;
        long wait = limit.waitNanos(clock.monotonicNanos());
        return wait == 0 ? null : refuse(name, limit, wait);
    }

    /** Takes {@code count} messages of {@code name} that have come. */
    public void charge(String name, int count) {
        @Nullable RateLimit limit = find(name);
        if (limit != null) limit.charge(count, clock.monotonicNanos());
    }

    private Refused refuse(String name, RateLimit limit, long waitNanos) {
        counters.count(event);
        return new Refused(
                refusal,
                "`" + name + "` has its " + limit.perSecond() + " messages a second (" + setting + "); try again in "
                        + (waitNanos / 1_000_000 + 1) + " ms");
    }
}
