package io.vostok.broker.pop;

import io.vostok.model.QueueId;
import io.vostok.model.Topic;

/** What becomes of a popped message that nobody acked. */
public sealed interface ReviveDecision {
    /** Nobody can get it any more; in words why. */
    record Drop(String reason) implements ReviveDecision {}

    /** This topic is missing: create it, then decide again. */
    record CreateTopic(Topic topic) implements ReviveDecision {}

    /** A copy goes there. */
    record Store(QueueId queue, int reconsumeTimes) implements ReviveDecision {}
}
