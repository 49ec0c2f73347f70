package io.vostok.model;

/** One queue of a topic on this broker. */
public record QueueId(TopicName topic, int index) {
    public QueueId {
        if (index < 0) throw new IllegalArgumentException("queue index below zero: " + index);
    }

    @Override
    public String toString() {
        return topic.value() + "/" + index;
    }
}
