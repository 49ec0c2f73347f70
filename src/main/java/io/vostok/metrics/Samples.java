package io.vostok.metrics;

/** Values of one counter at the last few sample times. Guarded by its {@link Meter}. */
final class Samples {
    private final long[] messages;
    private final long[] bytes;

    Samples(int length) {
        messages = new long[length];
        bytes = new long[length];
    }

    void put(long sample, long newMessages, long newBytes) {
        int at = (int) (sample % messages.length);
        messages[at] = newMessages;
        bytes[at] = newBytes;
    }

    long messages(long sample) {
        return messages[(int) (sample % messages.length)];
    }

    long bytes(long sample) {
        return bytes[(int) (sample % bytes.length)];
    }
}
