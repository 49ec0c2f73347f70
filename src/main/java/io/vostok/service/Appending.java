package io.vostok.service;

import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.internal.ContextInternal;
import io.vostok.broker.flow.FlowCounters;
import io.vostok.broker.flow.WritePressure;

/**
 * What a verticle that appends messages of its own needs for it.
 *
 * @param address of CommitLogVerticle
 * @param batches options under which append batches travel
 * @param inFlightBytes encoded bytes that may wait for confirmation
 * @param pressure whether the disk keeps up
 */
public record Appending(
        String address,
        DeliveryOptions batches,
        long inFlightBytes,
        WritePressure pressure,
        FlowCounters counters,
        Endpoint storeHost,
        boolean recordCrc) {

    /** Returns the way into the log for one event loop. */
    public LogClient client(Vertx vertx, ContextInternal loop) {
        return new LogClient(vertx, loop, address, batches, inFlightBytes, pressure, counters);
    }
}
