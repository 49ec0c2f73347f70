package io.vostok.it.client;

import java.util.List;

/** A started pull consumer (the client's old, explicit form). Every method throws {@link ClientFailure}. */
public interface PullClient extends AutoCloseable {
    List<Queue> queues(String topic);

    Pulled pull(Queue queue, String expression, long offset, int max);

    /** As {@link #pull}, but waits at the broker for a message to come. */
    Pulled pullWaiting(Queue queue, String expression, long offset, int max);

    long minOffset(Queue queue);

    long maxOffset(Queue queue);

    long offsetAt(Queue queue, long storedMillis);

    /** The group's offset at the broker, or -1 when it has none. */
    long committed(Queue queue);

    /** Tells the broker at once. */
    void commit(Queue queue, long offset);

    @Override
    void close();
}
