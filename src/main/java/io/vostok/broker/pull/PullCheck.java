package io.vostok.broker.pull;

import io.vostok.broker.Refused;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.QueueId;
import io.vostok.store.RecordFilter;

/** What comes of a checked pull. */
public sealed interface PullCheck {
    /** The pull is refused. */
    record No(Refused refused) implements PullCheck {}

    /** The broker lacks the group but may create it: do so, then check again. */
    record CreateGroup(ConsumerGroup group) implements PullCheck {}

    /**
     * The queue may be read.
     *
     * @param maxMessages at least 1, at most what the settings allow
     * @param maxBytes at least 1, at most what the settings allow
     * @param topicSysFlag of the topic
     */
    record Read(
            QueueId queue, RecordFilter filter, int maxMessages, int maxBytes, ConsumerGroup group, int topicSysFlag)
            implements PullCheck {}
}
