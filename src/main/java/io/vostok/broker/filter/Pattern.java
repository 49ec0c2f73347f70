package io.vostok.broker.filter;

/** A text that is searched in others, in time proportional to their length however unlucky both are. Immutable. */
final class Pattern {
    /** Up to here the search of the JDK is never much slower than proportional. */
    private static final int SHORT = 16;

    private final String text;
    /** For each length of a matched prefix, the longest proper prefix of it that is also its end. */
    private final int[] borders;

    Pattern(String text) {
        this.text = text;
        this.borders = text.length() <= SHORT ? new int[0] : borders(text);
    }

    String text() {
        return text;
    }

    boolean isEmpty() {
        return text.isEmpty();
    }

    boolean isIn(String value, Evaluation message) {
        message.steps(value.length());
        if (text.length() <= SHORT || value.length() < text.length()) return value.contains(text);
        int matched = 0;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            while (matched > 0 && text.charAt(matched) != c) matched = borders[matched];
            if (text.charAt(matched) == c) matched++;
            if (matched == text.length()) return true;
        }
        return false;
    }

    private static int[] borders(String text) {
        int[] borders = new int[text.length() + 1];
        int border = 0;
        for (int i = 1; i < text.length(); i++) {
            while (border > 0 && text.charAt(border) != text.charAt(i)) border = borders[border];
            if (text.charAt(border) == text.charAt(i)) border++;
            borders[i + 1] = border;
        }
        return borders;
    }

    @Override
    public String toString() {
        return text;
    }
}
