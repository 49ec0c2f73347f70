package io.vostok.service;

import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.delay.DelayRules;
import io.vostok.model.QueueId;
import io.vostok.store.LogView;
import io.vostok.store.StoreException;
import io.vostok.store.Stored;
import io.vostok.store.timer.DelayQueues;
import io.vostok.store.timer.Due;
import io.vostok.time.Clock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts messages of the delay levels into their real queues when they are due. Driven by TimerVerticle, on its context. */
public final class DelayedDelivery implements DueDelivery {
    private static final Logger LOG = LoggerFactory.getLogger(DelayedDelivery.class);

    private final DelayQueues queues;
    private final DelayRules rules;
    private final MessageCopy copy;
    private final Clock clock;
    private final Runnable answered;
    private boolean failing;

    /**
     * @param log of the same context
     * @param answered runs after each answer of the log
     */
    public DelayedDelivery(
            DelayQueues queues,
            DelayRules rules,
            LogView view,
            LogClient log,
            Endpoint storeHost,
            boolean recordCrc,
            Clock clock,
            Runnable answered) {
        this.queues = queues;
        this.rules = rules;
        this.copy = new MessageCopy(view, log, storeHost, recordCrc);
        this.clock = clock;
        this.answered = answered;
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
        try {
            if (!copy.read(due.position(), due.sizeBytes())) {
                passOver(due, "the log no longer holds it");
                return;
            }
        } catch (StoreException damaged) {
            passOver(due, String.valueOf(damaged.getMessage()));
            return;
        }
        Ruling<QueueId> target = due.early()
                ? rules.parkFromLevel(copy.properties(), due.dueMillis())
                : rules.release(copy.properties());
        @Nullable Refused nowhere = target.refused();
        if (nowhere != null) {
            passOver(due, nowhere.words());
            return;
        }
        @Nullable Refused busy = copy.append(target.value(), copy.record().reconsumeTimes(), new Answer(due));
        if (busy != null) queues.failed(due, clock.monotonicNanos());
    }

    private void passOver(Due due, String why) {
        LOG.error(
                "delayed message not delivered level={} offset={} position={} reason=\"{}\"",
                due.level(),
                due.offset(),
                due.position(),
                why);
        queues.passedOver(due);
    }

    private final class Answer implements AppendListener {
        private final Due due;

        Answer(Due due) {
            this.due = due;
        }

        @Override
        public void stored(Stored stored) {
            failing = false;
            queues.delivered(due, stored.endPosition());
            answered.run();
        }

        @Override
        public void flushTimedOut(Stored stored) {
            // It is in the log; that it is delivered is noted only when it is durable.
            stored(stored);
        }

        @Override
        public void failed(StoreException failure) {
            if (!failing) LOG.warn("delayed messages wait reason=\"{}\"", failure.getMessage());
            failing = true;
            queues.failed(due, clock.monotonicNanos());
            answered.run();
        }
    }
}
