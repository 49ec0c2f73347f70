package io.vostok.broker.flow;

import java.util.EnumMap;
import java.util.concurrent.atomic.LongAdder;

/** How often each {@link FlowEvent} has happened since the start. Any thread. */
public final class FlowCounters {
    private final EnumMap<FlowEvent, LongAdder> counts = new EnumMap<>(FlowEvent.class);

    public FlowCounters() {
        for (FlowEvent event : FlowEvent.values()) counts.put(event, new LongAdder());
    }

    public void count(FlowEvent event) {
        adder(event).increment();
    }

    public long of(FlowEvent event) {
        return adder(event).sum();
    }

    private LongAdder adder(FlowEvent event) {
        LongAdder adder = counts.get(event);
        if (adder == null) throw new IllegalStateException("not counted: " + event);
        return adder;
    }
}
