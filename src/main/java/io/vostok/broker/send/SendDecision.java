package io.vostok.broker.send;

import io.vostok.broker.Refused;
import io.vostok.model.GroupName;
import io.vostok.model.Topic;

/** What shall happen with a send. */
public sealed interface SendDecision {
    /** Nothing is stored. */
    record Refuse(Refused refused) implements SendDecision {}

    /** The topic must be created first; then the same send is decided anew. */
    record CreateTopic(Topic topic) implements SendDecision {}

    /** The dead-letter topic of {@code group} must be created first; then the same send is decided anew. */
    record CreateDeadLetterTopic(GroupName group) implements SendDecision {}

    /** The message is appended to {@code queueId} of {@code topic}. */
    record Store(Topic topic, int queueId) implements SendDecision {}
}
