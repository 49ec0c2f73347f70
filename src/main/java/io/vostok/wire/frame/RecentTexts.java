package io.vostok.wire.frame;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Texts made lately from spans of UTF-8, so that the same bytes give the same object again. One thread. */
final class RecentTexts {
    private static final int SLOT_BITS = 6;
    private static final int LONGEST_BYTES = 128;

    private final byte[][] spans = new byte[1 << SLOT_BITS][];
    private final @Nullable String[] texts = new @Nullable String[1 << SLOT_BITS];

    RecentTexts() {
        Arrays.fill(spans, new byte[0]);
    }

    /** Returns the text of a span; broken UTF-8 is replaced, never refused. */
    String of(byte[] bytes, int from, int to) {
        int length = to - from;
        if (length == 0) return "";
        if (length > LONGEST_BYTES) return Utf8.text(bytes, from, to, false);
        int slot = slot(bytes, from, to);
        byte[] span = spans[slot];
        @Nullable String known = texts[slot];
        if (known != null && Arrays.equals(span, 0, span.length, bytes, from, to)) return known;
        String text = Utf8.text(bytes, from, to, false);
        spans[slot] = Arrays.copyOfRange(bytes, from, to);
        texts[slot] = text;
        return text;
    }

    /** Names that differ mostly do so in their length or near their end. */
    private static int slot(byte[] bytes, int from, int to) {
        int hash = to - from;
        for (int at = Math.max(from, to - 4); at < to; at++) hash = hash * 31 + bytes[at];
        return (hash * 0x9E37_79B9) >>> (Integer.SIZE - SLOT_BITS);
    }
}
