package io.vostok.store.index;

import java.nio.charset.StandardCharsets;

/**
 * The hash under which a key stands in the index: that of the Java string {@code topic#key}, without its sign, computed
 * from UTF-8 bytes without making the string.
 */
public final class KeyHash {
    private KeyHash() {}

    /** Returns the running hash of {@code topic#}; go on with {@link #of(int, byte[], int, int)}. */
    public static int ofTopic(byte[] topic, int length) {
        return 31 * running(0, topic, 0, length) + '#';
    }

    /** Returns the hash of a key, UTF-8 from {@code from} to {@code to}, in the topic with hash {@code ofTopic}. */
    public static int of(int ofTopic, byte[] text, int from, int to) {
        return withoutSign(running(ofTopic, text, from, to));
    }

    /** Returns the hash of a key as a query names it. */
    public static int of(String topic, String key) {
        return withoutSign((topic + "#" + key).hashCode());
    }

    private static int withoutSign(int hash) {
        return hash == Integer.MIN_VALUE ? 0 : Math.abs(hash);
    }

    /** Goes on with the hash of {@link String#hashCode} over the characters that the bytes stand for. */
    static int running(int start, byte[] text, int from, int to) {
        int hash = start;
        int at = from;
        while (at < to) {
            int first = text[at];
            if (first >= 0) {
                hash = 31 * hash + first;
                at++;
                continue;
            }
            int length = sequenceLength(first);
            int point = length < 0 || at + length > to ? -1 : point(text, at, length);
            if (point < 0) return ofMalformed(start, text, from, to);
            if (point < 0x10000) {
                hash = 31 * hash + point;
            } else {
                hash = 31 * hash + Character.highSurrogate(point);
                hash = 31 * hash + Character.lowSurrogate(point);
            }
            at += length;
        }
        return hash;
    }

    /** Malformed bytes become replacement characters by rules that only the JDK's decoder knows exactly. */
    private static int ofMalformed(int start, byte[] text, int from, int to) {
        String decoded = new String(text, from, to - from, StandardCharsets.UTF_8);
        int hash = start;
        for (int i = 0; i < decoded.length(); i++) hash = 31 * hash + decoded.charAt(i);
        return hash;
    }

    private static int sequenceLength(int first) {
        if ((first & 0xE0) == 0xC0) return 2;
        if ((first & 0xF0) == 0xE0) return 3;
        return (first & 0xF8) == 0xF0 ? 4 : -1;
    }

    /** Returns the code point of a sequence, or -1 when it is not one. */
    private static int point(byte[] text, int at, int length) {
        int point = text[at] & (0x7F >> length);
        for (int i = 1; i < length; i++) {
            int next = text[at + i];
            if ((next & 0xC0) != 0x80) return -1;
            point = (point << 6) | (next & 0x3F);
        }
        int smallest = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
        boolean surrogate = point >= 0xD800 && point <= 0xDFFF;
        return point < smallest || point > 0x10FFFF || surrogate ? -1 : point;
    }
}
