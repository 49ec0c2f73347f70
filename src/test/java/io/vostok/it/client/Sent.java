package io.vostok.it.client;

import java.util.List;

/**
 * What a send answered.
 *
 * @param status name of the client's SendStatus
 * @param messageId the client's unique id; of a batch, the ids joined by commas
 * @param recallHandle empty when the broker gave none, or the client shows none
 * @param offsetMessageId the broker's ids, one a message; empty when the client shows none
 */
public record Sent(
        String status,
        String messageId,
        List<String> offsetMessageId,
        Queue queue,
        long queueOffset,
        String recallHandle) {}
