package io.vostok.broker;

import org.jspecify.annotations.Nullable;

/** What a rule says to a wish: the value that was asked for, or why there is none. */
public sealed interface Ruling<T> {
    /** The wish is granted. */
    record Granted<T>(T value) implements Ruling<T> {}

    /** The wish is refused. */
    record Denied<T>(Refused refused) implements Ruling<T> {}

    static <T> Ruling<T> granted(T value) {
        return new Granted<>(value);
    }

    static <T> Ruling<T> denied(Refusal refusal, String words) {
        return new Denied<>(new Refused(refusal, words));
    }

    /** Returns the refusal, or null when the wish is granted. */
    default @Nullable Refused refused() {
        return this instanceof Denied<T> denied ? denied.refused : null;
    }

    /**
     * Returns the granted value.
     *
     * @throws IllegalStateException when it was refused: ask {@link #refused()} first
     */
    default T value() {
        if (this instanceof Granted<T> granted) return granted.value;
        throw new IllegalStateException("refused: " + refused());
    }
}
