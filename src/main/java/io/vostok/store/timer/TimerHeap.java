package io.vostok.store.timer;

import java.util.Arrays;

/**
 * The timers that are due soon, the earliest first: a binary heap of 20 bytes each in primitive arrays. Of equal due times
 * recalls come first, then the order in which they were stored. One thread.
 */
final class TimerHeap {
    private static final int FIRST = 64;

    /** Due time and kind: see {@link #key}. */
    private long[] keys = new long[FIRST];

    private long[] offsets = new long[FIRST];
    private int[] entries = new int[FIRST];
    private int size;

    private static long key(long dueMillis, boolean recall) {
        return dueMillis << 1 | (recall ? 0 : 1);
    }

    int size() {
        return size;
    }

    /** Returns the earliest due time, {@code Long.MAX_VALUE} when there is none. */
    long firstDueMillis() {
        return size == 0 ? Long.MAX_VALUE : keys[0] >> 1;
    }

    /** Returns the entry of the earliest; only when there is one. */
    int firstEntry() {
        return entries[0];
    }

    /** @param offset in the timer queue */
    void add(long dueMillis, boolean recall, long offset, int entry) {
        if (size == keys.length) resize(size * 2);
        long key = key(dueMillis, recall);
        int at = size++;
        while (at > 0) {
            int parent = (at - 1) >>> 1;
            if (!before(key, offset, parent)) break;
            move(parent, at);
            at = parent;
        }
        set(at, key, offset, entry);
    }

    void removeFirst() {
        removeAt(0);
    }

    /** Looks at all of them, so for rare calls. @return false when the entry is not there */
    boolean remove(int entry) {
        for (int at = 0; at < size; at++) {
            if (entries[at] != entry) continue;
            removeAt(at);
            return true;
        }
        return false;
    }

    private void removeAt(int hole) {
        size--;
        long key = keys[size];
        long offset = offsets[size];
        int at = hole;
        // The last one takes its place, which may be too low for it when the hole is in another branch.
        for (int parent = (at - 1) >>> 1; at > 0 && before(key, offset, parent); parent = (at - 1) >>> 1) {
            move(parent, at);
            at = parent;
        }
        while (true) {
            int child = 2 * at + 1;
            if (child >= size) break;
            if (child + 1 < size && before(keys[child + 1], offsets[child + 1], child)) child++;
            if (before(key, offset, child)) break;
            move(child, at);
            at = child;
        }
        set(at, key, offset, entries[size]);
        if (keys.length > FIRST && size < keys.length / 4) resize(keys.length / 2);
    }

    void clear() {
        size = 0;
        resize(FIRST);
    }

    private boolean before(long key, long offset, int other) {
        return key < keys[other] || (key == keys[other] && offset < offsets[other]);
    }

    private void move(int from, int to) {
        set(to, keys[from], offsets[from], entries[from]);
    }

    private void set(int at, long key, long offset, int entry) {
        keys[at] = key;
        offsets[at] = offset;
        entries[at] = entry;
    }

    private void resize(int length) {
        keys = Arrays.copyOf(keys, length);
        offsets = Arrays.copyOf(offsets, length);
        entries = Arrays.copyOf(entries, length);
    }
}
