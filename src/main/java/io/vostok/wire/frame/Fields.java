package io.vostok.wire.frame;

import java.util.Arrays;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The named fields ({@code extFields}) of the last command a {@link CommandReader} read, decoded only when asked for.
 *
 * <p>Keys given to the methods are ASCII. Of two fields with the same key the later one counts; a JSON {@code null} is an
 * absent field; a JSON number or boolean reads as its text, a nested object or array as its JSON. Looking up and reading
 * numbers and flags allocates nothing. Same thread and same lifetime as the command.
 */
public final class Fields {
    private static final int INTS_PER_FIELD = 5;
    private static final int KEY_ESCAPED = 1;
    private static final int VALUE_ESCAPED = 2;
    private static final int VALUE_NULL = 4;
    /** No number of so many digits is too large for a long. */
    private static final int SAFE_DIGITS = 18;

    private byte[] bytes = new byte[0];
    /** Per field: key from, key to, value from, value to, flags. */
    private int[] spans = new int[16 * INTS_PER_FIELD];

    private int held;
    /** Of each key that is one ASCII letter its last field plus one, else 0: the keys of a send, which asks for a dozen. */
    private final short[] letters = new short[128];
    /** Whether a key has escapes: it may be a letter too. */
    private boolean escapedKeys;
    /** Topics and groups come again and again. */
    private final RecentTexts texts = new RecentTexts();

    Fields() {}

    void clear(byte[] header) {
        bytes = header;
        clear();
    }

    void clear() {
        held = 0;
        escapedKeys = false;
        Arrays.fill(letters, (short) 0);
    }

    int held() {
        return held;
    }

    /** Fixes the key of the next field; {@link #addValue} completes it. */
    void addKey(int from, int to, boolean escaped) {
        int at = held * INTS_PER_FIELD;
        if (at == spans.length) spans = Arrays.copyOf(spans, spans.length * 2);
        spans[at] = from;
        spans[at + 1] = to;
        spans[at + 4] = escaped ? KEY_ESCAPED : 0;
        if (escaped) escapedKeys = true;
        else if (to - from == 1 && bytes[from] >= 0) letters[bytes[from]] = (short) (held + 1);
    }

    void addValue(int from, int to, boolean escaped, boolean isNull) {
        int at = held * INTS_PER_FIELD;
        spans[at + 2] = from;
        spans[at + 3] = to;
        spans[at + 4] |= (escaped ? VALUE_ESCAPED : 0) | (isNull ? VALUE_NULL : 0);
        held++;
    }

    /** Returns the value, or null when the field is absent. */
    public @Nullable String text(String key) {
        int field = find(key);
        return field < 0 ? null : valueOf(field);
    }

    /**
     * Returns the value.
     *
     * @throws BadFieldException when the field is absent
     */
    public String requireText(String key) {
        int field = find(key);
        if (field < 0) throw BadFieldException.missing(key, "a text");
        return valueOf(field);
    }

    /**
     * Returns the value as a number.
     *
     * @throws BadFieldException when the field is absent or no whole number of 32 bits
     */
    public int requireInt(String key) {
        int field = find(key);
        if (field < 0) throw BadFieldException.missing(key, "a whole number");
        return intOf(key, field);
    }

    /**
     * Returns the value as a number.
     *
     * @throws BadFieldException when the field is absent or no whole number of 64 bits
     */
    public long requireLong(String key) {
        int field = find(key);
        if (field < 0) throw BadFieldException.missing(key, "a whole number");
        return longOf(key, field);
    }

    /**
     * Returns the value as a number, or {@code whenAbsent}.
     *
     * @throws BadFieldException when the field is there but no whole number of 32 bits
     */
    public int intOr(String key, int whenAbsent) {
        int field = find(key);
        return field < 0 ? whenAbsent : intOf(key, field);
    }

    /**
     * Returns the value as a number, or {@code whenAbsent}.
     *
     * @throws BadFieldException when the field is there but no whole number of 64 bits
     */
    public long longOr(String key, long whenAbsent) {
        int field = find(key);
        return field < 0 ? whenAbsent : longOf(key, field);
    }

    /** Returns true when the value is {@code true} in any case, false for any other value, {@code whenAbsent} for none. */
    public boolean flagOr(String key, boolean whenAbsent) {
        int field = find(key);
        if (field < 0) return whenAbsent;
        int at = field * INTS_PER_FIELD;
        if ((spans[at + 4] & VALUE_ESCAPED) != 0) return valueOf(field).equalsIgnoreCase("true");
        int from = spans[at + 2];
        return spans[at + 3] - from == 4
                && (bytes[from] | 0x20) == 't'
                && (bytes[from + 1] | 0x20) == 'r'
                && (bytes[from + 2] | 0x20) == 'u'
                && (bytes[from + 3] | 0x20) == 'e';
    }

    /** Returns at most how many bytes {@link #copyUtf8} will write for this field, or -1 when it is absent. */
    public int utf8Bound(String key) {
        int field = find(key);
        return field < 0 ? -1 : spans[field * INTS_PER_FIELD + 3] - spans[field * INTS_PER_FIELD + 2];
    }

