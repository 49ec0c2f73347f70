package io.vostok.store.index;

import io.vostok.store.file.Disk;
import io.vostok.store.file.Segment;
import java.lang.invoke.VarHandle;
import java.util.BitSet;
import java.util.function.LongPredicate;

/**
 * One index file: slots, and entries chained per slot from the newest to the oldest. One writer, the dispatching thread;
 * any thread may read; housekeeping makes room and forces.
 *
 * <p>Always true: entries below {@link #count()} are complete, and the chain of a slot leads over falling numbers.
 */
final class IndexFile {
    private static final long MOST_SECONDS = Integer.MAX_VALUE;

    final String name;
    final Segment file;
    private final int slots;
    private final int entries;
    private final int entriesAt;
    private final boolean created;
    private boolean slotsReady;
    /** The number of the next entry. */
    private volatile int count;
    /** Below this number entries have disk blocks; 0 until the slots have. */
    private volatile int room;

    private volatile long beginMillis;
    private volatile long endMillis;
    private volatile long endPosition;
    private int usedSlots;

    IndexFile(String name, Segment file, int slots, int entries, boolean created) {
        this.name = name;
        this.file = file;
        this.slots = slots;
        this.entries = entries;
        this.entriesAt = IndexLayout.HEADER_BYTES + slots * IndexLayout.SLOT_BYTES;
        this.created = created;
        count = Math.max(1, file.getInt(IndexLayout.COUNT));
        beginMillis = file.getLong(IndexLayout.BEGIN_MILLIS);
        endMillis = file.getLong(IndexLayout.END_MILLIS);
        endPosition = file.getLong(IndexLayout.END_POSITION);
        usedSlots = file.getInt(IndexLayout.USED_SLOTS);
    }

    int count() {
        return count;
    }

    /** Tells whether {@code count} can be that of a file of this size. */
    boolean plausible() {
        return count <= entries;
    }

    boolean full() {
        return count >= entries;
    }

    boolean hasRoom() {
        return count < room;
    }

    /** Tells whether room for less than {@code more} entries is left that could be made. */
    boolean wantsRoom(int more) {
        int now = room;
        return now < entries && count + more > now;
    }

    long beginMillis() {
        return beginMillis;
    }

    long endMillis() {
        return endMillis;
    }

    long beginPosition() {
        return file.getLong(IndexLayout.BEGIN_POSITION);
    }

    long endPosition() {
        return endPosition;
    }

    // Housekeeping, and the thread that opens the store.

    /**
     * Gives blocks to the slots and to {@code ahead} entries behind the newest.
     *
     * @throws io.vostok.store.StoreException when the disk gives no more
     */
    void makeRoom(int ahead) {
        if (!slotsReady) {
            file.allocateTo(entriesAt);
            // Entries are written one after another, so what is behind the first of them has blocks already.
            if (!created) file.assumeAllocatedTo(entryAt(count));
            slotsReady = true;
        }
        long wanted = Math.min(file.sizeBytes(), entryAt(count) + (long) ahead * IndexLayout.ENTRY_BYTES);
        try {
            file.allocateTo((int) wanted);
        } finally {
            room = Math.max(0, (file.allocatedBytes() - entriesAt) / IndexLayout.ENTRY_BYTES);
        }
    }

    /** Starts with the times and positions of the file before, as Apache's does. */
    void follow(IndexFile before) {
        beginMillis = before.endMillis;
        endMillis = before.endMillis;
        endPosition = before.endPosition;
        file.putLong(IndexLayout.BEGIN_MILLIS, beginMillis);
        file.putLong(IndexLayout.END_MILLIS, endMillis);
        file.putLong(IndexLayout.BEGIN_POSITION, before.endPosition);
        file.putLong(IndexLayout.END_POSITION, endPosition);
        file.putInt(IndexLayout.COUNT, 1);
    }

    /**
     * Forgets entries from number {@code keep} on, and before it those that point to {@code position} of the log or behind.
     * Slots that led to them lead to the newest entry that stays. Reads all entries when there are such slots.
     */
    void cut(int keep, long position) {
        int end = Math.min(keep, count);
        while (end > 1 && positionOf(end - 1) >= position) end--;
        BitSet wrong = new BitSet();
        int used = 0;
        for (int slot = 0; slot < slots; slot++) {
            int newest = file.getInt(slotAt(slot));
            if (newest < 0 || newest >= end) wrong.set(slot);
            else if (newest > 0) used++;
        }
        if (end == count && wrong.isEmpty()) return;
        file.allocateTo(entriesAt);
        slotsReady = true;
        if (!created) file.assumeAllocatedTo(entryAt(end));
        // Each slot is written once: emptied first and filled later, it would look right to whoever opens after a kill
        // between.
        for (int entry = end - 1; entry >= 1 && !wrong.isEmpty(); entry--) {
            int slot = file.getInt(entryAt(entry)) % slots;
            if (slot < 0 || !wrong.get(slot)) continue;
            wrong.clear(slot);
            used++;
            file.putInt(slotAt(slot), entry);
        }
        for (int slot = wrong.nextSetBit(0); slot >= 0; slot = wrong.nextSetBit(slot + 1)) file.putInt(slotAt(slot), 0);
        if (end > 1) {
            int newest = entryAt(end - 1);
            long millis = beginMillis + file.getInt(newest + IndexLayout.ENTRY_SECONDS) * 1000L + 999;
            endMillis = Math.min(endMillis, millis);
            endPosition = file.getLong(newest + IndexLayout.ENTRY_POSITION);
        }
        file.putLong(IndexLayout.END_MILLIS, endMillis);
        file.putLong(IndexLayout.END_POSITION, endPosition);
        usedSlots = used;
        file.putInt(IndexLayout.USED_SLOTS, used);
        file.putInt(IndexLayout.COUNT, end);
        count = end;
    }

