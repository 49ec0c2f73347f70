package io.vostok.broker.retry;

/**
 * A consumer's wish that a message it failed on comes again (remoting reference 10.1).
 *
 * @param group not yet checked
 * @param position where the consumer says the message is in the log; not yet believed
 * @param delayLevel 0 when the broker shall choose, below 0 for a dead letter at once
 * @param maxReconsumeTimes after which a message becomes a dead letter, or below 0 when the client does not say
 */
public record SendBack(String group, long position, int delayLevel, int maxReconsumeTimes) {}
