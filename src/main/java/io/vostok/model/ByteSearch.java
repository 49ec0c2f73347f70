package io.vostok.model;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Finds bytes in spans of arrays, looking at eight at a time: headers and properties are mostly text between separators. */
public final class ByteSearch {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;

    private ByteSearch() {}

    /** Returns the index of the first byte from {@code from} to before {@code to} that is {@code wanted}, or {@code to}. */
    public static int first(byte[] text, int from, int to, int wanted) {
        long pattern = ONES * wanted;
        int at = from;
        for (; at <= to - Long.BYTES; at += Long.BYTES) {
            long found = zeros((long) LONGS.get(text, at) ^ pattern);
            if (found != 0) return at + (Long.numberOfTrailingZeros(found) >>> 3);
        }
        while (at < to && text[at] != wanted) at++;
        return at;
    }

    /** Returns the index of the first byte that is {@code one} or {@code other}, or {@code to}. */
    public static int first(byte[] text, int from, int to, int one, int other) {
        long ones = ONES * one;
        long others = ONES * other;
        int at = from;
        for (; at <= to - Long.BYTES; at += Long.BYTES) {
            long eight = (long) LONGS.get(text, at);
            long found = zeros(eight ^ ones) | zeros(eight ^ others);
            if (found != 0) return at + (Long.numberOfTrailingZeros(found) >>> 3);
        }
        while (at < to && text[at] != one && text[at] != other) at++;
        return at;
    }

    /** Returns a word whose lowest bit is in the lowest byte that is zero; bits above it mean nothing. */
    private static long zeros(long eight) {
        return (eight - ONES) & ~eight & HIGH_BITS;
    }
}
