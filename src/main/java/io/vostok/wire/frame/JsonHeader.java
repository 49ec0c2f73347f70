package io.vostok.wire.frame;

import io.vostok.model.ByteSearch;
import io.vostok.wire.Language;

/**
 * Reads the JSON header (remoting reference 1.2) from its bytes without making objects. One per reader; one thread.
 *
 * <p>Strict about structure, so that a scan always ends and never guesses; lenient about what peers vary: unknown keys of
 * any shape, a null field map, fields that are numbers, raw control characters inside strings.
 */
final class JsonHeader {
    private static final int DEEPEST = 32;

    private final int maxFields;
    private byte[] bytes = new byte[0];
    private int at;
    private int end;
    private int tokenFrom;
    private int tokenTo;
    private boolean tokenEscaped;

    JsonHeader(int maxFields) {
        this.maxFields = maxFields;
    }

    private enum Kind {
        STRING,
        LITERAL,
        NULL,
        NESTED
    }

    void read(byte[] header, int length, Command command) {
        bytes = header;
        at = 0;
        end = length;
        boolean hasCode = false;
        expect('{');
        if (!closes('}')) {
            do {
                key();
                int keyFrom = tokenFrom;
                int keyTo = tokenTo;
                boolean keyEscaped = tokenEscaped;
                if (Utf8.same(bytes, keyFrom, keyTo, keyEscaped, "extFields")) {
                    readFields(command.fields());
                    continue;
                }
                Kind kind = value(1);
                if (kind == Kind.NULL) continue; // as if the key were absent
                if (Utf8.same(bytes, keyFrom, keyTo, keyEscaped, "code")) {
                    command.code = number(kind, "code");
                    hasCode = true;
                } else if (Utf8.same(bytes, keyFrom, keyTo, keyEscaped, "opaque")) {
                    command.opaque = number(kind, "opaque");
                } else if (Utf8.same(bytes, keyFrom, keyTo, keyEscaped, "flag")) {
                    command.flag = number(kind, "flag");
                } else if (Utf8.same(bytes, keyFrom, keyTo, keyEscaped, "version")) {
                    command.version = number(kind, "version");
                } else if (Utf8.same(bytes, keyFrom, keyTo, keyEscaped, "language")) {
                    command.language = language(kind);
                } else if (Utf8.same(bytes, keyFrom, keyTo, keyEscaped, "remark")) {
                    command.remark(tokenFrom, tokenTo, tokenEscaped);
                }
            } while (continues('}'));
        }
        skipSpace();
        if (at != end) throw broken("text after the end of the header");
        if (!hasCode) throw broken("no code in the header");
    }

    private void readFields(Fields fields) {
        fields.clear();
        skipSpace();
        if (at < end && bytes[at] != '{') {
            if (value(1) != Kind.NULL) throw broken("extFields is no object");
            return;
        }
        expect('{');
        if (closes('}')) return;
        do {
            if (fields.held() == maxFields) throw new ProtocolException("more than " + maxFields + " header fields");
            if (plainField(fields)) continue;
            key();
            fields.addKey(tokenFrom, tokenTo, tokenEscaped);
            Kind kind = value(2);
            fields.addValue(tokenFrom, tokenTo, tokenEscaped, kind == Kind.NULL);
        } while (continues('}'));
    }

    /** Reads a field as nearly all are written: both are strings, without space and escapes. False, and nothing is read, for others. */
    private boolean plainField(Fields fields) {
        byte[] text = bytes;
        int to = end;
        int keyFrom = at + 1;
        if (keyFrom + 1 >= to || text[at] != '"' || text[keyFrom] == '"' || text[keyFrom] == '\\') return false;
        boolean letter = text[keyFrom + 1] == '"';
        int keyTo = letter ? keyFrom + 1 : ByteSearch.first(text, keyFrom, to, '"', '\\');
        int valueFrom = keyTo + 3;
        if (valueFrom > to || text[keyTo] != '"' || text[keyTo + 1] != ':' || text[keyTo + 2] != '"') return false;
        int valueTo = ByteSearch.first(text, valueFrom, to, '"', '\\');
        if (valueTo == to || text[valueTo] != '"') return false;
        fields.addKey(keyFrom, keyTo, false);
        fields.addValue(valueFrom, valueTo, false, false);
        at = valueTo + 1;
        return true;
    }

    /** Scans a value of any shape and leaves its span in the token. */
    private Kind value(int depth) {
        skipSpace();
        if (at == end) throw broken("header ends before a value");
        switch (bytes[at]) {
            case '"' -> {
                string();
                return Kind.STRING;
            }
            case '{', '[' -> {
                int from = at;
                nested(depth);
                tokenFrom = from;
                tokenTo = at;
                tokenEscaped = false;
                return Kind.NESTED;
            }
            default -> {
                return literal();
            }
        }
    }

