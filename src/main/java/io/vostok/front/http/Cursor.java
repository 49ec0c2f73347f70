package io.vostok.front.http;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where a reader stands in every queue of a topic, as a text that clients hand back: the next offset of each queue in base
 * 36, joined by dots.
 */
final class Cursor {
    /** A topic with more queues is read queue by queue. */
    static final int MOST_QUEUES = 256;

    private Cursor() {}

    static String write(long[] nextOffsets) {
        StringBuilder text = new StringBuilder(nextOffsets.length * 4);
        for (int i = 0; i < nextOffsets.length; i++) {
            if (i > 0) text.append('.');
            text.append(Long.toString(nextOffsets[i], Character.MAX_RADIX));
        }
        return text.toString();
    }

    /**
     * Returns the next offset of each queue; -1 for queues that were not there yet when the cursor was written.
     *
     * @return null when {@code text} is no cursor, or one of more queues than there are
     */
    static long @Nullable [] read(String text, int queues) {
        String[] parts = text.split("\\.", -1);
        if (parts.length > queues) return null;
        long[] offsets = new long[queues];
        Arrays.fill(offsets, -1);
        for (int i = 0; i < parts.length; i++) {
            try {
                offsets[i] = Long.parseLong(parts[i], Character.MAX_RADIX);
            } catch (NumberFormatException e) {
                return null;
            }
            if (offsets[i] < 0) return null;
        }
        return offsets;
    }
}
