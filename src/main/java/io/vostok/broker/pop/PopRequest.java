package io.vostok.broker.pop;

import org.jspecify.annotations.Nullable;

/**
 * A wish for messages of a topic, as POP_MESSAGE, NOTIFICATION and PEEK_MESSAGE carry it (remoting reference 8.2); nothing in it
 * is checked yet.
 *
 * @param queueId -1 for any queue of this broker
 * @param pollMillis how long the answer may wait, from {@code bornMillis} on
 * @param bornMillis wall time at which the client asked; 0 for now
 * @param fromLast whether a group without offset starts at the end
 * @param attemptId names an ordered pop, so that its repetition gets the same messages; null for none
 */
public record PopRequest(
        Kind kind,
        String group,
        String topic,
        int queueId,
        int maxMessages,
        long invisibleMillis,
        long pollMillis,
        long bornMillis,
        boolean fromLast,
        @Nullable String expression,
        @Nullable String expressionType,
        boolean order,
        @Nullable String attemptId) {

    /** What is done with the messages. */
    public enum Kind {
        /** They are given out and held until acked. */
        POP,
        /** Only whether there are any is told. */
        NOTIFY,
        /** They are shown; nothing changes. */
        PEEK
    }

    /** Asks for any queue. */
    public static final int ANY_QUEUE = -1;
}
