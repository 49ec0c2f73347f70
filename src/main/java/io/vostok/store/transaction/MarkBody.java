package io.vostok.store.transaction;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.LongConsumer;

/** The body of a mark: offsets of half messages that are done, each followed by a comma ({@code 12,15,}). */
public final class MarkBody {
    /** The mark's tag. */
    public static final String TAG = "d";

    private static final int MOST_DIGITS = 18;

    private MarkBody() {}

    /** Returns the body that says {@code offset} is done. */
    public static byte[] of(long offset) {
        return (offset + ",").getBytes(StandardCharsets.US_ASCII);
    }

    /** Tells every offset of {@code body} to {@code each}; what is no number is passed over. Old marks have no comma. */
    static void read(ByteBuffer body, LongConsumer each) {
        long number = 0;
        int digits = 0;
        boolean valid = true;
        for (int at = body.position(); at <= body.limit(); at++) {
            int c = at == body.limit() ? ',' : body.get(at);
            if (c == ',') {
                if (valid && digits > 0) each.accept(number);
                number = 0;
                digits = 0;
                valid = true;
            } else if (c >= '0' && c <= '9' && digits < MOST_DIGITS) {
                number = number * 10 + (c - '0');
                digits++;
            } else {
                valid = false;
            }
        }
    }
}
