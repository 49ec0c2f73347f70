package io.vostok.broker.transaction;

/**
 * A producer's word on one of its half messages.
 *
 * @param producerGroup as the client names it
 * @param offset of the half message in its queue
 * @param position of the half message in the log
 * @param fromCheck whether this answers a question of the broker
 */
public record EndTransaction(String producerGroup, long offset, long position, Outcome outcome, boolean fromCheck) {
    /** What became of the transaction. */
    public enum Outcome {
        COMMIT,
        ROLLBACK,
        /** Not known yet: the broker asks later. */
        UNKNOWN
    }
}
