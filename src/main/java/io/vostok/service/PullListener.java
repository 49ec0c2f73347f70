package io.vostok.service;

import io.vostok.broker.Refused;
import io.vostok.broker.pull.PullAnswer;
import io.vostok.store.ReadResult;

/** Hears the answer to a pull; called once but for {@link #held}, on the event loop that pulled. */
public interface PullListener {
    /**
     * Takes the answer.
     *
     * @param result places of the messages and the queue's bounds; valid only during this call
     * @param topicSysFlag of the topic
     * @param groupSysFlag of the consumer group
     */
    void answered(PullAnswer answer, ReadResult result, int topicSysFlag, int groupSysFlag);

    /** Hears, before the answer, that it is held back until there are messages. */
    default void held() {}

    void refused(Refused refused);
}
