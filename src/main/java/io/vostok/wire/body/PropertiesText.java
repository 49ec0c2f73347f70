package io.vostok.wire.body;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Bodies of lines {@code key=value} in UTF-8 (requests 25, 26, 318, 319). The first {@code =} or {@code :} separates; spaces around keys and before
 * values are dropped, empty lines and lines that begin with {@code #} or {@code !} skipped, a backslash escapes the next
 * character. A later line with the same key counts.
 */
public final class PropertiesText {
    private static final int LARGEST_BYTES = 1 << 20;
    private static final int MOST_LINES = 10_000;

    private PropertiesText() {}

    /**
     * Reads the body.
     *
     * @throws BadBodyException when it cannot be read
     */
    public static Map<String, String> read(byte[] body) {
        return read(ByteBuffer.wrap(body));
    }

    /** As {@link #read(byte[])}, from position to limit, which do not move. */
    public static Map<String, String> read(ByteBuffer body) {
        if (body.remaining() > LARGEST_BYTES) {
            throw new BadBodyException(
                    "configuration text has " + body.remaining() + " bytes, at most " + LARGEST_BYTES + " are read");
        }
        String text = StandardCharsets.UTF_8.decode(body.duplicate()).toString();
        Map<String, String> values = new LinkedHashMap<>();
        int lines = 0;
        int from = 0;
        while (from < text.length()) {
            int end = lineEnd(text, from);
            if (++lines > MOST_LINES)
                throw new BadBodyException("configuration text has more than " + MOST_LINES + " lines");
            readLine(text.substring(from, end).strip(), lines, values);
            from = end + 1;
        }
        return Collections.unmodifiableMap(values);
    }

    /**
     * Returns the lines in UTF-8.
     *
     * @throws IllegalArgumentException when a key is empty
     */
    public static byte[] write(Map<String, String> values) {
        StringBuilder text = new StringBuilder();
        values.forEach((key, value) -> {
            if (key.isEmpty()) throw new IllegalArgumentException("key is empty");
            escape(key, true, text);
            text.append('=');
            escape(value, false, text);
            text.append('\n');
        });
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static int lineEnd(String text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) != '\n' && text.charAt(at) != '\r') at++;
        return at;
    }

    private static void readLine(String line, int number, Map<String, String> values) {
        if (line.isEmpty() || line.charAt(0) == '#' || line.charAt(0) == '!') return;
        int separator = 0;
        while (separator < line.length() && line.charAt(separator) != '=' && line.charAt(separator) != ':') {
            separator += line.charAt(separator) == '\\' ? 2 : 1;
        }
        if (separator >= line.length()) {
            throw new BadBodyException("line " + number + " of the configuration text has no '=': " + Json.shown(line));
        }
        String key = unescape(line.substring(0, separator).strip());
        if (key.isEmpty()) throw new BadBodyException("line " + number + " of the configuration text has no key");
        values.put(key, unescape(line.substring(separator + 1).stripLeading()));
    }

    private static String unescape(String text) {
        if (text.indexOf('\\') < 0) return text;
        StringBuilder plain = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\' || i + 1 == text.length()) {
                plain.append(c);
                continue;
            }
            char kind = text.charAt(++i);
            switch (kind) {
                case 'n' -> plain.append('\n');
                case 'r' -> plain.append('\r');
                case 't' -> plain.append('\t');
                default -> plain.append(kind);
            }
        }
        return plain.toString();
    }

    private static void escape(String text, boolean key, StringBuilder out) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\\' -> out.append("\\\\");
                case '=', ':', '#', '!', ' ' -> {
                    if (key) out.append('\\');
                    out.append(c);
                }
                default -> out.append(c);
            }
        }
    }
}