    /**
     * Copies the value without escapes, as UTF-8, to {@code target} from index {@code at}. Bytes that came as broken UTF-8
     * are copied as they are.
     *
     * @return the length in bytes, or -1 when the field is absent
     * @throws IndexOutOfBoundsException when the target is smaller than the value; {@link #utf8Bound} always suffices
     */
    public int copyUtf8(String key, byte[] target, int at) {
        int field = find(key);
        if (field < 0) return -1;
        int span = field * INTS_PER_FIELD;
        return Utf8.copy(bytes, spans[span + 2], spans[span + 3], (spans[span + 4] & VALUE_ESCAPED) != 0, target, at);
    }

    /** Gives every present field once, in the order of the header. */
    public void forEach(BiConsumer<String, String> action) {
        for (int field = 0; field < held; field++) {
            if (counts(field)) action.accept(keyOf(field), valueOf(field));
        }
    }

    /** Returns how many fields {@link #forEach} gives. */
    public int count() {
        int count = 0;
        for (int field = 0; field < held; field++) {
            if (counts(field)) count++;
        }
        return count;
    }

    /** Returns the field that counts for {@code key}, or -1 when there is none or it is null. */
    private int find(String key) {
        int field = key.length() == 1 && !escapedKeys ? letters[key.charAt(0)] - 1 : last(key);
        return field >= 0 && (spans[field * INTS_PER_FIELD + 4] & VALUE_NULL) != 0 ? -1 : field;
    }

    private int last(String key) {
        int field = held - 1;
        while (field >= 0) {
            int at = field * INTS_PER_FIELD;
            if (Utf8.same(bytes, spans[at], spans[at + 1], (spans[at + 4] & KEY_ESCAPED) != 0, key)) break;
            field--;
        }
        return field;
    }

    /** Tells whether a field is neither null nor replaced by a later one. */
    private boolean counts(int field) {
        if ((spans[field * INTS_PER_FIELD + 4] & VALUE_NULL) != 0) return false;
        for (int later = field + 1; later < held; later++) {
            if (sameKey(field, later)) return false;
        }
        return true;
    }

    private boolean sameKey(int one, int other) {
        int a = one * INTS_PER_FIELD;
        int b = other * INTS_PER_FIELD;
        if (((spans[a + 4] | spans[b + 4]) & KEY_ESCAPED) != 0)
            return keyOf(one).equals(keyOf(other));
        return Arrays.equals(bytes, spans[a], spans[a + 1], bytes, spans[b], spans[b + 1]);
    }

    private String keyOf(int field) {
        int at = field * INTS_PER_FIELD;
        return Utf8.text(bytes, spans[at], spans[at + 1], (spans[at + 4] & KEY_ESCAPED) != 0);
    }

    private String valueOf(int field) {
        int at = field * INTS_PER_FIELD;
        if ((spans[at + 4] & VALUE_ESCAPED) == 0) return texts.of(bytes, spans[at + 2], spans[at + 3]);
        return Utf8.text(bytes, spans[at + 2], spans[at + 3], true);
    }

    private int intOf(String key, int field) {
        long value = number(field);
        if (value != (int) value || failed) {
            throw BadFieldException.wrong(key, valueOf(field), "a whole number from -2147483648 to 2147483647");
        }
        return (int) value;
    }

    private long longOf(String key, int field) {
        long value = number(field);
        if (failed) throw BadFieldException.wrong(key, valueOf(field), "a whole number of at most 64 bits");
        return value;
    }

    private boolean failed;

    /** Parses in place; sets {@link #failed} when there is no number. */
    private long number(int field) {
        int at = field * INTS_PER_FIELD;
        if ((spans[at + 4] & VALUE_ESCAPED) == 0) return number(bytes, spans[at + 2], spans[at + 3]);
        byte[] plain = new byte[spans[at + 3] - spans[at + 2]];
        return number(plain, 0, Utf8.copy(bytes, spans[at + 2], spans[at + 3], true, plain, 0));
    }

    private long number(byte[] text, int from, int to) {
        failed = true;
        int at = from;
        boolean negative = at < to && text[at] == '-';
        if (negative || (at < to && text[at] == '+')) at++;
        if (at == to) return 0;
        long value = 0; // kept negative: the smallest number has no positive twin
        for (int safe = Math.min(to, at + SAFE_DIGITS); at < safe; at++) {
            int digit = text[at] - '0';
            if (digit < 0 || digit > 9) return 0;
            value = value * 10 - digit;
        }
        for (; at < to; at++) {
            int digit = text[at] - '0';
            if (digit < 0 || digit > 9) return 0;
            if (value < Long.MIN_VALUE / 10) return 0;
            value *= 10;
            if (value < Long.MIN_VALUE + digit) return 0;
            value -= digit;
        }
        if (!negative && value == Long.MIN_VALUE) return 0;
        failed = false;
        return negative ? value : -value;
    }
}
