package io.vostok.store;

import java.util.Arrays;

/**
 * What one read of a queue found: the places of records in the log. Reusable; owned by its reader's thread.
 *
 * <p>{@code minOffset} and {@code maxOffset} are the queue's bounds when it was read; {@code nextOffset} is where the
 * next read should start (storage reference 3.9).
 */
public final class ReadResult {
    private ReadStatus status = ReadStatus.EMPTY;
    private long minOffset;
    private long maxOffset;
    private long nextOffset;
    private long[] positions = new long[32];
    private int[] sizes = new int[32];
    private long[] offsets = new long[32];
    private int count;
    private int totalBytes;

    /** Forgets everything; called by the reader first. */
    void reset(long min, long max) {
        minOffset = min;
        maxOffset = max;
        nextOffset = 0;
        count = 0;
        totalBytes = 0;
    }

    void add(long position, int sizeBytes, long offset) {
        if (count == positions.length) {
            positions = Arrays.copyOf(positions, count * 2);
            sizes = Arrays.copyOf(sizes, count * 2);
            offsets = Arrays.copyOf(offsets, count * 2);
        }
        positions[count] = position;
        sizes[count] = sizeBytes;
        offsets[count] = offset;
        count++;
        totalBytes += sizeBytes;
    }

    void end(ReadStatus how, long next) {
        status = how;
        nextOffset = next;
    }

    public ReadStatus status() {
        return status;
    }

    public long minOffset() {
        return minOffset;
    }

    public long maxOffset() {
        return maxOffset;
    }

    public long nextOffset() {
        return nextOffset;
    }

    /** Returns how many records were found. */
    public int count() {
        return count;
    }

    /** Returns the sum of their sizes. */
    public int totalBytes() {
        return totalBytes;
    }

    public long position(int index) {
        return positions[index];
    }

    public int sizeBytes(int index) {
        return sizes[index];
    }

    /** Returns the record's offset in its queue. */
    public long offset(int index) {
        return offsets[index];
    }
}
