package io.vostok.wire.frame;

import io.vostok.wire.Language;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Builds the prefix and header of a frame in a byte array that it keeps and reuses: {@link #response} or {@link #request},
 * then perhaps {@link #remark}, then fields, then {@link #end}. One per thread. Makes no garbage once its array has grown.
 */
public final class FrameBuilder {
    /** The version we tell: 5.5.0. Clients look at it, for example before they use SQL filters. */
    public static final int VERSION = 513;

    private static final int KEPT_BYTES = 64 << 10;
    private static final int FIRST_BYTES = 512;
    private static final int LARGEST_HEADER = 0xFFFFFF;
    private static final int LONGEST_REMARK = 16_384;
    private static final int FIXED_BINARY_BYTES = 13;
    private static final int MOST_DIGITS = 19;
    private static final byte[] HEX = ascii("0123456789abcdef");
    private static final byte[] CODE = ascii("{\"code\":");
    private static final byte[] FLAG = ascii(",\"flag\":");
    private static final byte[] OPAQUE = ascii(",\"language\":\"JAVA\",\"opaque\":");
    private static final byte[] TYPE_AND_VERSION =
            ascii(",\"serializeTypeCurrentRPC\":\"JSON\",\"version\":" + VERSION);
    private static final byte[] REMARK = ascii(",\"remark\":");
    private static final byte[] FIELDS = ascii(",\"extFields\":{");

    private enum Part {
        NOTHING,
        HEAD,
        FIELDS,
        DONE
    }

    private byte[] bytes = new byte[FIRST_BYTES];
    private int at;
    private Encoding encoding = Encoding.JSON;
    private Part part = Part.NOTHING;
    private int remarkLengthAt;
    private int fieldsLengthAt;

    /** Starts the answer to the request numbered {@code opaque}. Forgets whatever was being built. */
    public FrameBuilder response(Encoding headerEncoding, int opaque, int code) {
        return start(headerEncoding, opaque, code, Command.RESPONSE_BIT);
    }

    /** Starts a request of our own. Forgets whatever was being built. */
    public FrameBuilder request(Encoding headerEncoding, int opaque, int code, boolean oneWay) {
        return start(headerEncoding, opaque, code, oneWay ? Command.ONE_WAY_BIT : 0);
    }

    /**
     * Sets the free text, which must come before the first field; null leaves it out. Longer than 16,384 characters is cut.
     *
     * @throws IllegalStateException after the first field
     */
    public FrameBuilder remark(@Nullable String remark) {
        if (part != Part.HEAD) throw new IllegalStateException("remark must follow the start, before any field");
        if (remark == null) return this;
        String shown = remark.length() > LONGEST_REMARK ? remark.substring(0, LONGEST_REMARK) : remark;
        if (encoding == Encoding.JSON) {
            put(REMARK);
            quoted(shown);
            return this;
        }
        at = remarkLengthAt + 4;
        int from = at;
        plain(shown);
        int32At(remarkLengthAt, at - from);
        return this;
    }

    /** Adds a field; null leaves it out, as peers expect. */
    public FrameBuilder field(String name, @Nullable String value) {
        if (value == null) return this;
        openField(name);
        return value(value);
    }

    /** As {@link #field(String, String)}. */
    public FrameBuilder field(FieldName name, @Nullable String value) {
        if (value == null) return this;
        openField(name);
        return value(value);
    }

    /** Adds a number, written as text like all fields. */
    public FrameBuilder field(String name, long value) {
        openField(name);
        return value(value);
    }

    /** As {@link #field(String, long)}. */
    public FrameBuilder field(FieldName name, long value) {
        openField(name);
        return value(value);
    }

    /** Adds {@code true} or {@code false}. */
    public FrameBuilder field(String name, boolean value) {
        return field(name, value ? "true" : "false");
    }

    /**
     * Ends the header and fills in the lengths.
     *
     * @param bodyLength how many bytes of body the caller sends after it
     * @return how many of {@link #bytes()} are valid
     * @throws IllegalStateException when nothing was started, or the header has more than 16,777,215 bytes
     */
    public int end(int bodyLength) {
        if (part != Part.HEAD && part != Part.FIELDS) throw new IllegalStateException("no frame was started");
        if (bodyLength < 0) throw new IllegalArgumentException("body length below zero: " + bodyLength);
        if (encoding == Encoding.JSON) {
            if (part == Part.FIELDS) put('}');
            put('}');
        } else {
            if (part == Part.HEAD) openBinaryFields();
            int32At(fieldsLengthAt, at - fieldsLengthAt - 4);
        }
        part = Part.DONE;
        int headerLength = at - FrameLimits.PREFIX_BYTES;
        if (headerLength > LARGEST_HEADER) throw new IllegalStateException("header of " + headerLength + " bytes");
        int32At(0, Math.addExact(4 + headerLength, bodyLength));
        int32At(4, ((encoding == Encoding.JSON ? 0 : 1) << 24) | headerLength);
        return at;
    }

    /** Returns the array being built in; valid until the next start, its identity until the next call. */
    public byte[] bytes() {
        return bytes;
    }

    /** Ends the header and returns it with {@code body} as one new array, for callers off the hot path. */
    public byte[] toFrame(byte @Nullable [] body) {
        int bodyLength = body == null ? 0 : body.length;
        int length = end(bodyLength);
        byte[] frame = Arrays.copyOf(bytes, length + bodyLength);
        if (body != null) System.arraycopy(body, 0, frame, length, bodyLength);
        return frame;
    }

    private FrameBuilder start(Encoding headerEncoding, int opaque, int code, int flag) {
        if (bytes.length > KEPT_BYTES) bytes = new byte[FIRST_BYTES];
        encoding = headerEncoding;
        part = Part.HEAD;
        at = FrameLimits.PREFIX_BYTES;
        if (headerEncoding == Encoding.JSON) {
            put(CODE);
            decimal(code);
            put(FLAG);
            decimal(flag);
            put(OPAQUE);
            decimal(opaque);
            put(TYPE_AND_VERSION);
            return this;
        }
        room(FIXED_BINARY_BYTES + 4);
        int16((short) code);
        bytes[at++] = Language.JAVA;
        int16(VERSION);
        int32At(at, opaque);
        int32At(at + 4, flag);
        int32At(at + 8, 0);
        remarkLengthAt = at + 8;
        at += 12;
        return this;
    }

    private FrameBuilder value(String value) {
        if (encoding == Encoding.JSON) {
            quoted(value);
            return this;
        }
        int lengthAt = skipInt32();
        plain(value);
        int32At(lengthAt, at - lengthAt - 4);
        return this;
    }

    private FrameBuilder value(long value) {
        if (encoding == Encoding.JSON) {
            room(22);
            bytes[at++] = '"';
            decimal(value);
            bytes[at++] = '"';
            return this;
        }
        int lengthAt = skipInt32();
        decimal(value);
        int32At(lengthAt, at - lengthAt - 4);
        return this;
    }

    private void openField(FieldName name) {
        boolean first = openFields();
        if (encoding == Encoding.BINARY) {
            put(name.binary());
            return;
        }
        byte[] json = name.json();
        int from = first ? 1 : 0;
        room(json.length);
        System.arraycopy(json, from, bytes, at, json.length - from);
        at += json.length - from;
    }

    private void openField(String name) {
        boolean first = openFields();
        if (encoding == Encoding.JSON) {
            if (!first) put(',');
            quoted(name);
            put(':');
            return;
        }
        int lengthAt = at;
        room(2);
        at += 2;
        plain(name);
        int length = at - lengthAt - 2;
        if (length > Short.MAX_VALUE) throw new IllegalArgumentException("field name of " + length + " bytes");
        bytes[lengthAt] = (byte) (length >> 8);
        bytes[lengthAt + 1] = (byte) length;
    }

    /** Returns whether the field that follows is the first. */
    private boolean openFields() {
        if (part == Part.FIELDS) return false;
        if (part != Part.HEAD) throw new IllegalStateException("no frame was started");
        if (encoding == Encoding.JSON) put(FIELDS);
        else openBinaryFields();
        part = Part.FIELDS;
        return true;
    }

    private void openBinaryFields() {
        fieldsLengthAt = skipInt32();
    }

    private void quoted(String text) {
        room(6L * text.length() + 2);
        bytes[at++] = '"';
        for (int i = putPlain(text); i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                bytes[at++] = '\\';
                bytes[at++] = (byte) c;
            } else if (c >= 0x20 && c < 0x7F) {
                bytes[at++] = (byte) c;
            } else if (c < 0x20 || c == 0x7F) {
                bytes[at++] = '\\';
                bytes[at++] = 'u';
                bytes[at++] = '0';
                bytes[at++] = '0';
                bytes[at++] = HEX[c >> 4];
                bytes[at++] = HEX[c & 0xF];
            } else {
                int codePoint = text.codePointAt(i);
                if (codePoint >= 0x10000) i++;
                at = Utf8.put(codePoint, bytes, at);
            }
        }
        bytes[at++] = '"';
    }

    /** Puts the characters of {@code text} before the first that needs more than a byte; returns how many. There is room. */
    private int putPlain(String text) {
        byte[] target = bytes;
        int to = at;
        int i = 0;
        for (; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x20 || c >= 0x7F || c == '"' || c == '\\') break;
            target[to++] = (byte) c;
        }
        at = to;
        return i;
    }

    private void plain(String text) {
        room(3L * text.length());
        for (int i = putPlain(text); i < text.length(); i++) {
            int codePoint = text.codePointAt(i);
            if (codePoint >= 0x10000) i++;
            at = Utf8.put(codePoint, bytes, at);
        }
    }

    private void decimal(long value) {
        room(20);
        if (value >= 0 && value < 10) {
            bytes[at++] = (byte) ('0' + value);
            return;
        }
        if (value < 0) bytes[at++] = '-';
        int digits = 1;
        long magnitude = value == Long.MIN_VALUE ? Long.MAX_VALUE : Math.abs(value); // as many digits
        for (long bound = 10; magnitude >= bound; bound *= 10) {
            if (++digits == MOST_DIGITS) break;
        }
        long rest = value;
        for (int i = at + digits - 1; i >= at; i--) {
            bytes[i] = (byte) ('0' + Math.abs(rest % 10));
            rest /= 10;
        }
        at += digits;
    }

    private void put(byte[] text) {
        room(text.length);
        System.arraycopy(text, 0, bytes, at, text.length);
        at += text.length;
    }

    private void put(char ascii) {
        room(1);
        bytes[at++] = (byte) ascii;
    }

    private int skipInt32() {
        room(4);
        at += 4;
        return at - 4;
    }

    private void int16(int value) {
        bytes[at++] = (byte) (value >> 8);
        bytes[at++] = (byte) value;
    }

    private void int32At(int index, int value) {
        bytes[index] = (byte) (value >> 24);
        bytes[index + 1] = (byte) (value >> 16);
        bytes[index + 2] = (byte) (value >> 8);
        bytes[index + 3] = (byte) value;
    }

    private void room(long more) {
        long needed = at + more;
        if (needed <= bytes.length) return;
        if (needed > 128L << 20) throw new IllegalStateException("header grows to " + needed + " bytes");
        bytes = Arrays.copyOf(bytes, (int) Math.max(needed, bytes.length * 2L));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
