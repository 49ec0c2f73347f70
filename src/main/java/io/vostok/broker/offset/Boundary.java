package io.vostok.broker.offset;

import org.jspecify.annotations.Nullable;

/** Which side of a time is meant by a search for an offset. */
public enum Boundary {
    /** The first message at or after the time. */
    LOWER,
    /** The last message at or before the time. */
    UPPER;

    /** Returns what the word of a request means; LOWER for none and for words nobody knows, as Apache does. */
    public static Boundary of(@Nullable String word) {
        return UPPER.name().equalsIgnoreCase(word) ? UPPER : LOWER;
    }
}
