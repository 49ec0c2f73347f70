package io.vostok.bench;

import io.netty.buffer.ByteBuf;
import io.vostok.wire.frame.Command;

/** What the requests of a run are. The run's event loop. */
interface Work {
    /** Writes the next request of {@code slot} to {@code line}, or nothing when there is nothing to do yet. */
    void issue(Line line, int slot);

    /**
     * Takes the answer to the last request of {@code slot}, which is free again.
     *
     * @param waitedNanos since the request was written
     */
    void answered(Line line, int slot, Command answer, ByteBuf body, long waitedNanos);

    /** Does what is due now; called about every millisecond. */
    default void tick(long nowNanos) {}
}
