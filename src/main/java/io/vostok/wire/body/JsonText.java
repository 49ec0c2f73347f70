package io.vostok.wire.body;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Writes JSON of the protocol's dialect, which a strict writer cannot: keys without quotes and keys that are objects.
 * Commas are placed by itself. One thread.
 */
final class JsonText {
    private static final JsonStringEncoder ESCAPES = JsonStringEncoder.getInstance();

    private final StringBuilder out = new StringBuilder(256);
    private boolean comma;

    JsonText open(char bracket) {
        separate();
        out.append(bracket);
        comma = false;
        return this;
    }

    JsonText close(char bracket) {
        out.append(bracket);
        comma = true;
        return this;
    }

    JsonText key(String key) {
        text(key);
        return colon();
    }

    JsonText key(long key, KeyForm form) {
        separate();
        if (form == KeyForm.QUOTED) out.append('"').append(key).append('"');
        else out.append(key);
        return colon();
    }

    /** After a whole value was written: makes it a key. */
    JsonText colon() {
        out.append(':');
        comma = false;
        return this;
    }

    JsonText text(@Nullable String value) {
        if (value == null) return raw("null");
        separate();
        out.append('"');
        ESCAPES.quoteAsString(value, out);
        out.append('"');
        comma = true;
        return this;
    }

    JsonText number(long value) {
        separate();
        out.append(value);
        comma = true;
        return this;
    }

    /** Not-a-number and infinity, which JSON lacks, become 0. */
    JsonText decimal(double value) {
        return raw(Double.isFinite(value) ? Double.toString(value) : "0.0");
    }

    JsonText flag(boolean value) {
        return raw(value ? "true" : "false");
    }

    /** Writes a value that is JSON already. */
    JsonText raw(String json) {
        separate();
        out.append(json);
        comma = true;
        return this;
    }

    JsonText texts(Iterable<String> values) {
        open('[');
        for (String value : values) text(value);
        return close(']');
    }

    byte[] toBytes() {
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return out.toString();
    }

    private void separate() {
        if (comma) out.append(',');
        comma = false;
    }
}
