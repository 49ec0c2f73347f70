package io.vostok.store;

import io.vostok.model.QueueId;

/** Hears of each record as it becomes readable in its queue; called on the dispatching thread. */
public interface Arrivals {
    /** {@code queue} now ends before {@code nextOffset}; its newest record has {@code tagsCode}. */
    void arrived(QueueId queue, long nextOffset, long tagsCode);
}
