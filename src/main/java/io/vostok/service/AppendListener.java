package io.vostok.service;

import io.vostok.store.StoreException;
import io.vostok.store.Stored;

/** Waits for one append. Hears one outcome, on the event loop that appended. */
public interface AppendListener {
    /**
     * What was to be appended was there already: the outcome that follows is that of the first send, to queue
     * {@code queueId}. Only of sends that gave a key.
     */
    default void repeats(int queueId) {}

    /** The record is in the log and keeps what the flush mode promises. */
    void stored(Stored stored);

    /** The record is in the log, but its flush was not confirmed in time. */
    void flushTimedOut(Stored stored);

    /** Nothing was stored, or the flush of what was stored failed. */
    void failed(StoreException failure);
}
