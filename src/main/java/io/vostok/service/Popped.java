package io.vostok.service;

import io.vostok.broker.pop.PopReceipt;
import io.vostok.model.QueueId;
import io.vostok.model.TopicName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Messages that a pop gave to a group: where they are in the log, and what makes their receipts. Immutable; any thread.
 *
 * @param topic that was asked for
 * @param reviveQueue of the receipts; {@link PopReceipt#ORDERLY} when popped in order
 * @param rest how many messages wait behind these, roughly
 */
public record Popped(
        TopicName topic,
        String brokerName,
        long popMillis,
        long invisibleMillis,
        int reviveQueue,
        long rest,
        List<Part> parts) {

    public Popped {
        parts = List.copyOf(parts);
    }

    /**
     * The messages of one queue, ascending.
     *
     * @param retry one of {@link io.vostok.broker.pop.PopTopics}
     * @param queue where they are stored: of the retry topic when {@code retry} says so
     * @param attempts how often each was given out before, when popped in order; else null
     */
    public record Part(
            int retry,
            QueueId queue,
            long startOffset,
            long[] offsets,
            long[] positions,
            int[] sizes,
            int @Nullable [] attempts) {}

    /** Returns the receipt of one message. */
    public PopReceipt receipt(Part part, int index) {
        return new PopReceipt(
                part.startOffset(),
                popMillis,
                invisibleMillis,
                reviveQueue,
                part.retry(),
                brokerName,
                part.queue().index(),
                part.offsets()[index]);
    }

    /** Returns how many messages there are. */
    public int count() {
        int count = 0;
        for (Part part : parts) count += part.offsets().length;
        return count;
    }

    /** Returns the sum of their sizes as they are stored. */
    public int totalBytes() {
        int bytes = 0;
        for (Part part : parts) for (int size : part.sizes()) bytes += size;
        return bytes;
    }
}
