package io.vostok.broker.flow;

/** What {@link FlowCounters} counts. */
public enum FlowEvent {
    /** A send that was answered with the result of an equal one before it. */
    SEND_REPEATED
}
