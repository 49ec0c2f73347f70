package io.vostok.store;

/** How a read of a queue ended; the names of storage reference 3.9 are in the comments. */
public enum ReadStatus {
    /** At least one message. FOUND */
    FOUND,
    /** Messages were scanned, none passed the filter. NO_MATCHED_MESSAGE */
    NONE_MATCHED,
    /** The log no longer has what the queue points to. MESSAGE_WAS_REMOVING */
    REMOVED,
    /** The queue holds nothing, and never did. NO_MATCHED_LOGIC_QUEUE, NO_MESSAGE_IN_QUEUE */
    EMPTY,
    /** The offset is the next one to be written. OFFSET_OVERFLOW_ONE */
    AT_END,
    /** OFFSET_OVERFLOW_BADLY */
    BEYOND_END,
    /** OFFSET_TOO_SMALL */
    BELOW_START,
    /** The queue's file for this offset is missing. OFFSET_FOUND_NULL */
    HOLE
}
