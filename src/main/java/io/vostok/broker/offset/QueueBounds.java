package io.vostok.broker.offset;

/**
 * What the rules of offsets need to know of a queue.
 *
 * @param min the smallest offset that can be read
 * @param max the offset of the next message
 * @param firstPosition of the message at {@code min} in the log, -1 when there is none
 */
public record QueueBounds(long min, long max, long firstPosition) {
    /** A queue of a topic to which no message ever went. */
    public static final QueueBounds EMPTY = new QueueBounds(0, 0, -1);
    /** A queue of a topic that does not exist. */
    public static final QueueBounds UNKNOWN = new QueueBounds(-1, 0, -1);
}
