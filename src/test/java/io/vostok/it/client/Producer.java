package io.vostok.it.client;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A started producer. Every method throws {@link ClientFailure}; thread-safe. */
public interface Producer extends AutoCloseable {
    Sent send(Draft draft);

    Sent send(Draft draft, Queue queue);

    /**
     * Sends one message object again and again until it was answered so many times, as an application does that got no
     * answer. Throws the last failure when {@code attempts} were not enough.
     */
    List<Sent> sendAgain(Draft draft, int answers, int attempts);

    /** Sends to the queue that the client's own selector takes for {@code key}: always the same. */
    Sent sendByKey(Draft draft, String key);

    CompletableFuture<Sent> sendAsync(Draft draft);

    void sendOneWay(Draft draft);

    Sent sendBatch(List<Draft> drafts);

    /** Sends a request and waits for the text of its reply. */
    String request(Draft draft, long timeoutMillis);

    /** Answers a request that a consumer was given. */
    Sent reply(Got request, String text);

    /** The writable queues of a topic, as the name server tells. */
    List<Queue> queues(String topic);

    /** Messages of a topic with a key that were stored in a range of time, as the client's own filter leaves them. */
    List<Got> query(String topic, String key, int most, long beginMillis, long endMillis);

    /** The message with this id, which is one of the broker's or a unique id of a client's. */
    Got view(String topic, String messageId);

    /** Recalls a message that waits for its time; returns its id. Clients since 5.3 only. */
    String recall(String topic, String handle);

    @Override
    void close();
}
