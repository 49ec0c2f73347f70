package io.vostok.model;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Changes the properties text of one message in a byte array that is kept and reused: {@link #load}, then changes, then
 * {@link #copyTo}. Makes no map and, for ASCII values, no garbage. One thread.
 *
 * <p>What was loaded is kept byte for byte except for the changed properties, in its order; a missing last separator is
 * added. {@link #put} removes every entry of the key and appends the new one.
 */
public final class PropertiesEditor {
    private static final int KEPT_BYTES = 64 << 10;
    private static final int FIRST_BYTES = 1 << 10;
    /** As many of a key's bytes decide its bit: enough to tell apart the names that a send asks for. */
    private static final int START_BYTES = 4;

    private byte[] text = new byte[FIRST_BYTES];
    private int length;
    /**
     * A bit for the first bytes of each key there is, and perhaps for keys that are gone. A send asks for a dozen keys that
     * most messages lack; without this each question would walk the whole text.
     */
    private long starts;

    /** Forgets the last text and takes a copy of the bytes {@code from} to before {@code to}. */
    public PropertiesEditor load(byte[] properties, int from, int to) {
        System.arraycopy(properties, from, room(to - from), 0, to - from);
        return loaded(to - from);
    }

    /** Forgets the last text and takes a copy of {@code properties}, from position to limit, which do not move. */
    public PropertiesEditor load(ByteBuffer properties) {
        int bytes = properties.remaining();
        properties.get(properties.position(), room(bytes), 0, bytes);
        return loaded(bytes);
    }

    /** Forgets the last text and gives an array of at least {@code bytes} to be filled from index 0; then {@link #loaded}. */
    public byte[] room(int bytes) {
        length = 0;
        starts = 0;
        boolean needlesslyLarge = text.length > KEPT_BYTES && bytes < FIRST_BYTES;
        if (bytes >= text.length || needlesslyLarge) text = new byte[Math.max(FIRST_BYTES, bytes + FIRST_BYTES / 2)];
        return text;
    }

    /** Takes the first {@code bytes} of what {@link #room} gave as the text. */
    public PropertiesEditor loaded(int bytes) {
        length = bytes;
        if (length > 0 && text[length - 1] != MessageProperties.PROPERTY_SEPARATOR) {
            grow(1);
            text[length++] = MessageProperties.PROPERTY_SEPARATOR;
        }
        starts = startsOf(text, 0, length);
        return this;
    }

    /** Tells whether {@code key} has a value. */
    public boolean contains(String key) {
        return mayContain(key) && PropertyScan.lastValue(text, 0, length, key) >= 0;
    }

    /** Returns the last value of {@code key}, or null. */
    public @Nullable String get(String key) {
        return mayContain(key) ? MessageProperties.get(text, 0, length, key) : null;
    }

    /** Removes every entry of {@code key}; nothing happens when there is none. */
    public PropertiesEditor remove(String key) {
        if (!mayContain(key)) return this;
        int at = 0;
        while (at < length) {
            int entryEnd = PropertyScan.entryEnd(text, at, length);
            if (PropertyScan.valueOfEntry(text, at, entryEnd, key) < 0) {
                at = entryEnd + 1;
                continue;
            }
            System.arraycopy(text, entryEnd + 1, text, at, length - entryEnd - 1);
            length -= entryEnd + 1 - at;
        }
        return this;
    }

    /**
     * Sets {@code key} to {@code value}, in place of all entries it had.
     *
     * @throws IllegalArgumentException when either is empty or holds a separator: it could not be read back
     */
    public PropertiesEditor put(String key, String value) {
        MessageProperties.checkWritable(key, value);
        remove(key);
        int start = length;
        append(key);
        text[length++] = MessageProperties.NAME_VALUE_SEPARATOR;
        append(value);
        text[length++] = MessageProperties.PROPERTY_SEPARATOR;
        starts |= startsOf(text, start, length);
        return this;
    }

    /** Sets each of {@code properties}, in their order, in place of all entries it had. */
    public PropertiesEditor putAll(FixedProperties properties) {
        for (String key : properties.keys()) remove(key);
        byte[] added = properties.text();
        grow(added.length);
        System.arraycopy(added, 0, text, length, added.length);
        length += added.length;
        starts |= properties.starts();
        return this;
    }

    /** Sets {@code key} to a number in decimal, in place of all entries it had. */
    public PropertiesEditor put(String key, long value) {
        return put(key, Long.toString(value));
    }

    /** Returns the size of the text in bytes, including the last separator; 0 when there are no properties. */
    public int length() {
        return length;
    }

    /** Writes the text at the position of {@code target} and moves it by {@link #length()}. */
    public void copyTo(ByteBuffer target) {
        target.put(text, 0, length);
    }

    /** Returns the array whose first {@link #length()} bytes are the text; valid until the next change. */
    public byte[] bytes() {
        return text;
    }

    /** Returns a copy of the text, for callers off the hot path. */
    public byte[] toBytes() {
        return Arrays.copyOf(text, length);
    }

    private boolean mayContain(String key) {
        int start = 0;
        for (int i = 0; i < START_BYTES && i < key.length(); i++) {
            char c = key.charAt(i);
            if (c >= 0x80) return true;
            start |= c << (Byte.SIZE * i);
        }
        return (starts & startBit(start)) != 0;
    }

    /** Returns the bits of all keys from {@code from}, where one starts, to before {@code to}. */
    static long startsOf(byte[] text, int from, int to) {
        long starts = 0;
        for (int at = from; at < to; at = PropertyScan.entryEnd(text, at, to) + 1) {
            int start = 0;
            for (int i = 0; i < START_BYTES && at + i < to; i++) {
                byte b = text[at + i];
                if (b == MessageProperties.NAME_VALUE_SEPARATOR) break;
                start |= (b & 0xFF) << (Byte.SIZE * i);
            }
            starts |= startBit(start);
        }
        return starts;
    }

    private static long startBit(int start) {
        return 1L << ((start * 0x9E37_79B9) >>> 26);
    }

    /** Leaves room for one separator behind the text. */
    private void append(String added) {
        grow(Math.addExact(Math.multiplyExact(3, added.length()), 1));
        for (int i = 0; i < added.length(); i++) {
            char c = added.charAt(i);
            if (c >= 0x80) {
                byte[] rest = added.substring(i).getBytes(StandardCharsets.UTF_8);
                System.arraycopy(rest, 0, text, length, rest.length);
                length += rest.length;
                return;
            }
            text[length++] = (byte) c;
        }
    }

    private void grow(int more) {
        int needed = Math.addExact(length, more);
        if (needed > text.length) text = Arrays.copyOf(text, Math.max(needed, text.length * 2));
    }
}
