package io.vostok.broker.retry;

import io.vostok.broker.Refused;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.QueueId;
import io.vostok.model.Topic;

/** What shall happen with a message that a consumer sends back. */
public sealed interface RetryDecision {
    /** Nothing is stored, and the consumer hears why. */
    record Refuse(Refused refused) implements RetryDecision {}

    /** Nothing is stored, and the consumer hears success: its group wants no retries. */
    record Drop() implements RetryDecision {}

    /** The topic must be created first; then the same wish is decided anew. */
    record CreateTopic(Topic topic) implements RetryDecision {}

    /** The message must be read; then {@link RetryRules#copy} decides. */
    record Read(ConsumerGroup group, Topic retryTopic) implements RetryDecision {}

    /** A copy is stored in {@code queue}; its properties are already as they must be. */
    record Store(QueueId queue, int reconsumeTimes) implements RetryDecision {}
}
