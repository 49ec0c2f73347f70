package io.vostok.it.client;

/** A started producer of transactional messages. */
public interface TransactionalProducer extends AutoCloseable {
    /** Sends a half message, runs its transaction and tells the broker how it ended. */
    Sent send(Draft draft);

    @Override
    void close();
}
