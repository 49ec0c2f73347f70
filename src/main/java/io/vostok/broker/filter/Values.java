package io.vostok.broker.filter;

/** How two values compare (storage reference 11.7): a text becomes what it is compared with. */
final class Values {
    /** What Apache answers for values of kinds that have no order: the left is the smaller one. */
    private static final int UNLIKE = -1;

    private Values() {}

    /** As {@link #compare}, but two texts are compared as numbers. */
    static int order(Object left, Object right, Evaluation message) {
        if (left instanceof String leftText && right instanceof String rightText) {
            return Double.compare(doubleOf(leftText, message), doubleOf(rightText, message));
        }
        return compare(left, right, message);
    }

    /**
     * Returns a number below, equal or above 0.
     *
     * @throws EvaluationFailure when a text does not become what it is compared with
     */
    static int compare(Object left, Object right, Evaluation message) {
        if (left instanceof String text) return compareText(text, right, message);
        if (left instanceof Boolean condition) {
            if (right instanceof Boolean other) return condition.compareTo(other);
            if (right instanceof String) throw EvaluationFailure.notComparable();
            return UNLIKE;
        }
        if (right instanceof Boolean) return UNLIKE;
        if (left instanceof Double number) {
            return Double.compare(number, right instanceof String text ? doubleOf(text, message) : doubleOf(right));
        }
        if (right instanceof Double number) return Double.compare(doubleOf(left), number);
        if (right instanceof String text) {
            return Long.compare(((Number) left).longValue(), wholeOf(text, left instanceof Integer, message));
        }
        return Long.compare(((Number) left).longValue(), ((Number) right).longValue());
    }

    private static int compareText(String text, Object right, Evaluation message) {
        if (right instanceof String other) {
            message.steps(Math.min(text.length(), other.length()));
            return text.compareTo(other);
        }
        if (right instanceof Boolean condition) {
            return Boolean.compare(text.equalsIgnoreCase("true"), condition);
        }
        if (right instanceof Double number) return Double.compare(doubleOf(text, message), number);
        return Long.compare(wholeOf(text, right instanceof Integer, message), ((Number) right).longValue());
    }

    private static double doubleOf(Object number) {
        return ((Number) number).doubleValue();
    }

    /** As {@code Double.valueOf}; an exception is made only for a text that at least starts like a number. */
    private static double doubleOf(String text, Evaluation message) {
        message.steps(text.length());
        int start = 0;
        while (start < text.length() && text.charAt(start) <= ' ') start++;
        if (start == text.length()) throw EvaluationFailure.noNumber();
        char first = text.charAt(start);
        boolean maybe = (first >= '0' && first <= '9') || "+-.NI".indexOf(first) >= 0;
        if (!maybe) throw EvaluationFailure.noNumber();
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw EvaluationFailure.noNumber();
        }
    }

    /** As {@code Integer.valueOf} or {@code Long.valueOf}: a sign and digits of any script, within the range. */
    private static long wholeOf(String text, boolean asInt, Evaluation message) {
        message.steps(text.length());
        int start = !text.isEmpty() && (text.charAt(0) == '-' || text.charAt(0) == '+') ? 1 : 0;
        if (start == text.length()) throw EvaluationFailure.noNumber();
        boolean negative = text.charAt(0) == '-';
        long lowest = asInt
                ? (negative ? Integer.MIN_VALUE : -Integer.MAX_VALUE)
                : negative ? Long.MIN_VALUE : -Long.MAX_VALUE;
        // Summed up below zero, where one more number fits.
        long value = 0;
        for (int i = start; i < text.length(); i++) {
            int digit = Character.digit(text.charAt(i), 10);
            if (digit < 0 || value < lowest / 10) throw EvaluationFailure.noNumber();
            value *= 10;
            if (value < lowest + digit) throw EvaluationFailure.noNumber();
            value -= digit;
        }
        return negative ? value : -value;
    }
}
