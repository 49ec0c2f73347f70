package io.vostok.model;

/** States what cannot be otherwise; always on. A failed check is a bug, not bad input. */
public final class Check {
    private Check() {}

    /**
     * Ends the current work when {@code holds} is false.
     *
     * @param message text with one {@code {}} per value
     * @throws IllegalStateException naming the values
     */
    public static void that(boolean holds, String message, long first, long second) {
        if (!holds) throw new IllegalStateException(fill(fill(message, first), second));
    }

    /** As {@link #that(boolean, String, long, long)} without values. */
    public static void that(boolean holds, String message) {
        if (!holds) throw new IllegalStateException(message);
    }

    private static String fill(String message, long value) {
        int at = message.indexOf("{}");
        return at < 0 ? message : message.substring(0, at) + value + message.substring(at + 2);
    }
}
