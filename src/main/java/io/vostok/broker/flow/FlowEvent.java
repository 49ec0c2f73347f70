package io.vostok.broker.flow;

/** What {@link FlowCounters} counts. */
public enum FlowEvent {
    /** A send that was answered with the result of an equal one before it. */
    SEND_REPEATED,
    /** A write refused because too many bytes wait for their confirmation ({@code limits.inFlightBytes}). */
    REFUSED_IN_FLIGHT_BYTES,
    /** A write refused because the disk is behind by too long ({@code limits.flushLag}). */
    REFUSED_FLUSH_LAG,
    /** A write refused because the disk is behind by too much ({@code limits.unflushedBytes}). */
    REFUSED_UNFLUSHED_BYTES,
    /** A write refused because one append has been under way for too long ({@code limits.appendStall}). */
    REFUSED_APPEND_STALL,
    /** A send refused because its topic has a rate ({@code limits.topicRates}). */
    REFUSED_TOPIC_RATE,
    /** A pull refused because its group has a rate ({@code limits.groupRates}). */
    REFUSED_GROUP_RATE,
    /** A pull refused because consumers leave too many answers unread ({@code limits.untakenBytes}). */
    REFUSED_UNTAKEN_BYTES
}
