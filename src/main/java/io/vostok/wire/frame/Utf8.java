package io.vostok.wire.frame;

import io.vostok.model.ByteSearch;
import java.nio.charset.StandardCharsets;

/** Text inside a header: spans of UTF-8, with or without the escapes of JSON. */
final class Utf8 {
    private Utf8() {}

    /** Returns the text of a span; broken UTF-8 is replaced, never refused. */
    static String text(byte[] bytes, int from, int to, boolean escaped) {
        if (!escaped) return new String(bytes, from, to - from, StandardCharsets.UTF_8);
        byte[] plain = new byte[to - from];
        int length = copy(bytes, from, to, true, plain, 0);
        return new String(plain, 0, length, StandardCharsets.UTF_8);
    }

    /** Tells whether a span is exactly {@code ascii}. */
    static boolean same(byte[] bytes, int from, int to, boolean escaped, String ascii) {
        if (escaped) return text(bytes, from, to, true).equals(ascii);
        if (to - from != ascii.length()) return false;
        for (int i = 0; i < ascii.length(); i++) {
            if (bytes[from + i] != ascii.charAt(i)) return false;
        }
        return true;
    }

    /**
     * Copies a span without its escapes, which the scanner has checked. Never writes more bytes than the span has.
     *
     * @return how many bytes were written
     */
    static int copy(byte[] bytes, int from, int to, boolean escaped, byte[] target, int at) {
        if (!escaped) {
            System.arraycopy(bytes, from, target, at, to - from);
            return to - from;
        }
        int write = at;
        int read = from;
        while (true) {
            int plain = ByteSearch.first(bytes, read, to, '\\') - read;
            System.arraycopy(bytes, read, target, write, plain);
            write += plain;
            read += plain + 1;
            if (read > to) return write - at;
            byte kind = bytes[read++];
            if (kind != 'u') {
                target[write++] = unescaped(kind);
                continue;
            }
            int unit = hex4(bytes, read);
            read += 4;
            if (Character.isHighSurrogate((char) unit) && startsLowSurrogate(bytes, read, to)) {
                unit = Character.toCodePoint((char) unit, (char) hex4(bytes, read + 2));
                read += 6;
            }
            write = put(unit, target, write);
        }
    }

    /** Writes a code point; half a surrogate pair becomes {@code ?}, as everywhere in Java. */
    static int put(int codePoint, byte[] target, int at) {
        if (codePoint < 0x80) {
            target[at] = (byte) codePoint;
            return at + 1;
        }
        if (codePoint < 0x800) {
            target[at] = (byte) (0xC0 | (codePoint >> 6));
            target[at + 1] = (byte) (0x80 | (codePoint & 0x3F));
            return at + 2;
        }
        if (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
            target[at] = '?';
            return at + 1;
        }
        if (codePoint < 0x10000) {
            target[at] = (byte) (0xE0 | (codePoint >> 12));
            target[at + 1] = (byte) (0x80 | ((codePoint >> 6) & 0x3F));
            target[at + 2] = (byte) (0x80 | (codePoint & 0x3F));
            return at + 3;
        }
        target[at] = (byte) (0xF0 | (codePoint >> 18));
        target[at + 1] = (byte) (0x80 | ((codePoint >> 12) & 0x3F));
        target[at + 2] = (byte) (0x80 | ((codePoint >> 6) & 0x3F));
        target[at + 3] = (byte) (0x80 | (codePoint & 0x3F));
        return at + 4;
    }

    /** Returns the value of a hexadecimal digit, or -1. */
    static int hexDigit(byte b) {
        if (b >= '0' && b <= '9') return b - '0';
        if (b >= 'a' && b <= 'f') return b - 'a' + 10;
        if (b >= 'A' && b <= 'F') return b - 'A' + 10;
        return -1;
    }

    private static boolean startsLowSurrogate(byte[] bytes, int at, int to) {
        return at + 6 <= to
                && bytes[at] == '\\'
                && bytes[at + 1] == 'u'
                && Character.isLowSurrogate((char) hex4(bytes, at + 2));
    }

    private static int hex4(byte[] bytes, int at) {
        return (hexDigit(bytes[at]) << 12)
                | (hexDigit(bytes[at + 1]) << 8)
                | (hexDigit(bytes[at + 2]) << 4)
                | hexDigit(bytes[at + 3]);
    }

    private static byte unescaped(byte kind) {
        return switch (kind) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'v' -> 0x0B;
            default -> kind;
        };
    }
}
