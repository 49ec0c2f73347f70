package io.vostok.front.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;

/**
 * How often and how long the garbage collector ran, read from its own counters. Micrometer's binder has itself notified of
 * every collection instead, which costs a thread for the rest of the process.
 */
final class CollectorMetrics {
    private CollectorMetrics() {}

    static void bindTo(MeterRegistry registry) {
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            FunctionCounter.builder(
                            "jvm.gc.collections", collector, bean -> (double) Math.max(0, bean.getCollectionCount()))
                    .description("Garbage collections")
                    .tag("gc", collector.getName())
                    .register(registry);
            FunctionCounter.builder(
                            "jvm.gc.collection.seconds",
                            collector,
                            bean -> (double) Math.max(0, bean.getCollectionTime()) / 1e3)
                    .description("Time spent in garbage collections")
                    .tag("gc", collector.getName())
                    .register(registry);
        }
    }
}
