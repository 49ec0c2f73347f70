package io.vostok.store.timer;

import java.util.List;

/**
 * A stretch of the timer index.
 *
 * @param nextBucket where the next stretch starts, with {@code nextIndex}; {@link #END} when there is none
 */
public record PendingTimers(List<Each> entries, long nextBucket, int nextIndex) {
    public static final long END = Long.MAX_VALUE;

    public PendingTimers {
        entries = List.copyOf(entries);
    }

    /**
     * What waits, or recalls what waits.
     *
     * @param entry its number in the index
     * @param bucket of its time
     * @param index within the bucket
     * @param offset in the timer queue
     */
    public record Each(
            int entry,
            long bucket,
            int index,
            long dueMillis,
            boolean recall,
            long offset,
            long position,
            int sizeBytes) {}
}
