package io.vostok.store.timer;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Which blocks hold the entries of which bucket, and how many of them are pending. One thread. */
final class TimerBuckets {
    private static final int SPAN_BITS = 17;

    /** The stretch of time that one bucket holds: 131 seconds. */
    static final long SPAN_MILLIS = 1L << SPAN_BITS;

    private final TimerBlocks blocks;
    private final TreeMap<Long, Bucket> buckets = new TreeMap<>();
    private long pending;

    /** The blocks of one bucket, the last of which takes the next entry. */
    static final class Bucket {
        int[] blocks = new int[1];
        int count;
        int usedOfLast = TimerBlocks.ENTRIES;
        int pending;

        private void add(int block) {
            if (count == blocks.length) blocks = Arrays.copyOf(blocks, count * 2);
            blocks[count++] = block;
        }
    }

    TimerBuckets(TimerBlocks blocks) {
        this.blocks = blocks;
    }

    static long of(long dueMillis) {
        return dueMillis >> SPAN_BITS;
    }

    static long startMillis(long bucket) {
        return bucket << SPAN_BITS;
    }

    /** Finds what is pending. @return false when something is damaged */
    boolean recover(long indexed) {
        for (int block = 0; block < blocks.blocks(); block++) {
            int[] found = {0};
            long number = blocks.recover(block, indexed, entry -> found[0]++);
            if (number == -2) return false;
            if (number < 0) continue;
            Bucket bucket = buckets.computeIfAbsent(number, none -> new Bucket());
            bucket.add(block);
            bucket.pending += found[0];
            pending += found[0];
        }
        return true;
    }

    void clear() {
        buckets.clear();
        pending = 0;
    }

    /** Returns how many entries are not done. */
    long pending() {
        return pending;
    }

    /**
     * Adds an entry and returns its number.
     *
     * @throws io.vostok.store.StoreException when the disk has no room; nothing changed
     */
    int add(long dueMillis, boolean recall, long offset, long position, int sizeBytes) {
        long number = of(dueMillis);
        @Nullable Bucket bucket = buckets.get(number);
        if (bucket == null || bucket.usedOfLast == TimerBlocks.ENTRIES) {
            int block = blocks.take(number);
            if (bucket == null) {
                bucket = new Bucket();
                buckets.put(number, bucket);
            }
            bucket.add(block);
            bucket.usedOfLast = 0;
        }
        int entry = bucket.blocks[bucket.count - 1] * TimerBlocks.ENTRIES + bucket.usedOfLast++;
        blocks.put(entry, offset, position, sizeBytes, (int) (dueMillis - startMillis(number)), recall);
        bucket.pending++;
        pending++;
        return entry;
    }

    long dueMillis(int entry) {
        return startMillis(blocks.bucket(entry / TimerBlocks.ENTRIES)) + blocks.laterMillis(entry);
    }

    /** Counts an entry as done. Returns its bucket. */
    long done(int entry) {
        long number = blocks.bucket(entry / TimerBlocks.ENTRIES);
        blocks.done(entry);
        @Nullable Bucket bucket = buckets.get(number);
        if (bucket == null) throw new IllegalStateException("no bucket " + number + " of entry " + entry);
        bucket.pending--;
        pending--;
        return number;
    }

    @Nullable
    Bucket find(long number) {
        return buckets.get(number);
    }

    /** Returns the first bucket from {@code number} on, or {@code Long.MAX_VALUE}. */
    long next(long number) {
        @Nullable Long key = buckets.ceilingKey(number);
        return key == null ? Long.MAX_VALUE : key;
    }

    /** Returns a time before which nothing is pending. */
    long firstMillis() {
        for (Map.Entry<Long, Bucket> each : buckets.entrySet()) {
            if (each.getValue().pending > 0) return startMillis(each.getKey());
        }
        return Long.MAX_VALUE;
    }

    /** Takes a bucket without pending entries out; returns its blocks. */
    int[] remove(long number) {
        @Nullable Bucket gone = buckets.remove(number);
        return gone == null ? new int[0] : Arrays.copyOf(gone.blocks, gone.count);
    }
}
