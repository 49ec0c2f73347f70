package io.vostok.broker.offset;

/**
 * A wish to let a group go on elsewhere; nothing in it is checked yet.
 *
 * @param millis store time of the first message to consume; below zero for the end of each queue
 * @param queueId -1 for every queue of the topic
 * @param offset of the one queue, in place of a time; -1 for none
 */
public record OffsetReset(String group, String topic, long millis, int queueId, long offset) {
    /** Every queue. */
    public static final int ALL_QUEUES = -1;
    /** The time counts. */
    public static final long BY_TIME = -1;

    /** Tells whether the wish names an offset of one queue. */
    public boolean namesOffset() {
        return queueId >= 0 && offset != BY_TIME;
    }
}
