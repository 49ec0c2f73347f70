package io.vostok.service;

/** Messages of one kind that wait for their time. One context, the timer's. */
public interface DueDelivery {
    /** Returns when the message was due that {@link #deliverNext} would deliver, {@code Long.MAX_VALUE} when there is none. */
    long nextDueMillis();

    /** Delivers one message that is due. Returns the size of its record, 0 when there was none. */
    int deliverNext();
}
