package io.vostok.it.client;

import java.util.List;

/** Takes what a push consumer was given; several threads at once unless the consumer is orderly. */
@FunctionalInterface
public interface Listener {
    /** Returns whether the messages are done with; otherwise they are to come again. */
    boolean take(List<Got> messages);
}
