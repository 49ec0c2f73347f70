package io.vostok.service;

import org.jspecify.annotations.Nullable;

/** Names something that waits by where it is, as a text that administrators hand back: numbers in base 36, joined by dots. */
final class PlaceId {
    private PlaceId() {}

    static String of(long... numbers) {
        StringBuilder text = new StringBuilder(numbers.length * 8);
        for (int i = 0; i < numbers.length; i++) {
            if (i > 0) text.append('.');
            text.append(Long.toString(numbers[i], Character.MAX_RADIX));
        }
        return text.toString();
    }

    /** Returns the numbers, none below zero, or null when {@code text} does not say {@code count} of them. */
    static long @Nullable [] parse(String text, int count) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != count) return null;
        long[] numbers = new long[count];
        for (int i = 0; i < count; i++) {
            try {
                numbers[i] = Long.parseLong(parts[i], Character.MAX_RADIX);
            } catch (NumberFormatException e) {
                return null;
            }
            if (numbers[i] < 0) return null;
        }
        return numbers;
    }
}
