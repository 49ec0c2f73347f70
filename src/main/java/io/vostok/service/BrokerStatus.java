package io.vostok.service;

import java.util.List;

/**
 * How a broker and its store are at a moment.
 *
 * @param writable whether appends are taken
 * @param startedMillis when the broker started
 * @param logFirst position of the oldest record, in bytes from the start of the log
 * @param logEnd position behind the newest record
 * @param unflushedBytes of the log that the disk does not have yet
 * @param undispatchedBytes of the log that are not in their queues yet
 * @param earliestMillis store time of the oldest record, -1 when there is none
 * @param diskUsed share of the disk, 0 to 1
 * @param inFlightBytes of sends that wait for their confirmation
 * @param delayLevels from level 1
 */
public record BrokerStatus(
        boolean writable,
        long startedMillis,
        long nowMillis,
        long logFirst,
        long logEnd,
        long unflushedBytes,
        long undispatchedBytes,
        long earliestMillis,
        double diskUsed,
        long diskFreeBytes,
        long inFlightBytes,
        int topics,
        int groups,
        int consumerGroupsOnline,
        List<DelayLevelStatus> delayLevels) {

    /** How far a delay level is: the next offset to deliver, and the next to be stored. */
    public record DelayLevelStatus(int level, long delivered, long stored) {}

    public BrokerStatus {
        delayLevels = List.copyOf(delayLevels);
    }
}
