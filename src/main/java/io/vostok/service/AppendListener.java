package io.vostok.service;

import io.vostok.store.StoreException;
import io.vostok.store.Stored;

/** Waits for one append. Called once, on the event loop that appended. */
public interface AppendListener {
    /** The record is in the log and keeps what the flush mode promises. */
    void stored(Stored stored);

    /** The record is in the log, but its flush was not confirmed in time. */
    void flushTimedOut(Stored stored);

    /** Nothing was stored, or the flush of what was stored failed. */
    void failed(StoreException failure);
}
