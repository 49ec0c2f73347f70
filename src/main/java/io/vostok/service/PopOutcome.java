package io.vostok.service;

import io.vostok.broker.Refused;

/** What comes of a pop. */
public sealed interface PopOutcome {
    /** There are messages. */
    record Found(Popped popped) implements PopOutcome {}

    /**
     * There are none.
     *
     * @param full whether the pop would have waited, but too many wait already
     */
    record Nothing(boolean full) implements PopOutcome {}

    /** Somebody who only wants to be told may come for messages. */
    record Notified() implements PopOutcome {}

    record Refuse(Refused refused) implements PopOutcome {}
}
