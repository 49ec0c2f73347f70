package io.vostok.service;

import org.jspecify.annotations.Nullable;

/**
 * What a producer hears of a stored message or batch.
 *
 * @param messageId offset message id; of a batch all of them, joined by commas
 * @param queueId the queue the client chose, or the broker when it chose none
 * @param queueOffset where the first message is physically stored
 * @param transactionId the message's unique id
 * @param recallHandle with which the message can be recalled while it waits for its time; null when it does not
 * @param flushTimedOut true when it is stored but its flush was not confirmed in time
 */
public record Sent(
        String messageId,
        int queueId,
        long queueOffset,
        String transactionId,
        @Nullable String recallHandle,
        boolean flushTimedOut) {}
