package io.vostok.model;

import org.jspecify.annotations.Nullable;

/** The one rule for names of topics and groups (remoting reference 4.7), applied on every path. */
final class Names {
    static final int LONGEST = 255;

    private Names() {}

    /** Returns why {@code name} cannot be a {@code kind}, or null when it can. */
    static @Nullable String problem(String kind, @Nullable String name, int longest) {
        if (name == null || name.isEmpty()) return kind + " name is empty";
        if (name.length() > longest) {
            return kind + " name has " + name.length() + " characters, at most " + longest + " are allowed";
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (!allowed(c)) {
                return kind + " name contains the character U+" + String.format("%04X", (int) c)
                        + ", allowed are letters, digits, '%', '|', '-' and '_'";
            }
        }
        return null;
    }

    private static boolean allowed(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '%'
                || c == '|'
                || c == '-'
                || c == '_';
    }
}
