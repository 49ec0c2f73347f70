package io.vostok.store.transaction;

import java.util.List;

/**
 * A stretch of the half messages that are pending.
 *
 * @param next offset where the next stretch starts, or {@link #END}
 */
public record PendingHalves(List<Each> halves, long next) {
    public static final long END = -1;

    public PendingHalves {
        halves = List.copyOf(halves);
    }

    /**
     * One of them.
     *
     * @param untilCheckMillis until its producers are asked again; {@link HalfMessages#NEVER} while it is being decided
     */
    public record Each(Half half, long untilCheckMillis) {}
}