    /** Returns the log position of entry {@code entry}. */
    long positionOf(int entry) {
        return file.getLong(entryAt(entry) + IndexLayout.ENTRY_POSITION);
    }

    // The dispatching thread.

    /** Adds an entry; {@link #hasRoom()} must hold. */
    void add(int hash, long position, long storeMillis) {
        int entry = count;
        if (entry == 1) {
            file.putLong(IndexLayout.BEGIN_POSITION, position);
            file.putLong(IndexLayout.BEGIN_MILLIS, storeMillis);
            beginMillis = storeMillis;
        }
        int slotAt = slotAt(hash % slots);
        int previous = file.getInt(slotAt);
        if (previous < 0 || previous >= entry) previous = 0;
        if (previous == 0) file.putInt(IndexLayout.USED_SLOTS, ++usedSlots);
        int at = entryAt(entry);
        file.putInt(at + IndexLayout.ENTRY_HASH, hash);
        file.putLong(at + IndexLayout.ENTRY_POSITION, position);
        file.putInt(at + IndexLayout.ENTRY_SECONDS, seconds(storeMillis));
        file.putInt(at + IndexLayout.ENTRY_PREVIOUS, previous);
        if (storeMillis > endMillis || entry == 1) {
            endMillis = storeMillis;
            file.putLong(IndexLayout.END_MILLIS, storeMillis);
        }
        endPosition = position;
        file.putLong(IndexLayout.END_POSITION, position);
        count = entry + 1; // before the slot: who finds the entry by the slot then finds it counted
        file.putIntRelease(slotAt, entry);
        file.putInt(IndexLayout.COUNT, entry + 1);
    }

    private int seconds(long storeMillis) {
        if (beginMillis <= 0) return 0;
        return (int) Math.max(0, Math.min(MOST_SECONDS, (storeMillis - beginMillis) / 1000));
    }

    // Any thread with a lease.

    /**
     * Shows positions of entries with this hash, newest first, until {@code visitor} says false.
     *
     * @param beginMillis entries whose store time is surely before it are left out; entries keep seconds only
     * @return false when the visitor said so
     */
    boolean visit(int hash, long beginMillis, long endMillis, LongPredicate visitor) {
        if (count <= 1 || this.endMillis < beginMillis || this.beginMillis > endMillis) return true;
        int entry = file.getInt(slotAt(hash % slots));
        VarHandle.loadLoadFence();
        int limit = count;
        while (entry > 0 && entry < limit) {
            int at = entryAt(entry);
            if (file.getInt(at + IndexLayout.ENTRY_HASH) == hash && inRange(at, beginMillis, endMillis)) {
                if (!visitor.test(file.getLong(at + IndexLayout.ENTRY_POSITION))) return false;
            }
            int previous = file.getInt(at + IndexLayout.ENTRY_PREVIOUS);
            if (previous >= entry) break; // damaged: a chain falls
            entry = previous;
        }
        return true;
    }

    /** Returns the position of the oldest entry that {@link #isSince}, or {@code none}. */
    long positionSince(long millis, long position, long none) {
        int low = 1;
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (isSince(middle, millis, position)) high = middle;
            else low = middle + 1;
        }
        return low < count ? positionOf(low) : none;
    }

    /** Tells whether the file's first entry is surely older or before {@code position}: then no older file has any since. */
    boolean hasOlderThan(long millis, long position) {
        return count > 1 && !isSince(1, millis, position);
    }

    /** Entries keep seconds only, so one that may be since counts. */
    private boolean isSince(int entry, long millis, long position) {
        int at = entryAt(entry);
        long newest = beginMillis + file.getInt(at + IndexLayout.ENTRY_SECONDS) * 1000L + 999;
        return newest >= millis && file.getLong(at + IndexLayout.ENTRY_POSITION) >= position;
    }

    private boolean inRange(int at, long from, long to) {
        int seconds = file.getInt(at + IndexLayout.ENTRY_SECONDS);
        long millis = beginMillis + seconds * 1000L;
        // A clock that stepped back gives 0: such an entry may be older than the file's first.
        return (seconds == 0 || millis <= to) && millis + 999 >= from;
    }

    private int slotAt(int slot) {
        return IndexLayout.HEADER_BYTES + slot * IndexLayout.SLOT_BYTES;
    }

    private int entryAt(int entry) {
        return entriesAt + entry * IndexLayout.ENTRY_BYTES;
    }

    void delete(Disk disk) {
        file.close();
        disk.delete(KeyIndex.FOLDER + "/" + name);
    }
}
