package io.vostok.broker.pop;

import io.vostok.broker.Refused;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.Topic;
import io.vostok.store.RecordFilter;

/** What comes of a checked pop. */
public sealed interface PopCheck {
    /** The pop is refused. */
    record No(Refused refused) implements PopCheck {}

    /** The client waits no longer. */
    record Late() implements PopCheck {}

    /** The broker lacks the group but may create it: do so, then check again. */
    record CreateGroup(ConsumerGroup group) implements PopCheck {}

    /**
     * The topic may be popped.
     *
     * @param maxMessages at least 1
     * @param holdMillis how long an empty answer may wait; 0 when it must not
     */
    record Read(Topic topic, ConsumerGroup group, RecordFilter filter, int maxMessages, long holdMillis)
            implements PopCheck {}
}
