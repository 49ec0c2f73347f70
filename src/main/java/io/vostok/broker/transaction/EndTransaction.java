package io.vostok.broker.transaction;

import org.jspecify.annotations.Nullable;

/**
 * A producer's word on one of its half messages.
 *
 * @param producerGroup as the client names it
 * @param offset of the half message in its queue
 * @param position of the half message in the log
 * @param fromCheck whether this answers a question of the broker
 * @param transactionId the unique id of the message, or null when the client does not say
 */
public record EndTransaction(
        String producerGroup,
        long offset,
        long position,
        Outcome outcome,
        boolean fromCheck,
        @Nullable String transactionId) {
    /** What became of the transaction. */
    public enum Outcome {
        COMMIT,
        ROLLBACK,
        /** Not known yet: the broker asks later. */
        UNKNOWN
    }
}
