package io.vostok.model;

import org.jspecify.annotations.Nullable;

/** One queue of a topic on this broker. */
public record QueueId(TopicName topic, int index) {
    public QueueId {
        if (index < 0) throw new IllegalArgumentException("queue index below zero: " + index);
    }

    // By hand: the ones of a record are a chain of method handles, and each message asks for them several times.
    @Override
    public boolean equals(@Nullable Object other) {
        return this == other || (other instanceof QueueId queue && index == queue.index && topic.equals(queue.topic));
    }

    @Override
    public int hashCode() {
        return 31 * topic.hashCode() + index;
    }

    @Override
    public String toString() {
        return topic.value() + "/" + index;
    }
}
