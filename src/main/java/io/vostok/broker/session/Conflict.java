package io.vostok.broker.session;

/**
 * Two live members of a group that contradict each other, so that some messages are passed over or come to the wrong member.
 *
 * @param first client id of the member that was there first
 * @param second client id of the other; the same when two connections share it
 * @param words names the group and both members, what differs, and what to do
 */
public record Conflict(String group, Kind kind, String first, String second, String words) {
    /** What differs; of several the first in this order is named. */
    public enum Kind {
        /** Nothing: two clients go by one id. */
        SAME_CLIENT_ID,
        /** Push, pull or POP. */
        CONSUME_TYPE,
        /** Clustering or broadcasting. */
        MESSAGE_MODEL,
        /** The subscribed topics. */
        TOPICS,
        /** Tags or condition of a topic. */
        EXPRESSION
    }
}
