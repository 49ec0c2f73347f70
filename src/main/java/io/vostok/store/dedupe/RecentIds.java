package io.vostok.store.dedupe;

/**
 * Where the newest send with each key is in the log, for the sends of a window of time and at most so many of them. One
 * thread.
 *
 * <p>A ring holds the sends in their order, so that the oldest give way; a table of open addressing finds them. Both grow
 * with what the window holds, up to 32 bytes for each of the most entries, and make no garbage once they have grown.
 */
public final class RecentIds {
    public static final long NOT_FOUND = -1;

    private static final int FIRST_CAPACITY = 1 << 10;

    /** From so many on several give way at once: their slots are far apart, and the processor fetches them together. */
    static final int MANY = 1 << 16;

    static final int FORGOTTEN_AT_ONCE = 32;

    private final int most;
    private final long windowMillis;
    private final long indexMask;

    private long[] positions;
    private int[] hashes;
    private int[] ticks;
    /** Place in the ring, plus one, in the low bits; above them as many high bits of the key as fit. 0 is a free slot. */
    private long[] table;

    private int homeShift;
    private int oldest;
    private int size;
    /** Keeps the compiler from leaving out the fetching of slots, whose result nobody wants. */
    @SuppressWarnings("UnusedVariable")
    private long fetched;

    /**
     * @param most sends remembered at a time; the oldest give way to new ones, of many a few before they must
     * @param windowMillis age from which a send is not found any more
     */
    public RecentIds(int most, long windowMillis) {
        if (most < 1 || most > 1 << 26) throw new IllegalArgumentException("recent ids must be 1 to 2^26, was " + most);
        this.most = most;
        this.windowMillis = windowMillis;
        indexMask = (Long.highestOneBit(most) << 1) - 1;
        positions = new long[0];
        hashes = new int[0];
        ticks = new int[0];
        table = new long[0];
        resize(Math.min(most, FIRST_CAPACITY));
    }

    /**
     * Returns the position put last under {@code key}, or {@link #NOT_FOUND} when it left the window.
     *
     * @param nowMillis on the monotonic clock; may be below zero
     */
    public long find(long key, long nowMillis) {
        int slot = slotOf(key);
        if (slot < 0) return NOT_FOUND;
        int place = place(table[slot]);
        return ageMillis(place, nowMillis) < windowMillis ? positions[place] : NOT_FOUND;
    }

    /** Says that {@code key} will soon be looked for: keys that are announced together are fetched together. */
    public void fetch(long key) {
        fetched ^= table[home((int) (key >>> 32))];
    }

    /** Remembers {@code position} under {@code key}, in place of what was there. */
    public void put(long key, long position, long nowMillis) {
        if (size == positions.length) makePlace(nowMillis);
        int place = oldest + size;
        if (place >= positions.length) place -= positions.length;
        size++;
        positions[place] = position;
        hashes[place] = (int) (key >>> 32);
        ticks[place] = tick(nowMillis);
        long entry = (key & ~indexMask) | (place + 1);
        int mask = table.length - 1;
        int slot = home(hashes[place]);
        while (table[slot] != 0 && ((table[slot] ^ key) & ~indexMask) != 0) slot = (slot + 1) & mask;
        table[slot] = entry;
    }

    /** Returns how many sends are remembered, among them such that have left the window or were put again. */
    public int size() {
        return size;
    }

    private int slotOf(long key) {
        int mask = table.length - 1;
        int slot = home((int) (key >>> 32));
        while (table[slot] != 0) {
            if (((table[slot] ^ key) & ~indexMask) == 0) return slot;
            slot = (slot + 1) & mask;
        }
        return -1;
    }

    private void makePlace(long nowMillis) {
        boolean young = ageMillis(oldest, nowMillis) < windowMillis;
        if (young && positions.length < most) {
            resize((int) Math.min(most, positions.length * 2L));
            return;
        }
        int count = size < MANY ? 1 : FORGOTTEN_AT_ONCE;
        if (count > 1) fetchOldest(count);
        do forgetOldest();
        while (--count > 0 && (young || ageMillis(oldest, nowMillis) >= windowMillis));
    }

    /** One after the other each slot would be waited for. */
    private void fetchOldest(int count) {
        long slots = 0;
        for (int i = 0, place = oldest; i < count; i++, place = place + 1 == positions.length ? 0 : place + 1) {
            slots ^= table[home(hashes[place])];
        }
        fetched = slots;
    }

    private void forgetOldest() {
        int mask = table.length - 1;
        int slot = home(hashes[oldest]);
        while (table[slot] != 0 && place(table[slot]) != oldest) slot = (slot + 1) & mask;
        if (table[slot] != 0) free(slot);
        oldest = oldest + 1 == positions.length ? 0 : oldest + 1;
        size--;
    }

    /** Frees a slot and moves those behind it up, so that no search ends too early. */
    private void free(int slot) {
        int mask = table.length - 1;
        int hole = slot;
        for (int next = (hole + 1) & mask; table[next] != 0; next = (next + 1) & mask) {
            int home = home((int) (table[next] >>> 32)); // the entry has these bits of its key: no look into the ring
            if (((next - home) & mask) < ((next - hole) & mask)) continue;
            table[hole] = table[next];
            hole = next;
        }
        table[hole] = 0;
    }

    private void resize(int capacity) {
        int before = positions.length;
        long[] newPositions = new long[capacity];
        int[] newHashes = new int[capacity];
        int[] newTicks = new int[capacity];
        for (int i = 0, from = oldest; i < size; i++, from = from + 1 == before ? 0 : from + 1) {
            newPositions[i] = positions[from];
            newHashes[i] = hashes[from];
            newTicks[i] = ticks[from];
        }
        long[] old = table;
        int first = oldest;
        positions = newPositions;
        hashes = newHashes;
        ticks = newTicks;
        oldest = 0;
        int bits = 33 - Integer.numberOfLeadingZeros(capacity - 1 | 1);
        table = new long[1 << bits];
        homeShift = 32 - bits;
        int mask = table.length - 1;
        for (long entry : old) {
            if (entry == 0) continue;
            int place = place(entry) - first;
            if (place < 0) place += before;
            int slot = home((int) (entry >>> 32));
            while (table[slot] != 0) slot = (slot + 1) & mask;
            table[slot] = (entry & ~indexMask) | (place + 1);
        }
    }

    private int place(long entry) {
        return (int) (entry & indexMask) - 1;
    }

    private int home(int hash) {
        return hash >>> homeShift;
    }

    /** Times are kept in 64 ms, which an int counts for four years. */
    private static int tick(long millis) {
        return (int) (millis >> 6);
    }

    private long ageMillis(int place, long nowMillis) {
        return (long) (tick(nowMillis) - ticks[place]) << 6;
    }
}
