package io.vostok.store.index;

import io.vostok.model.ByteSearch;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The keys of one record: the value of {@code UNIQ_KEY}, then each word of {@code KEYS}, where single spaces part words and
 * empty words do not count. Reusable; makes no garbage; one thread.
 */
public final class RecordKeys {
    private static final byte[] UNIQUE = "UNIQ_KEY".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] WORDS = "KEYS".getBytes(StandardCharsets.US_ASCII);
    private static final byte NAME_END = 1;
    private static final byte PAIR_END = 2;

    private byte[] text = {};
    private int uniqueFrom;
    private int uniqueTo;
    private int wordsFrom;
    private int wordsTo;
    private int next;
    private boolean unique;
    private int from;
    private int to;

    /**
     * Looks at the properties text {@code properties}, of which the first {@code length} bytes count; of several
     * properties with one name the last counts.
     *
     * @return this, before the first key
     */
    public RecordKeys of(byte[] properties, int length) {
        text = properties;
        uniqueFrom = uniqueTo = wordsFrom = wordsTo = 0;
        int pair = 0;
        while (pair < length) {
            int end = ByteSearch.first(properties, pair, length, PAIR_END);
            byte first = properties[pair];
            if (first == 'U' && named(pair, end, UNIQUE)) {
                uniqueFrom = pair + UNIQUE.length + 1;
                uniqueTo = end;
            } else if (first == 'K' && named(pair, end, WORDS)) {
                wordsFrom = pair + WORDS.length + 1;
                wordsTo = end;
            }
            pair = end + 1;
        }
        first();
        return this;
    }

    /** Goes back before the first key. */
    public void first() {
        next = wordsFrom;
        unique = false;
        from = to = -1;
    }

    /** Goes to the next key; false when there is none. */
    public boolean next() {
        if (to < 0 && uniqueTo > uniqueFrom) {
            unique = true;
            from = uniqueFrom;
            to = uniqueTo;
            return true;
        }
        unique = false;
        while (next < wordsTo) {
            int start = next;
            int end = start;
            while (end < wordsTo && text[end] != ' ') end++;
            next = end + 1;
            if (end > start) {
                from = start;
                to = end;
                return true;
            }
        }
        to = 0;
        return false;
    }

    /** Tells whether this is the unique key. */
    public boolean isUnique() {
        return unique;
    }

    /** Returns where the key starts in the properties text. */
    public int from() {
        return from;
    }

    /** Returns where the key ends. */
    public int to() {
        return to;
    }

    /** Tells whether this key has exactly these UTF-8 bytes. */
    public boolean is(byte[] key) {
        return Arrays.equals(text, from, to, key, 0, key.length);
    }

    private boolean named(int pair, int end, byte[] name) {
        int nameEnd = pair + name.length;
        return nameEnd < end && text[nameEnd] == NAME_END && Arrays.equals(text, pair, nameEnd, name, 0, name.length);
    }
}
