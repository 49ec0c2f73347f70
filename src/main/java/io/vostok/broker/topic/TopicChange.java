package io.vostok.broker.topic;

/**
 * A wish to create or replace a topic, as request code 17 carries it; nothing in it is checked yet.
 *
 * @param attributes signed list such as {@code +message.type=FIFO,-reserve.time}; empty for no change
 */
public record TopicChange(
        String topic,
        int readQueues,
        int writeQueues,
        int perm,
        boolean multiTag,
        int sysFlag,
        boolean order,
        String attributes) {}
