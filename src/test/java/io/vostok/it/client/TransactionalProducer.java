package io.vostok.it.client;

import java.util.List;

/** A started producer of transactional messages. */
public interface TransactionalProducer extends AutoCloseable {
    /** Sends a half message, runs its transaction and tells the broker how it ended. */
    Sent send(Draft draft);

    /** As {@link #send}, with one message object so many times, as an application does that tries again. */
    List<Sent> sendAgain(Draft draft, int times);

    @Override
    void close();
}
