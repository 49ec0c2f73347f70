package io.vostok.store.transaction;

import java.util.Arrays;

/**
 * Pending half messages in arrays, some fifty bytes each: found by offset, and the one that is due first. One thread.
 *
 * <p>A slot is an index into the arrays, valid until {@link #remove}. Times are milliseconds of the monotonic clock.
 */
final class HalfTable {
    static final int NONE = -1;
    private static final int FIRST_SLOTS = 64;

    private long[] offsets = new long[FIRST_SLOTS];
    private long[] positions = new long[FIRST_SLOTS];
    private int[] sizes = new int[FIRST_SLOTS];
    private int[] groups = new int[FIRST_SLOTS];
    private int[] checks = new int[FIRST_SLOTS];
    private long[] dueMillis = new long[FIRST_SLOTS];
    /** Where in the heap a slot is, or NONE. Of a free slot the next free one. */
    private int[] heapAt = new int[FIRST_SLOTS];
    /** Slots, the one that is due first at the root. */
    private int[] heap = new int[FIRST_SLOTS];
    /** Slots by offset, open addressing, less than half full; NONE where there is none. */
    private int[] byOffset = filled(FIRST_SLOTS * 2);

    private int heapSize;
    private int size;
    private int firstFree = NONE;
    private int used;

    int size() {
        return size;
    }

    long offset(int slot) {
        return offsets[slot];
    }

    long position(int slot) {
        return positions[slot];
    }

    int sizeBytes(int slot) {
        return sizes[slot];
    }

    int group(int slot) {
        return groups[slot];
    }

    int checks(int slot) {
        return checks[slot];
    }

    void checks(int slot, int count) {
        checks[slot] = count;
    }

    long dueMillis(int slot) {
        return dueMillis[slot];
    }

    boolean scheduled(int slot) {
        return heapAt[slot] != NONE;
    }

    /** Adds a half message that is not there yet, and schedules it. */
    void add(long offset, long position, int sizeBytes, int group, int checkCount, long due) {
        int slot = take();
        offsets[slot] = offset;
        positions[slot] = position;
        sizes[slot] = sizeBytes;
        groups[slot] = group;
        checks[slot] = checkCount;
        heapAt[slot] = NONE;
        index(slot);
        size++;
        schedule(slot, due);
    }

    int find(long offset) {
        int mask = byOffset.length - 1;
        for (int at = hash(offset) & mask; ; at = (at + 1) & mask) {
            int slot = byOffset[at];
            if (slot == NONE || offsets[slot] == offset) return slot;
        }
    }

    void remove(int slot) {
        unschedule(slot);
        unindex(offsets[slot]);
        heapAt[slot] = firstFree;
        firstFree = slot;
        size--;
    }

    /** Returns the slot that is due first, or NONE when none is scheduled. */
    int first() {
        return heapSize == 0 ? NONE : heap[0];
    }

    /** Says when {@code slot} is due, whether it was scheduled or not. */
    void schedule(int slot, long due) {
        dueMillis[slot] = due;
        if (heapAt[slot] == NONE) {
            heap[heapSize] = slot;
            heapAt[slot] = heapSize++;
        }
        siftUp(heapAt[slot]);
        siftDown(heapAt[slot]);
    }

    void unschedule(int slot) {
        int at = heapAt[slot];
        if (at == NONE) return;
        heapAt[slot] = NONE;
        int last = heap[--heapSize];
        if (last == slot) return;
        heap[at] = last;
        heapAt[last] = at;
        siftUp(at);
        siftDown(heapAt[last]);
    }

    private int take() {
        if (firstFree != NONE) {
            int slot = firstFree;
            firstFree = heapAt[slot];
            return slot;
        }
        if (used == offsets.length) grow(used * 2);
        return used++;
    }

    private void grow(int slots) {
        offsets = Arrays.copyOf(offsets, slots);
        positions = Arrays.copyOf(positions, slots);
        sizes = Arrays.copyOf(sizes, slots);
        groups = Arrays.copyOf(groups, slots);
        checks = Arrays.copyOf(checks, slots);
        dueMillis = Arrays.copyOf(dueMillis, slots);
        heapAt = Arrays.copyOf(heapAt, slots);
        heap = Arrays.copyOf(heap, slots);
        byOffset = filled(slots * 2);
        for (int slot = 0; slot < used; slot++) index(slot); // Only a full table grows: no slot is free.
    }

    private static int[] filled(int length) {
        int[] none = new int[length];
        Arrays.fill(none, NONE);
        return none;
    }

    private static int hash(long offset) {
        long mixed = offset * 0x9E3779B97F4A7C15L;
        return (int) (mixed >>> 32);
    }

    private void index(int slot) {
        int mask = byOffset.length - 1;
        int at = hash(offsets[slot]) & mask;
        while (byOffset[at] != NONE) at = (at + 1) & mask;
        byOffset[at] = slot;
    }

    /** Closes the gap, so that no search ends before what it looks for. */
    private void unindex(long offset) {
        int mask = byOffset.length - 1;
        int gap = hash(offset) & mask;
        while (offsets[byOffset[gap]] != offset) gap = (gap + 1) & mask;
        for (int at = (gap + 1) & mask; byOffset[at] != NONE; at = (at + 1) & mask) {
            int home = hash(offsets[byOffset[at]]) & mask;
            if (((at - home) & mask) < ((at - gap) & mask)) continue;
            byOffset[gap] = byOffset[at];
            gap = at;
        }
        byOffset[gap] = NONE;
    }

    private void siftUp(int from) {
        int slot = heap[from];
        int at = from;
        while (at > 0) {
            int parent = (at - 1) / 2;
            if (!before(slot, heap[parent])) break;
            put(at, heap[parent]);
            at = parent;
        }
        put(at, slot);
    }

    private void siftDown(int from) {
        int slot = heap[from];
        int at = from;
        for (int child = 2 * at + 1; child < heapSize; child = 2 * at + 1) {
            if (child + 1 < heapSize && before(heap[child + 1], heap[child])) child++;
            if (!before(heap[child], slot)) break;
            put(at, heap[child]);
            at = child;
        }
        put(at, slot);
    }

    private void put(int at, int slot) {
        heap[at] = slot;
        heapAt[slot] = at;
    }

    /** Of those due together the older one is first. */
    private boolean before(int slot, int other) {
        return dueMillis[slot] != dueMillis[other]
                ? dueMillis[slot] < dueMillis[other]
                : offsets[slot] < offsets[other];
    }
}
