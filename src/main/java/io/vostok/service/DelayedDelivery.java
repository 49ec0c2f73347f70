package io.vostok.service;

import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.delay.DelayRules;
import io.vostok.model.QueueId;
import io.vostok.store.LogView;
import io.vostok.store.timer.DelayQueues;
import io.vostok.store.timer.Due;
import io.vostok.time.Clock;
import org.jspecify.annotations.Nullable;

/** Puts messages of the delay levels into their real queues when they are due. Driven by TimerVerticle, on its context. */
public final class DelayedDelivery implements DueDelivery {
    private final DelayQueues queues;
    private final DelayRules rules;
    private final MessageCopy copy;
    private final DueCopies<Due> copies;
    private final Clock clock;

    /**
     * @param log of the same context
     * @param answered runs after each answer of the log
     */
    public DelayedDelivery(
            DelayQueues queues,
            DelayRules rules,
            LogView view,
            LogClient log,
            Appending appending,
            Clock clock,
            Runnable answered) {
        this.queues = queues;
        this.rules = rules;
        this.copy = new MessageCopy(view, log, appending);
        this.copies = new DueCopies<>("delayed", queues, copy, clock, answered);
        this.clock = clock;
    }

    @Override
    public long nextDueMillis() {
        return queues.nextDueMillis(clock.wallMillis(), clock.monotonicNanos());
    }

    @Override
    public int deliverNext() {
        @Nullable Due due = queues.next(clock.wallMillis(), clock.monotonicNanos());
        if (due == null) return 0;
        deliver(due);
        return due.sizeBytes();
    }

    /** Stores one message with its time that the log wants to delete. Returns the size of its record, 0 when there is none. */
    public int rollNext() {
        @Nullable Due due = queues.takeEarly();
        if (due == null) return 0;
        deliver(due);
        return due.sizeBytes();
    }

    private void deliver(Due due) {
        if (!copies.read(due, due.position(), due.sizeBytes())) return;
        Ruling<QueueId> target = due.early()
                ? rules.parkFromLevel(copy.properties(), due.dueMillis())
                : rules.release(copy.properties());
        @Nullable Refused nowhere = target.refused();
        if (nowhere != null) copies.passOver(due, nowhere.words());
        else copies.append(due, target.value());
    }
}
