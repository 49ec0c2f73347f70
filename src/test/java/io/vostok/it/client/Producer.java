package io.vostok.it.client;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A started producer. Every method throws {@link ClientFailure}; thread-safe. */
public interface Producer extends AutoCloseable {
    Sent send(Draft draft);

    Sent send(Draft draft, Queue queue);

    CompletableFuture<Sent> sendAsync(Draft draft);

    void sendOneWay(Draft draft);

    Sent sendBatch(List<Draft> drafts);

    /** Sends a request and waits for the text of its reply. */
    String request(Draft draft, long timeoutMillis);

    /** Answers a request that a consumer was given. */
    Sent reply(Got request, String text);

    /** The writable queues of a topic, as the name server tells. */
    List<Queue> queues(String topic);

    @Override
    void close();
}
