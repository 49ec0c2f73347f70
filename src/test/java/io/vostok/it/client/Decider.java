package io.vostok.it.client;

/** Decides the transactions of a producer; any thread of the client. */
public interface Decider {
    /** What became of a transaction: names as the client has them, in short. */
    enum Outcome {
        COMMIT,
        ROLLBACK,
        UNKNOW
    }

    /** Runs the local transaction of a message that was sent just now. */
    Outcome execute(Draft draft);

    /** Is asked by the broker. */
    Outcome check(Got half);
}
