package io.vostok.store;

import io.vostok.model.ByteSearch;
import java.nio.charset.StandardCharsets;

/** Derives a queue unit's tags code from a record's properties (storage reference 3.1). */
final class TagsCode {
    static final String SCHEDULE_TOPIC = "SCHEDULE_TOPIC_XXXX";
    private static final byte[] TAGS = "TAGS".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DELAY = "DELAY".getBytes(StandardCharsets.US_ASCII);

    private TagsCode() {}

    /** @param properties text of which the first {@code length} bytes count */
    static long of(byte[] properties, int length, boolean scheduled, long storeMillis, DelayLevels levels) {
        if (scheduled) {
            int level = number(properties, length);
            if (level > 0) return storeMillis + levels.millis(level);
        }
        long found = find(properties, length, TAGS);
        return found < 0 ? 0 : hash(properties, (int) (found >>> 32), (int) found);
    }

    /** Returns start and end of the value of the last pair with this name, in the two halves of a long, or -1. */
    private static long find(byte[] text, int length, byte[] name) {
        long found = -1;
        int pair = 0;
        while (pair < length) {
            int end = ByteSearch.first(text, pair, length, 2);
            int value = pair + name.length + 1;
            if (value < end && text[value - 1] == 1 && startsWith(text, pair, name)) {
                found = ((long) value << 32) | end;
            }
            pair = end + 1;
        }
        return found;
    }

    private static boolean startsWith(byte[] text, int at, byte[] name) {
        for (int i = 0; i < name.length; i++) {
            if (text[at + i] != name[i]) return false;
        }
        return true;
    }

    /** The hash of a String with these characters, without making it when they are ASCII. */
    private static int hash(byte[] text, int from, int to) {
        int hash = 0;
        for (int i = from; i < to; i++) {
            if (text[i] < 0) return new String(text, from, to - from, StandardCharsets.UTF_8).hashCode();
            hash = 31 * hash + text[i];
        }
        return hash;
    }

    private static int number(byte[] text, int length) {
        long found = find(text, length, DELAY);
        if (found < 0) return 0;
        int value = 0;
        for (int i = (int) (found >>> 32); i < (int) found; i++) {
            if (text[i] < '0' || text[i] > '9') return 0;
            value = Math.min(1_000_000, value * 10 + text[i] - '0');
        }
        return value;
    }
}
