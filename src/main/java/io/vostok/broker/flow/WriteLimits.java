package io.vostok.broker.flow;

import java.time.Duration;

/**
 * How far the disk may be behind before writes are refused.
 *
 * @param flushLag most age of what is not flushed; with asynchronous flush, on top of the interval between two flushes
 * @param flushInterval time between flushes, zero with synchronous flush
 * @param unflushedBytes most bytes that are not flushed
 * @param appendStall most time that one batch of appends may take
 */
public record WriteLimits(Duration flushLag, Duration flushInterval, long unflushedBytes, Duration appendStall) {}
