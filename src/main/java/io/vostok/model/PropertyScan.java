package io.vostok.model;

import java.nio.charset.StandardCharsets;

/** Finds entries in a properties text without making objects. An entry is {@code key 0x01 value}, ended by 0x02 or the end. */
final class PropertyScan {
    private PropertyScan() {}

    /** Returns where the entry starting at {@code from} ends: the index of its 0x02, or {@code to}. */
    static int entryEnd(byte[] text, int from, int to) {
        return ByteSearch.first(text, from, to, MessageProperties.PROPERTY_SEPARATOR);
    }

    /** Returns where the key of an entry ends, or -1 when it has no separator, an empty key or an empty value. */
    static int keyEnd(byte[] text, int from, int entryEnd) {
        for (int at = from; at < entryEnd; at++) {
            if (text[at] == MessageProperties.NAME_VALUE_SEPARATOR) return at > from && at + 1 < entryEnd ? at : -1;
        }
        return -1;
    }

    /** Returns where the value of an entry starts if its key is {@code key}, else -1. */
    static int valueOfEntry(byte[] text, int from, int entryEnd, String key) {
        int keyBytes = key.length();
        if (entryEnd - from < keyBytes + 2) return -1;
        for (int i = 0; i < keyBytes; i++) {
            char c = key.charAt(i);
            if (c >= 0x80) return valueOfNonAscii(text, from, entryEnd, key);
            if (text[from + i] != c) return -1;
        }
        int separator = from + keyBytes;
        return keyBytes > 0 && text[separator] == MessageProperties.NAME_VALUE_SEPARATOR ? separator + 1 : -1;
    }

    /** Returns where the last value of {@code key} starts, or -1. */
    static int lastValue(byte[] text, int from, int to, String key) {
        int found = -1;
        int at = from;
        while (at < to) {
            int entryEnd = entryEnd(text, at, to);
            int value = valueOfEntry(text, at, entryEnd, key);
            if (value >= 0) found = value;
            at = entryEnd + 1;
        }
        return found;
    }

    private static int valueOfNonAscii(byte[] text, int from, int entryEnd, String key) {
        int keyEnd = keyEnd(text, from, entryEnd);
        if (keyEnd < 0) return -1;
        boolean same = new String(text, from, keyEnd - from, StandardCharsets.UTF_8).equals(key);
        return same ? keyEnd + 1 : -1;
    }
}
