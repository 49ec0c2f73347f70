package io.vostok.service;

import io.vostok.store.FirstSend;
import io.vostok.store.StoreException;
import io.vostok.store.Stored;
import java.nio.ByteBuffer;

/** Waits for one append. Hears one outcome, on the event loop that appended. */
public interface AppendListener {
    /**
     * What was to be appended was there already: the outcome that follows is that of the first send. Only of sends that
     * gave a key.
     *
     * @param encoded what was not appended; to be copied before this returns
     */
    default void repeats(FirstSend first, ByteBuffer encoded) {}

    /** The record is in the log and keeps what the flush mode promises. */
    void stored(Stored stored);

    /** The record is in the log, but its flush was not confirmed in time. */
    void flushTimedOut(Stored stored);

    /** Nothing was stored, or the flush of what was stored failed. */
    void failed(StoreException failure);
}
