package io.vostok.service;

import io.vertx.core.internal.ContextInternal;
import io.vostok.broker.offset.PendingResets;
import io.vostok.metrics.Traffic;
import io.vostok.store.ConsumeQueues;
import io.vostok.store.LogView;
import io.vostok.store.meta.ConsumerOffsets;
import io.vostok.time.Clock;

/** What the administration of topics and that of groups take alike, for one event loop. */
record AdminParts(
        ContextInternal loop,
        Tables tables,
        Registry registry,
        ConsumeQueues queues,
        LogView log,
        ConsumerOffsets offsets,
        PendingResets resets,
        Waker waker,
        Traffic traffic,
        Clock clock,
        LocalQueries queries,
        String brokerName) {}
