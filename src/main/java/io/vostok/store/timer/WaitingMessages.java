package io.vostok.store.timer;

/**
 * Keeps account of messages that were handed out because their time had come: each is answered for once. One thread, the timer's.
 *
 * @param <D> what is handed out
 */
public interface WaitingMessages<D> {
    /** The message is where it goes; its copy ends before {@code endPosition} of the log. */
    void delivered(D due, long endPosition);

    /** The log did not take the message: it comes again after a pause that grows to five seconds. */
    void failed(D due, long nowNanos);

    /** The message cannot be delivered, now or ever, or need not: it is passed over. Whoever says so has told why. */
    void passedOver(D due);
}
