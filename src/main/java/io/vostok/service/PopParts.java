package io.vostok.service;

import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vostok.broker.flow.RateLimits;
import io.vostok.broker.offset.OffsetRules;
import io.vostok.broker.offset.PendingResets;
import io.vostok.broker.pop.PopRules;
import io.vostok.broker.pop.ReviveRules;
import io.vostok.metrics.Traffic;
import io.vostok.store.MessageStore;
import io.vostok.store.meta.ConsumerOffsets;
import io.vostok.store.pop.InFlight;
import io.vostok.store.pop.PopReplay;
import io.vostok.time.Clock;
import java.util.random.RandomGenerator;

/** Puts the parts of the pop owner together. */
public record PopParts(
        Vertx vertx,
        MessageStore store,
        ConsumerOffsets offsets,
        InFlight inFlight,
        Tables tables,
        Registry registry,
        PopRules rules,
        ReviveRules reviveRules,
        OffsetRules offsetRules,
        PendingResets resets,
        RateLimits groupRates,
        Traffic traffic,
        Pops.WaitingPopsLimits limits,
        PopReplay late,
        long lateUntilMillis,
        Clock clock,
        RandomGenerator random,
        Appending appending,
        String brokerName) {

    /** Makes the owner, to be used on this event loop only. */
    public Pops make(ContextInternal loop, Runnable changed) {
        return make(appending.client(vertx, loop), changed);
    }

    /** As {@link #make(ContextInternal, Runnable)}, on any log. */
    Pops make(RecordSink client, Runnable changed) {
        Endpoint storeHost = appending.storeHost();
        boolean recordCrc = appending.recordCrc();
        PopLog log = new PopLog(inFlight, client, storeHost, recordCrc, brokerName, clock, changed);
        PopReader reader = new PopReader(
                inFlight,
                log,
                rules,
                offsetRules,
                resets,
                tables,
                store.reader(),
                store.queues(),
                offsets,
                store.watermarks(),
                clock,
                random,
                brokerName);
        PopRevival revival = new PopRevival(
                inFlight,
                log,
                reviveRules,
                tables,
                registry,
                store.queues(),
                new MessageCopy(store.view(), client, appending),
                clock,
                changed);
        return new Pops(
                rules,
                tables,
                registry,
                store.queues(),
                offsets,
                resets,
                store.watermarks(),
                inFlight,
                log,
                reader,
                revival,
                groupRates,
                traffic,
                limits,
                store.deletedTopics(),
                late,
                lateUntilMillis,
                clock,
                changed);
    }
}
