package io.vostok.wire.frame;

import java.nio.charset.StandardCharsets;

/** The name of a header field, encoded once for both headers: for names that are written with message after message. Immutable. */
public final class FieldName {
    private final byte[] json;
    private final byte[] binary;

    /**
     * @param name ASCII without quotation marks, backslashes and control characters, at most 255 characters
     * @throws IllegalArgumentException when it is not such a name
     */
    public FieldName(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean plain = c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
            if (!plain) throw new IllegalArgumentException("no plain name: " + name);
        }
        if (name.length() > 255) throw new IllegalArgumentException("field name of " + name.length() + " characters");
        json = (",\"" + name + "\":").getBytes(StandardCharsets.US_ASCII);
        binary = ("\0" + (char) name.length() + name).getBytes(StandardCharsets.ISO_8859_1);
    }

    /** With the comma that parts it from the field before. */
    byte[] json() {
        return json;
    }

    /** With its length in front. */
    byte[] binary() {
        return binary;
    }
}
