package io.vostok.it.client;

import java.util.Set;

/** A started push consumer. */
public interface Consumer extends AutoCloseable {
    /** The queues that this member owns now, retry topics left out. */
    Set<Queue> owned();

    /** Wants a topic, which it may have wanted otherwise before, from now on with this expression of tags. */
    void subscribe(String topic, String expression);

    /** Whether everything that was fetched has been consumed and counted; its offsets are then what a close tells. */
    boolean idle();

    @Override
    void close();
}
