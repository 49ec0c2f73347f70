package io.vostok.nameserver;

/** An answer or a refusal. */
public sealed interface Result<T> {
    /** The answer. */
    record Given<T>(T value) implements Result<T> {}

    /**
     * The refusal.
     *
     * @param words shown to the user: the cause and the remedy
     */
    record Denied<T>(Denial why, String words) implements Result<T> {}

    static <T> Result<T> given(T value) {
        return new Given<>(value);
    }

    static <T> Result<T> denied(Denial why, String words) {
        return new Denied<>(why, words);
    }
}
