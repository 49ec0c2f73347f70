package io.vostok.model;

import java.util.Map;

/**
 * A topic on this broker, with the fields of Apache's TopicConfig (storage reference 16.2).
 *
 * @param perm bits of {@link Permission}
 * @param multiTag true for topicFilterType MULTI_TAG, false for SINGLE_TAG
 * @param attributes 5.x attributes without sign, for example {@code message.type=FIFO}
 */
public record Topic(
        TopicName name,
        int readQueues,
        int writeQueues,
        int perm,
        boolean multiTag,
        int sysFlag,
        boolean order,
        Map<String, String> attributes) {

    public Topic {
        if (readQueues < 0) throw new IllegalArgumentException("read queues below zero: " + readQueues);
        if (writeQueues < 0) throw new IllegalArgumentException("write queues below zero: " + writeQueues);
        attributes = Map.copyOf(attributes);
    }

    /** Returns a topic with {@code queues} read and write queues and nothing special. */
    public static Topic of(TopicName name, int queues, int perm) {
        return new Topic(name, queues, queues, perm, false, 0, false, Map.of());
    }

    public boolean readable() {
        return Permission.readable(perm);
    }

    public boolean writable() {
        return Permission.writable(perm);
    }

    public boolean inheritable() {
        return Permission.inheritable(perm);
    }
}
