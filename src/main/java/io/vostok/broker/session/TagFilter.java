package io.vostok.broker.session;

import io.vostok.store.RecordFilter;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.stream.IntStream;

/**
 * Lets messages through whose tag has one of some hashes; the client compares the tags themselves. A set of ints with
 * open addressing: a look-up allocates nothing. Immutable; any thread.
 */
public final class TagFilter implements RecordFilter {
    private final int[] slots;
    private final boolean hasZero;

    private TagFilter(int[] slots, boolean hasZero) {
        this.slots = slots;
        this.hasZero = hasZero;
    }

    /** Returns a filter for these tags: one with nothing to compare when there are none. */
    public static RecordFilter of(Collection<String> tags) {
        return ofCodes(tags.stream().mapToInt(String::hashCode).toArray());
    }

    /** As {@link #of} for tags of which only the hashes are known. */
    public static RecordFilter ofCodes(int... codes) {
        if (codes.length == 0) return RecordFilter.ALL;
        // At most half full, so that a run of taken slots stays short.
        int[] slots = new int[Math.max(4, Integer.highestOneBit(codes.length) * 4)];
        for (int code : codes) {
            if (code != 0) put(slots, code);
        }
        return new TagFilter(slots, IntStream.of(codes).anyMatch(code -> code == 0));
    }

    @Override
    public boolean matchesUnit(long tagsCode) {
        int code = (int) tagsCode;
        if (code == 0) return hasZero;
        for (int at = slot(code, slots.length); slots[at] != 0; at = (at + 1) & (slots.length - 1)) {
            if (slots[at] == code) return true;
        }
        return false;
    }

    @Override
    public boolean needsRecord() {
        return false;
    }

    @Override
    public boolean matchesRecord(ByteBuffer properties) {
        return true;
    }

    private static void put(int[] slots, int code) {
        int at = slot(code, slots.length);
        while (slots[at] != 0 && slots[at] != code) at = (at + 1) & (slots.length - 1);
        slots[at] = code;
    }

    private static int slot(int code, int slots) {
        return (code * 0x9E3779B9) >>> (Integer.numberOfLeadingZeros(slots) + 1);
    }
}
