package io.vostok.it.client;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/** A started lite pull consumer. Every method throws {@link ClientFailure}. */
public interface LitePull extends AutoCloseable {
    List<Queue> queues(String topic);

    /** Takes these queues instead of a share by rebalance; only when built without a topic. */
    void assign(List<Queue> queues);

    Set<Queue> assigned();

    List<Got> poll(Duration atMost);

    void seek(Queue queue, long offset);

    void commit();

    long committed(Queue queue);

    @Override
    void close();
}
