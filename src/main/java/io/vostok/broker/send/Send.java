package io.vostok.broker.send;

/**
 * A wish to store a message or a batch, with the header fields of remoting reference 4.1. The properties and the body
 * travel beside it.
 *
 * @param topic not yet checked
 * @param defaultTopic template for auto-creation
 * @param defaultQueues queues the client wants an auto-created topic to have
 * @param queueId negative when the broker shall choose
 * @param maxReconsumeTimes of a retry send, or -1 when the client does not say
 * @param batch whether the body is a batch
 */
public record Send(
        String producerGroup,
        String topic,
        String defaultTopic,
        int defaultQueues,
        int queueId,
        int sysFlag,
        long bornMillis,
        int flag,
        int reconsumeTimes,
        boolean unitMode,
        int maxReconsumeTimes,
        boolean batch) {}