    private void nested(int depth) {
        if (depth > DEEPEST) throw broken("values nested deeper than " + DEEPEST);
        boolean object = bytes[at++] == '{';
        char close = object ? '}' : ']';
        if (closes(close)) return;
        do {
            if (object) key();
            value(depth + 1);
        } while (continues(close));
    }

    private void key() {
        skipSpace();
        if (at == end || bytes[at] != '"') throw broken("a key in quotes was expected");
        string();
        expect(':');
    }

    private void string() {
        byte[] text = bytes;
        int to = end;
        int from = at + 1;
        boolean escaped = false;
        int i = ByteSearch.first(text, from, to, '"', '\\');
        while (i < to && text[i] != '"') {
            escaped = true;
            i = ByteSearch.first(text, escape(i + 1), to, '"', '\\');
        }
        if (i >= to) throw broken("a string has no end");
        tokenFrom = from;
        tokenTo = i;
        tokenEscaped = escaped;
        at = i + 1;
    }

    /** Checks one escape, whose letter is at {@code i}; returns where it ends. */
    private int escape(int i) {
        if (i >= end) throw broken("a string has no end");
        switch (bytes[i]) {
            case '"', '\\', '/', '\'', 'b', 'f', 'n', 'r', 't', 'v' -> {
                return i + 1;
            }
            case 'u' -> {
                if (i + 5 > end) throw broken("a string has no end");
                for (int digit = i + 1; digit < i + 5; digit++) {
                    if (Utf8.hexDigit(bytes[digit]) < 0) throw broken("an escape that is no \\uXXXX");
                }
                return i + 5;
            }
            default -> throw broken("an unknown escape in a string");
        }
    }

    private Kind literal() {
        int from = at;
        while (at < end && isLiteral(bytes[at])) at++;
        tokenFrom = from;
        tokenTo = at;
        tokenEscaped = false;
        if (from == at) throw broken("a value was expected");
        if (Utf8.same(bytes, from, at, false, "null")) return Kind.NULL;
        byte first = bytes[from];
        boolean number = first == '-' || (first >= '0' && first <= '9');
        boolean word = Utf8.same(bytes, from, at, false, "true") || Utf8.same(bytes, from, at, false, "false");
        if (!number && !word) throw broken("a value that is neither text, number, boolean nor null");
        return Kind.LITERAL;
    }

    private static boolean isLiteral(byte b) {
        return (b >= '0' && b <= '9')
                || (b >= 'a' && b <= 'z')
                || (b >= 'A' && b <= 'Z')
                || b == '-'
                || b == '+'
                || b == '.';
    }

    private int number(Kind kind, String name) {
        int i = tokenFrom;
        boolean negative = i < tokenTo && bytes[i] == '-';
        if (negative) i++;
        if (kind == Kind.NESTED || i == tokenTo || tokenTo - i > 10) throw notWhole(name);
        long value = 0;
        for (; i < tokenTo; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9) throw notWhole(name);
            value = value * 10 + digit;
        }
        if (negative) value = -value;
        if (value != (int) value) throw notWhole(name);
        return (int) value;
    }

    private byte language(Kind kind) {
        if (kind != Kind.STRING) return Language.OTHER;
        for (byte code = 0; Language.known(code) == code; code++) {
            if (Utf8.same(bytes, tokenFrom, tokenTo, tokenEscaped, Language.nameOf(code))) return code;
        }
        return Language.OTHER;
    }

    private boolean closes(char close) {
        skipSpace();
        if (at == end || bytes[at] != close) return false;
        at++;
        return true;
    }

    /** After a member: true when another follows, false when the object or array ended. */
    private boolean continues(char close) {
        skipSpace();
        if (at == end) throw broken("header ends inside an object");
        byte b = bytes[at++];
        if (b == ',') return true;
        if (b == close) return false;
        throw broken("',' or '" + close + "' was expected");
    }

    private void expect(char wanted) {
        skipSpace();
        if (at == end || bytes[at] != wanted) throw broken("'" + wanted + "' was expected");
        at++;
    }

    private void skipSpace() {
        if (at < end && bytes[at] > ' ') return; // as it is mostly
        while (at < end && (bytes[at] == ' ' || bytes[at] == '\n' || bytes[at] == '\r' || bytes[at] == '\t')) at++;
    }

    private ProtocolException broken(String what) {
        return new ProtocolException("broken JSON header: " + what + " at byte " + at + " of " + end);
    }

    private ProtocolException notWhole(String name) {
        return new ProtocolException("broken JSON header: " + name + " is no whole number of 32 bits");
    }
}
