package io.vostok.broker.filter;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Expressions and property sets by chance: mostly well-formed and with values that meet the constants, some broken by a
 * changed, lost or doubled character.
 */
final class RandomExpressions {
    private static final String[] NAMES = {"a", "b", "c", "d", "_e", "$f", "A"};
    private static final String[] TEXTS = {
        "", "x", "xy", "yx", "5", "10", "true", "FALSE", "it''s", "ü€", "😀", "-- no", "/* no", "1.5", "a AND b"
    };
    private static final String[] WHOLES = {
        "0", "1", "5", "10", "5l", "7L", "2147483647", "2147483648", "9223372036854775807", "9223372036854775808", "05"
    };
    private static final String[] FLOATS = {
        "1.5", ".5", "5.", "5e0", "1E1", "0.0", "1e400", "4.9e-324", "1e-400", "05.5"
    };
    private static final String[] VALUES = {
        "",
        "0",
        "-0",
        "1",
        "5",
        "05",
        "+5",
        " 5",
        "5 ",
        "5.0",
        "10",
        "-1",
        "1.5",
        "1e1",
        "0x10p0",
        "5d",
        "NaN",
        "-Infinity",
        "2147483647",
        "2147483648",
        "-2147483648",
        "-2147483649",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "true",
        "TRUE",
        "false",
        "x",
        "xy",
        "yx",
        "it's",
        "ü€",
        "😀",
        "٥",
        "-",
        "+",
        "."
    };
    private static final String[] BLANKS = {
        " ", "  ", "\t", "\n", "\r\n", "\f", " /* c */ ", " /***/ ", " -- c\n", " --\r"
    };
    private static final String[] TAILS = {
        " garbage", ")", " + 1", " 5", " 'x", " #", " -- c", ", 1", " NOT", " IS x", " a = 1"
    };
    private static final String ODD = "'()<>=!+-*/,.eElL05 \n#ü$_ANDx";

    private final RandomGenerator random;

    RandomExpressions(RandomGenerator random) {
        this.random = random;
    }

    String expression() {
        StringBuilder text = new StringBuilder(or(4));
        if (random.nextInt(12) == 0) text.append(one(TAILS));
        if (random.nextInt(6) == 0) {
            for (int i = random.nextInt(3); i >= 0; i--) breakOnce(text);
        }
        return text.toString();
    }

    Map<String, String> properties() {
        Map<String, String> properties = new LinkedHashMap<>();
        for (String name : NAMES) {
            if (random.nextInt(3) > 0) properties.put(name, one(VALUES));
        }
        return properties;
    }

    private void breakOnce(StringBuilder text) {
        if (text.isEmpty()) return;
        int at = random.nextInt(text.length());
        switch (random.nextInt(4)) {
            case 0 -> text.deleteCharAt(at);
            case 1 -> text.setCharAt(at, ODD.charAt(random.nextInt(ODD.length())));
            case 2 -> text.insert(at, ODD.charAt(random.nextInt(ODD.length())));
            default -> text.insert(at, text.substring(at, Math.min(text.length(), at + 1 + random.nextInt(6))));
        }
    }

    private String or(int depth) {
        StringBuilder text = new StringBuilder(and(depth));
        while (depth > 0 && random.nextInt(4) == 0) text.append(word(" OR ")).append(and(depth - 1));
        return text.toString();
    }

    private String and(int depth) {
        StringBuilder text = new StringBuilder(equality(depth));
        while (depth > 0 && random.nextInt(4) == 0) text.append(word(" AND ")).append(equality(depth - 1));
        return text.toString();
    }

    private String equality(int depth) {
        StringBuilder text = new StringBuilder(comparison(depth));
        while (random.nextInt(5) < 2) {
            switch (random.nextInt(4)) {
                case 0 -> text.append(blank()).append('=').append(blank()).append(comparison(depth - 1));
                case 1 -> text.append(blank()).append("<>").append(blank()).append(comparison(depth - 1));
                case 2 -> text.append(word(" IS NULL"));
                default -> text.append(word(" IS NOT NULL"));
            }
        }
        return text.toString();
    }

    private String comparison(int depth) {
        StringBuilder text = new StringBuilder(unary(depth));
        while (random.nextInt(5) == 0) {
            String not = random.nextBoolean() ? "" : word(" NOT");
            switch (random.nextInt(6)) {
                case 0, 1 ->
                    text.append(blank())
                            .append(one(">", ">=", "<", "<="))
                            .append(blank())
                            .append(unary(depth - 1));
                case 2 ->
                    text.append(not)
                            .append(word(one(" CONTAINS", " STARTSWITH", " ENDSWITH")))
                            .append(blank())
                            .append(quoted());
                case 3 ->
                    text.append(not)
                            .append(word(" BETWEEN "))
                            .append(unary(depth - 1))
                            .append(word(" AND "))
                            .append(unary(depth - 1));
                default -> {
                    text.append(not)
                            .append(word(" IN"))
                            .append(blank())
                            .append('(')
                            .append(quoted());
                    for (int i = random.nextInt(8); i > 2; i--) text.append(',').append(quoted());
                    text.append(random.nextInt(30) == 0 ? "" : ")");
                }
            }
        }
        return text.toString();
    }

    private String unary(int depth) {
        return switch (random.nextInt(16)) {
            case 0 -> "+" + unary(depth);
            case 1 -> "-" + unary(depth);
            case 2 -> word("NOT ") + unary(depth);
            default -> primary(depth);
        };
    }

    private String primary(int depth) {
        if (depth > 0 && random.nextInt(6) == 0) return "(" + or(depth - 1) + ")";
        return switch (random.nextInt(12)) {
            case 0, 1 -> quoted();
            case 2, 3 -> one(WHOLES);
            case 4 -> one(FLOATS);
            case 5 -> word(one("TRUE", "FALSE", "NULL"));
            default -> one(NAMES);
        };
    }

    private String quoted() {
        return random.nextInt(40) == 0 ? one(WHOLES) : "'" + one(TEXTS) + "'";
    }

    private String blank() {
        return random.nextInt(3) == 0 ? "" : random.nextInt(8) == 0 ? one(BLANKS) : " ";
    }

    private String word(String upper) {
        return random.nextInt(4) == 0 ? upper.toLowerCase(java.util.Locale.ROOT) : upper;
    }

    private String one(String... choices) {
        return choices[random.nextInt(choices.length)];
    }
}
