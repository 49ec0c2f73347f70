package io.vostok.broker.filter;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Cuts an expression into tokens, always the longest that fits, as Apache's does: {@code 05} is two numbers, {@code 5e} a
 * number and a name, {@code --} without a line's end after it two minus signs.
 */
final class Lexer {
    private static final Map<String, Token> KEYWORDS = new HashMap<>();

    static {
        for (Token token : EnumSet.range(Token.NOT, Token.ENDSWITH)) KEYWORDS.put(token.name(), token);
    }

    private final String text;
    private int from;
    private int to;

    Lexer(String text) {
        this.text = text;
    }

    /** Returns where the token that {@link #next} found starts. */
    int from() {
        return from;
    }

    /** Returns where it ends. */
    int to() {
        return to;
    }

    /** Returns its characters. */
    String image() {
        return text.substring(from, to);
    }

    /**
     * Finds the next token.
     *
     * @throws MalformedExpression when no token starts where the last one ended
     */
    Token next() throws MalformedExpression {
        from = afterBlanks(to);
        to = from + 1;
        if (from == text.length()) {
            to = from;
            return Token.END;
        }
        char c = text.charAt(from);
        if (isNameStart(c)) return name();
        if (isDigit(from) || (c == '.' && isDigit(from + 1))) return number();
        return switch (c) {
            case '\'' -> quoted();
            case '=' -> Token.EQUAL;
            case '(' -> Token.OPEN;
            case ')' -> Token.CLOSE;
            case ',' -> Token.COMMA;
            case '+' -> Token.PLUS;
            case '-' -> Token.MINUS;
            case '>' -> then('=') ? Token.GREATER_OR_EQUAL : Token.GREATER;
            case '<' -> then('=') ? Token.LESS_OR_EQUAL : then('>') ? Token.NOT_EQUAL : Token.LESS;
            default -> throw new MalformedExpression(from, hintFor(c));
        };
    }

    private String hintFor(char c) {
        return switch (c) {
            case '!' -> "`!` means nothing here; `<>` says unequal";
            case '/' -> "a comment `/*` is not closed, or `/` was meant to divide, which cannot be done here";
            default ->
                c > ' ' && c < 0x7f
                        ? "`" + c + "` means nothing here"
                        : String.format(Locale.ROOT, "the character U+%04X means nothing here", (int) c);
        };
    }

    private boolean then(char wanted) {
        if (to >= text.length() || text.charAt(to) != wanted) return false;
        to++;
        return true;
    }

    private int afterBlanks(int start) {
        int at = start;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
                at++;
                continue;
            }
            int behind = c == '-' ? afterLineComment(at) : c == '/' ? afterBlockComment(at) : at;
            if (behind == at) break;
            at = behind;
        }
        return at;
    }

    /** Returns where the comment ends, or {@code at} when there is none: it must be closed by the end of a line. */
    private int afterLineComment(int at) {
        if (!text.startsWith("--", at)) return at;
        for (int i = at + 2; i < text.length(); i++) {
            if (text.charAt(i) == '\n' || text.charAt(i) == '\r') return i + 1;
        }
        return at;
    }

    private int afterBlockComment(int at) {
        if (!text.startsWith("/*", at)) return at;
        int end = text.indexOf("*/", at + 2);
        return end < 0 ? at : end + 2;
    }

    private Token name() {
        while (to < text.length() && (isNameStart(text.charAt(to)) || isDigit(to))) to++;
        Token keyword = KEYWORDS.get(image().toUpperCase(Locale.ROOT));
        return keyword == null ? Token.NAME : keyword;
    }

    private Token number() {
        int at = afterDigits(from);
        if (at < text.length() && text.charAt(at) == '.') {
            to = afterExponent(afterDigits(at + 1));
            return Token.FLOATING_NUMBER;
        }
        to = afterExponent(at);
        if (to > at) return Token.FLOATING_NUMBER;
        if (text.charAt(from) == '0') {
            to = from + 1;
        } else if (at < text.length() && (text.charAt(at) == 'l' || text.charAt(at) == 'L')) {
            to = at + 1;
        }
        return Token.WHOLE_NUMBER;
    }

    private int afterDigits(int at) {
        int end = at;
        while (isDigit(end)) end++;
        return end;
    }

    /** Returns where an exponent that starts at {@code at} ends, or {@code at} when none does. */
    private int afterExponent(int at) {
        if (at >= text.length() || (text.charAt(at) != 'e' && text.charAt(at) != 'E')) return at;
        int digits = at + 1;
        if (digits < text.length() && (text.charAt(digits) == '+' || text.charAt(digits) == '-')) digits++;
        return isDigit(digits) ? afterDigits(digits) : at;
    }

    /** Two quotes are one inside the text; where no closing quote follows, the text ends at the last that could close it. */
    private Token quoted() throws MalformedExpression {
        int closed = -1;
        while (true) {
            int quote = text.indexOf('\'', to);
            if (quote < 0) break;
            to = quote + 1;
            if (to == text.length() || text.charAt(to) != '\'') return Token.TEXT;
            closed = to;
            to++;
        }
        if (closed < 0) throw new MalformedExpression(from, "a text starts here and has no closing quote");
        to = closed;
        return Token.TEXT;
    }

    private boolean isDigit(int at) {
        return at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9';
    }

    private static boolean isNameStart(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
    }
}
