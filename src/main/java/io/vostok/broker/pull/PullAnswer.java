package io.vostok.broker.pull;

/**
 * How a pull is answered.
 *
 * @param nextBeginOffset where the client shall pull next
 * @param mayPark whether the answer may wait for messages instead, if the request allows it and has not waited yet
 */
public record PullAnswer(Outcome outcome, long nextBeginOffset, boolean mayPark) {
    /** What the client hears; the numbers are those of the remoting protocol. */
    public enum Outcome {
        /** 0: there are messages. */
        FOUND,
        /** 19: nothing new. */
        NOT_FOUND,
        /** 20: nothing that was looked at is wanted, more may follow. */
        RETRY_IMMEDIATELY,
        /** 21: the queue does not hold the offset; the client drops what it has and starts at the next offset. */
        OFFSET_MOVED
    }
}
