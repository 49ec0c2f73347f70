package io.vostok.metrics;

/**
 * What happened in a stretch of time.
 *
 * @param seconds how long it was, at least 1
 */
public record Rate(long messages, long bytes, double seconds) {
    /** Nothing. */
    public static final Rate NONE = new Rate(0, 0, 1);

    public Rate {
        if (!(seconds >= 1)) throw new IllegalArgumentException("a rate needs a second at least, was " + seconds);
    }

    public double perSecond() {
        return messages / seconds;
    }

    /** Returns the mean size of a message in bytes; 0 when there was none. */
    public double bytesEach() {
        return messages == 0 ? 0 : (double) bytes / messages;
    }
}
