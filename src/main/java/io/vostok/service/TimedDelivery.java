package io.vostok.service;

import io.vertx.core.Promise;
import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.delay.DelayRules;
import io.vostok.model.MessageProperties;
import io.vostok.model.QueueId;
import io.vostok.store.LogView;
import io.vostok.store.StoreException;
import io.vostok.store.Stored;
import io.vostok.store.timer.TimerDue;
import io.vostok.store.timer.Timers;
import io.vostok.time.Clock;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts messages that wait for a time of their own into their real queues when it has come, and into the timer queue again
 * when the log is about to delete them. Driven by TimerVerticle, on its context.
 */
public final class TimedDelivery implements DueDelivery {
    private static final Logger LOG = LoggerFactory.getLogger(TimedDelivery.class);

    private final Timers timers;
    private final DelayRules rules;
    private final MessageCopy copy;
    private final Clock clock;
    private final Runnable answered;
    /** Who waits for what is delivered before its time. */
    private final Map<TimerDue, Promise<Void>> early = new HashMap<>();

    private boolean failing;

    /**
     * @param log of the same context
     * @param answered runs after each answer of the log
     */
    public TimedDelivery(
            Timers timers,
            DelayRules rules,
            LogView view,
            LogClient log,
            Endpoint storeHost,
            boolean recordCrc,
            Clock clock,
            Runnable answered) {
        this.timers = timers;
        this.rules = rules;
        this.copy = new MessageCopy(view, log, storeHost, recordCrc);
        this.clock = clock;
        this.answered = answered;
    }

    @Override
    public long nextDueMillis() {
        return timers.nextDueMillis(clock.wallMillis(), clock.monotonicNanos());
    }

    @Override
    public int deliverNext() {
        @Nullable TimerDue due = timers.take(clock.wallMillis(), clock.monotonicNanos());
        if (due == null) return 0;
        deliver(due);
        return due.sizeBytes();
    }

    /** Stores one message again that the log wants to delete. Returns the size of its record, 0 when there is none. */
    public int rollNext() {
        @Nullable TimerDue due = timers.takeRoll();
        if (due == null) return 0;
        deliver(due);
        return due.sizeBytes();
    }

    /**
     * Delivers one message before its time.
     *
     * @param done completes when it is in its queue; fails with {@link Registry.RefusedException}, then it waits on
     */
    public void deliverEarly(TimerDue due, Promise<Void> done) {
        early.put(due, done);
        deliver(due);
    }

    private void answerEarly(TimerDue due, @Nullable Refused refused) {
        @Nullable Promise<Void> done = early.remove(due);
        if (done == null) return;
        if (refused == null) done.complete();
        else done.fail(new Registry.RefusedException(refused));
    }

    private void deliver(TimerDue due) {
        try {
            if (!copy.read(due.position(), due.sizeBytes())) {
                passOver(due, "the log no longer holds it");
                return;
            }
        } catch (StoreException damaged) {
            passOver(due, String.valueOf(damaged.getMessage()));
            return;
        }
        if (copy.record().queueOffset() != due.offset()
                || !copy.record().topic().equals(Timers.TOPIC.value())) {
            passOver(due, "another message is at its position");
            return;
        }
        switch (due.kind()) {
            case RECALL -> recall(due);
            case ROLL -> roll(due);
            case DELIVER, EARLY -> release(due);
        }
    }

    private void recall(TimerDue due) {
        @Nullable String key = copy.properties().get(MessageProperties.TIMER_DEL_UNIQKEY);
        if (key == null) {
            passOver(due, "it recalls nothing");
        } else {
            timers.recall(due, key);
        }
    }

    private void roll(TimerDue due) {
        rules.roll(copy.properties());
        append(due, Timers.QUEUE);
    }

    private void release(TimerDue due) {
        if (timers.recalling()) {
            @Nullable String key = DelayRules.recallKey(copy.properties());
            if (key != null && timers.recalled(due, key)) {
                timers.passedOver(due);
                answerEarly(due, new Refused(Refusal.ILLEGAL_OPERATION, "it was recalled"));
                return;
            }
        }
        Ruling<QueueId> target =
                rules.releaseTimed(copy.properties(), copy.record().storeTimestamp(), clock.wallMillis());
        @Nullable Refused nowhere = target.refused();
        if (nowhere != null) {
            passOver(due, nowhere.words());
        } else {
            append(due, target.value());
        }
    }

    private void append(TimerDue due, QueueId queue) {
        @Nullable Refused busy = copy.append(queue, copy.record().reconsumeTimes(), new Answer(due));
        if (busy == null) return;
        timers.failed(due, clock.monotonicNanos());
        answerEarly(due, busy);
    }

    private void passOver(TimerDue due, String why) {
        LOG.error(
                "timed message not delivered offset={} position={} due={} reason=\"{}\"",
                due.offset(),
                due.position(),
                due.dueMillis(),
                why);
        timers.passedOver(due);
        answerEarly(due, new Refused(Refusal.FAILED, "it can go nowhere: " + why));
    }

    private final class Answer implements AppendListener {
        private final TimerDue due;

        Answer(TimerDue due) {
            this.due = due;
        }

        @Override
        public void stored(Stored stored) {
            failing = false;
            timers.delivered(due, stored.endPosition());
            answerEarly(due, null);
            answered.run();
        }

        @Override
        public void flushTimedOut(Stored stored) {
            // It is in the log; that it is delivered is noted only when it is durable.
            stored(stored);
        }

        @Override
        public void failed(StoreException failure) {
            if (!failing) LOG.warn("timed messages wait reason=\"{}\"", failure.getMessage());
            failing = true;
            timers.failed(due, clock.monotonicNanos());
            answerEarly(due, Refusals.of(failure));
            answered.run();
        }
    }
}
