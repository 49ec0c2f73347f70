package io.vostok.service;

import io.vostok.broker.Refused;
import io.vostok.model.QueueId;
import io.vostok.store.StoreException;
import io.vostok.store.Stored;
import io.vostok.store.timer.WaitingMessages;
import io.vostok.time.Clock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies messages whose time has come to where they go, and answers for each to those who handed it out. One context, the timer's.
 *
 * @param <D> what is handed out; its words name the message in the log
 */
final class DueCopies<D> {
    private static final Logger LOG = LoggerFactory.getLogger(DueCopies.class);

    private final String kind;
    private final WaitingMessages<D> waiting;
    private final MessageCopy copy;
    private final Clock clock;
    private final Runnable answered;
    private boolean failing;

    /**
     * @param kind of messages, for the log
     * @param answered runs after each answer of the log
     */
    DueCopies(String kind, WaitingMessages<D> waiting, MessageCopy copy, Clock clock, Runnable answered) {
        this.kind = kind;
        this.waiting = waiting;
        this.copy = copy;
        this.clock = clock;
        this.answered = answered;
    }

    /** Reads the message. Returns false when that is not possible: then it is passed over. */
    boolean read(D due, long position, int sizeBytes) {
        try {
            if (copy.read(position, sizeBytes)) return true;
            passOver(due, "the log no longer holds it");
        } catch (StoreException damaged) {
            passOver(due, String.valueOf(damaged.getMessage()));
        }
        return false;
    }

    /** Appends the message that was read last; it comes again when the log does not take it. */
    void append(D due, QueueId queue) {
        @Nullable Refused busy = copy.append(queue, copy.record().reconsumeTimes(), new Answer(due));
        if (busy != null) failed(due, busy.words());
    }

    /** Gives a message up, and says so. */
    void passOver(D due, String why) {
        LOG.error("{} message not delivered {} reason=\"{}\"", kind, due, why);
        waiting.passedOver(due);
    }

    private void failed(D due, String why) {
        if (!failing) LOG.warn("{} messages wait reason=\"{}\"", kind, why);
        failing = true;
        waiting.failed(due, clock.monotonicNanos());
    }

    private final class Answer implements AppendListener {
        private final D due;

        Answer(D due) {
            this.due = due;
        }

        @Override
        public void stored(Stored stored) {
            failing = false;
            waiting.delivered(due, stored.endPosition());
            answered.run();
        }

        @Override
        public void flushTimedOut(Stored stored) {
            // It is in the log; that it is delivered is noted only when it is durable.
            stored(stored);
        }

        @Override
        public void failed(StoreException failure) {
            // What no file of the log takes would be tried for ever, and all others wait for it.
            if (failure.kind() == StoreException.Kind.TOO_LARGE) passOver(due, String.valueOf(failure.getMessage()));
            else DueCopies.this.failed(due, String.valueOf(failure.getMessage()));
            answered.run();
        }
    }
}
