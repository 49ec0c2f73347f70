package io.vostok.front.remoting;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An answer off the hot path.
 *
 * @param code one of {@code wire.ResponseCode}
 * @param remark words for the user, null for none
 * @param fields header fields in order
 * @param body null or empty for none
 */
public record Reply(int code, @Nullable String remark, List<Field> fields, byte @Nullable [] body) {
    /** One header field of an answer; the value is already text, as all fields are on the wire. */
    public record Field(String name, String value) {}

    /** Returns success without fields or body. */
    public static Reply ok() {
        return new Reply(0, null, List.of(), null);
    }

    /** Returns success with a body. */
    public static Reply body(byte[] body) {
        return new Reply(0, null, List.of(), body);
    }

    /** Returns success with fields. */
    public static Reply fields(Field... fields) {
        return new Reply(0, null, List.of(fields), null);
    }

    /** Returns a failure with words. */
    public static Reply error(int code, String remark) {
        return new Reply(code, remark, List.of(), null);
    }
}
