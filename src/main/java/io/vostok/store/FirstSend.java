package io.vostok.store;

/**
 * What the first of two equal sends was answered.
 *
 * @param stored where it is; its end is that of the first send
 * @param queueId the queue it was sent to, also when it waits elsewhere for its time or its transaction
 */
public record FirstSend(Stored stored, int queueId) {}
