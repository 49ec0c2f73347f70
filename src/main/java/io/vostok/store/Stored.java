package io.vostok.store;

/**
 * Where a message, or a batch of them, went.
 *
 * @param position of the first record, in bytes from the start of the log
 * @param endPosition after the last record
 * @param queueOffset of the first record
 * @param storeMillis the records' store time
 */
public record Stored(long position, long endPosition, long queueOffset, long storeMillis) {}
