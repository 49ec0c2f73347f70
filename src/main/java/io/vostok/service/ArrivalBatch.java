package io.vostok.service;

import io.vostok.model.QueueId;
import io.vostok.model.TopicName;
import io.vostok.store.Arrivals;
import java.util.Arrays;

/** What one round of dispatch made readable, in order. Filled by DispatchVerticle, then read by every PullVerticle. */
public final class ArrivalBatch implements Arrivals {
    private QueueId[] queues = new QueueId[16];
    private long[] nextOffsets = new long[16];
    private long[] tagsCodes = new long[16];
    private int size;

    @Override
    public void arrived(QueueId queue, long nextOffset, long tagsCode) {
        if (size == queues.length) {
            queues = Arrays.copyOf(queues, size * 2);
            nextOffsets = Arrays.copyOf(nextOffsets, size * 2);
            tagsCodes = Arrays.copyOf(tagsCodes, size * 2);
        }
        queues[size] = queue;
        nextOffsets[size] = nextOffset;
        tagsCodes[size] = tagsCode;
        size++;
    }

    public int size() {
        return size;
    }

    public QueueId queue(int index) {
        return queues[index];
    }

    public long nextOffset(int index) {
        return nextOffsets[index];
    }

    public long tagsCode(int index) {
        return tagsCodes[index];
    }

    /** Tells whether anything arrived in a queue of {@code topic}. */
    public boolean touches(TopicName topic) {
        for (int i = 0; i < size; i++) {
            if (queues[i].topic().equals(topic)) return true;
        }
        return false;
    }

    /** Forgets everything, to be filled again. Only when it was handed to nobody. */
    public void clear() {
        size = 0;
    }
}
