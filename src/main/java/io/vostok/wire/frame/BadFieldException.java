package io.vostok.wire.frame;

import org.jspecify.annotations.Nullable;

/** A header field that is missing or not what it should be. The frame itself was fine: the request is answered with the message. */
public final class BadFieldException extends RuntimeException {
    private static final int LONGEST_SHOWN = 64;

    private BadFieldException(String message) {
        super(message);
    }

    /**
     * Makes the error of an absent field.
     *
     * @param expected what should be there, for example {@code a whole number}
     */
    public static BadFieldException missing(String field, String expected) {
        return new BadFieldException("header field '" + field + "' is missing, expected is " + expected);
    }

    /**
     * Makes the error of an unreadable field.
     *
     * @param value what came; shown shortened and without control characters
     * @param expected what should have come, for example {@code a whole number}
     */
    public static BadFieldException wrong(String field, @Nullable String value, String expected) {
        return new BadFieldException("header field '" + field + "' is '" + clean(value == null ? "null" : value)
                + "', expected is " + expected);
    }

    private static String clean(String value) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < value.length() && i < LONGEST_SHOWN; i++) {
            char c = value.charAt(i);
            shown.append(Character.isISOControl(c) || Character.isSurrogate(c) ? '?' : c);
        }
        return value.length() > LONGEST_SHOWN ? shown + "..." : shown.toString();
    }
}
