package io.vostok.service;

import io.vertx.core.Promise;
import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.delay.DelayRules;
import io.vostok.model.MessageProperties;
import io.vostok.model.QueueId;
import io.vostok.store.LogView;
import io.vostok.store.timer.TimerDue;
import io.vostok.store.timer.Timers;
import io.vostok.store.timer.WaitingMessages;
import io.vostok.time.Clock;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Puts messages that wait for a time of their own into their real queues when it has come, and into the timer queue again
 * when the log is about to delete them. Driven by TimerVerticle, on its context.
 */
public final class TimedDelivery implements DueDelivery {
    private final Timers timers;
    private final DelayRules rules;
    private final MessageCopy copy;
    private final DueCopies<TimerDue> copies;
    private final Clock clock;
    /** Who waits for what is delivered before its time. */
    private final Map<TimerDue, Promise<Void>> early = new HashMap<>();

    /**
     * @param log of the same context
     * @param answered runs after each answer of the log
     */
    public TimedDelivery(
            Timers timers,
            DelayRules rules,
            LogView view,
            LogClient log,
            Appending appending,
            Clock clock,
            Runnable answered) {
        this.timers = timers;
        this.rules = rules;
        this.copy = new MessageCopy(view, log, appending);
        this.copies = new DueCopies<>("timed", new Waiting(), copy, clock, answered);
        this.clock = clock;
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
        if (!copies.read(due, due.position(), due.sizeBytes())) return;
        if (copy.record().queueOffset() != due.offset()
                || !copy.record().topic().equals(Timers.TOPIC.value())) {
            copies.passOver(due, "another message is at its position");
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
            copies.passOver(due, "it recalls nothing");
        } else {
            timers.recall(due, key);
        }
    }

    private void roll(TimerDue due) {
        rules.roll(copy.properties());
        copies.append(due, Timers.QUEUE);
    }

    private void release(TimerDue due) {
        if (timers.recalling()) {
            @Nullable String key = DelayRules.recallKey(copy.properties());
            if (key != null && timers.recalled(due, key)) {
                answerEarly(due, new Refused(Refusal.ILLEGAL_OPERATION, "it was recalled"));
                timers.passedOver(due);
                return;
            }
        }
        Ruling<QueueId> target =
                rules.releaseTimed(copy.properties(), copy.record().storeTimestamp(), clock.wallMillis());
        @Nullable Refused nowhere = target.refused();
        if (nowhere != null) {
            copies.passOver(due, nowhere.words());
        } else {
            copies.append(due, target.value());
        }
    }

    /** The timers, and those who wait for what is delivered before its time. */
    private final class Waiting implements WaitingMessages<TimerDue> {
        @Override
        public void delivered(TimerDue due, long endPosition) {
            timers.delivered(due, endPosition);
            answerEarly(due, null);
        }

        @Override
        public void passedOver(TimerDue due) {
            timers.passedOver(due);
            answerEarly(due, new Refused(Refusal.FAILED, "it can go nowhere; the broker's log says why"));
        }

        @Override
        public void failed(TimerDue due, long nowNanos) {
            timers.failed(due, nowNanos);
            answerEarly(due, new Refused(Refusal.BUSY, "the log does not take it now; it waits on"));
        }
    }
}
