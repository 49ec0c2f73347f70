package io.vostok.store;

import io.vostok.store.index.KeyIndex;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the store needs to know; checked on construction.
 *
 * @param segmentBytes of a commit log file; Apache's default 1 GiB
 * @param queueFileUnits 20-byte units of a consume queue file; Apache's default 300,000
 * @param syncFlush whether a record is confirmed by its flush
 * @param recordCrc whether each record ends with a checksum of all of it, in the property {@code __CRC32#}
 * @param maxMessageBytes largest body
 * @param retention how long a segment is kept after its last write
 * @param deleteHour local hour at which segments past retention go, 0 to 23, or -1 for any hour
 * @param diskCleanRatio used share of the disk from which segments past retention go at any hour
 * @param diskForceRatio used share from which the oldest segments go regardless of age
 * @param diskFullRatio used share from which appends are refused
 * @param touchAheadBytes how far ahead of the writer disk blocks are made
 * @param indexSlots hash slots of a key index file; Apache's default 5,000,000
 * @param indexEntries entries of a key index file, of which the first is never used; Apache's default 20,000,000
 * @param mappedQueueFiles consume queue files that are mapped at a time
 */
public record StoreSettings(
        int segmentBytes,
        int queueFileUnits,
        boolean syncFlush,
        boolean recordCrc,
        int maxMessageBytes,
        Duration retention,
        int deleteHour,
        double diskCleanRatio,
        double diskForceRatio,
        double diskFullRatio,
        int touchAheadBytes,
        int indexSlots,
        int indexEntries,
        int mappedQueueFiles) {

    private static final int USUAL_MAPPED_QUEUE_FILES = 8_192;

    public StoreSettings {
        if (segmentBytes < 4096 || segmentBytes % 4096 != 0) {
            throw new IllegalArgumentException(
                    "store.segmentBytes must be a multiple of 4096 and at least 4096, was " + segmentBytes);
        }
        if (queueFileUnits < 1 || queueFileUnits > 100_000_000) {
            throw new IllegalArgumentException(
                    "store.queueFileUnits must be between 1 and 100000000, was " + queueFileUnits);
        }
        if (mappedQueueFiles < 1) {
            throw new IllegalArgumentException("store.mappedQueueFiles must be at least 1, was " + mappedQueueFiles);
        }
        if (touchAheadBytes < 4096) {
            throw new IllegalArgumentException("store.touchAheadBytes must be at least 4096, was " + touchAheadBytes);
        }
        @Nullable String indexProblem = KeyIndex.problem(indexSlots, indexEntries);
        if (indexProblem != null) throw new IllegalArgumentException(indexProblem);
        if (!(0 < diskCleanRatio
                && diskCleanRatio <= diskForceRatio
                && diskForceRatio <= diskFullRatio
                && diskFullRatio <= 1)) {
            throw new IllegalArgumentException(
                    "store.diskCleanRatio, diskForceRatio and diskFullRatio must rise from 0 to 1, were "
                            + diskCleanRatio + ", " + diskForceRatio + ", " + diskFullRatio);
        }
    }

    /** With as many mapped queue files as is usual. */
    public StoreSettings(
            int segmentBytes,
            int queueFileUnits,
            boolean syncFlush,
            boolean recordCrc,
            int maxMessageBytes,
            Duration retention,
            int deleteHour,
            double diskCleanRatio,
            double diskForceRatio,
            double diskFullRatio,
            int touchAheadBytes,
            int indexSlots,
            int indexEntries) {
        this(
                segmentBytes,
                queueFileUnits,
                syncFlush,
                recordCrc,
                maxMessageBytes,
                retention,
                deleteHour,
                diskCleanRatio,
                diskForceRatio,
                diskFullRatio,
                touchAheadBytes,
                indexSlots,
                indexEntries,
                USUAL_MAPPED_QUEUE_FILES);
    }

    /** Returns these settings with another number of mapped queue files. */
    public StoreSettings mapping(int queueFiles) {
        return new StoreSettings(
                segmentBytes,
                queueFileUnits,
                syncFlush,
                recordCrc,
                maxMessageBytes,
                retention,
                deleteHour,
                diskCleanRatio,
                diskForceRatio,
                diskFullRatio,
                touchAheadBytes,
                indexSlots,
                indexEntries,
                queueFiles);
    }

    /** Returns Apache's defaults, with checksummed records. */
    public static StoreSettings defaults() {
        return new StoreSettings(
                1 << 30,
                300_000,
                false,
                true,
                4 << 20,
                Duration.ofDays(3),
                4,
                0.75,
                0.85,
                0.90,
                16 << 20,
                KeyIndex.DEFAULT_SLOTS,
                KeyIndex.DEFAULT_ENTRIES);
    }
}
