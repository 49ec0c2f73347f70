package io.vostok.broker.session;

/**
 * A live producer of a group.
 *
 * @param seenNanos when it was last heard of, on the monotonic clock
 */
public record ProducerView(Member member, long seenNanos) {}
