package io.vostok.broker.filter;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One message under one expression: where the named properties are in its properties text, decoded when first asked for,
 * and how many steps were taken. Reused for message after message; owned by one thread.
 */
final class Evaluation {
    /** Steps after which an evaluation is given up: a step is a part of the expression or a character looked at. */
    static final int BUDGET = 1 << 20;

    private static final byte[] NOTHING = {};

    private byte[] text = NOTHING;
    private int[] starts = new int[8];
    private int[] ends = new int[8];
    private @Nullable String[] decoded = new String[8];
    private int slots;
    private int steps;

    /**
     * Starts with the next message.
     *
     * @param names of the properties, in ASCII; the place of a name is its slot
     * @param from where the properties text starts in {@code properties}
     * @param to where it ends
     */
    void begin(byte[][] names, byte[] properties, int from, int to) {
        slots = names.length;
        steps = 0;
        if (starts.length < slots) {
            starts = new int[slots];
            ends = new int[slots];
            decoded = new String[slots];
        }
        Arrays.fill(starts, 0, slots, -1);
        text = properties;
        for (int at = from; at < to; ) {
            int entryEnd = at;
            int nameEnd = -1;
            for (; entryEnd < to && properties[entryEnd] != 2; entryEnd++) {
                if (nameEnd < 0 && properties[entryEnd] == 1) nameEnd = entryEnd;
            }
            // The last of several with one name counts; one without a name or a value is none.
            if (nameEnd > at && nameEnd + 1 < entryEnd) found(names, at, nameEnd, entryEnd);
            at = entryEnd + 1;
        }
    }

    private void found(byte[][] names, int from, int nameEnd, int entryEnd) {
        for (int slot = 0; slot < names.length; slot++) {
            byte[] name = names[slot];
            if (name.length != nameEnd - from) continue;
            if (!Arrays.equals(name, 0, name.length, text, from, nameEnd)) continue;
            starts[slot] = nameEnd + 1;
            ends[slot] = entryEnd;
            return;
        }
    }

    /** Forgets the message, so that nothing of it stays reachable. */
    void end() {
        Arrays.fill(decoded, 0, slots, null);
        text = NOTHING;
    }

    @Nullable
    String property(int slot) {
        steps(1);
        if (starts[slot] < 0) return null;
        String known = decoded[slot];
        if (known != null) return known;
        String value = new String(text, starts[slot], ends[slot] - starts[slot], StandardCharsets.UTF_8);
        decoded[slot] = value;
        return value;
    }

    /** Counts one step; returns this. */
    Evaluation step() {
        steps(1);
        return this;
    }

    /** Counts steps. */
    void steps(int more) {
        steps += more;
        if (steps > BUDGET) throw EvaluationFailure.budget();
    }
}
