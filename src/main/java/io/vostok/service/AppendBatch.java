package io.vostok.service;

import io.netty.buffer.ByteBuf;
import io.vostok.model.QueueId;
import io.vostok.store.FirstSend;
import io.vostok.store.StoreException;
import io.vostok.store.Stored;
import io.vostok.store.dedupe.RepeatKeys;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The appends of one event-loop tick: encoded records back to back, and who waits for each.
 *
 * <p>Filled on its event loop, handed to CommitLogVerticle over the bus, then handed back: one owner at a time.
 */
public final class AppendBatch {
    private static final Logger LOG = LoggerFactory.getLogger(AppendBatch.class);
    private static final int FIRST_CAPACITY = 16;

    private final ByteBuf bytes;
    private final LogClient origin;
    private int size;
    private QueueId[] queues = new QueueId[FIRST_CAPACITY];
    /** The queue of each record where they differ; few appends have that. */
    private @Nullable Map<Integer, List<QueueId>> severalQueues;

    private int[] ends = new int[FIRST_CAPACITY];
    private int[] counts = new int[FIRST_CAPACITY];
    private long[] keys = new long[FIRST_CAPACITY];
    /** What the appends that are repeats repeat; few are. */
    private @Nullable Map<Integer, FirstSend> firsts;

    private AppendListener[] listeners = new AppendListener[FIRST_CAPACITY];
    private @Nullable Stored[] stored = new Stored[FIRST_CAPACITY];
    private @Nullable StoreException[] failures = new StoreException[FIRST_CAPACITY];
    private long appendedTo;
    private boolean timedOut;

    AppendBatch(ByteBuf bytes, LogClient origin) {
        this.bytes = bytes;
        this.origin = origin;
    }

    /** Returns where to encode the next {@code sizeBytes}; valid until the next call on this batch. */
    ByteBuffer room(int sizeBytes) {
        bytes.ensureWritable(sizeBytes);
        return bytes.internalNioBuffer(bytes.writerIndex(), sizeBytes);
    }

    /** Takes what was encoded into {@link #room} as {@code count} records of {@code queue}; {@code key} as for LogClient. */
    void add(QueueId queue, int sizeBytes, int count, long key, AppendListener listener) {
        if (size == queues.length) grow();
        bytes.writerIndex(bytes.writerIndex() + sizeBytes);
        queues[size] = queue;
        ends[size] = bytes.writerIndex();
        counts[size] = count;
        keys[size] = key;
        listeners[size] = listener;
        size++;
    }

    /** Takes what was encoded into {@link #room} as one record for each of {@code each}: all are stored, or none. */
    void add(List<QueueId> each, int sizeBytes, AppendListener listener) {
        @Nullable Map<Integer, List<QueueId>> several = severalQueues;
        if (several == null) severalQueues = several = new HashMap<>();
        several.put(size, each);
        add(each.get(0), sizeBytes, each.size(), RepeatKeys.NONE, listener);
    }

    private void grow() {
        int capacity = size * 2;
        queues = Arrays.copyOf(queues, capacity);
        ends = Arrays.copyOf(ends, capacity);
        counts = Arrays.copyOf(counts, capacity);
        keys = Arrays.copyOf(keys, capacity);
        listeners = Arrays.copyOf(listeners, capacity);
        stored = Arrays.copyOf(stored, capacity);
        failures = Arrays.copyOf(failures, capacity);
    }

    int sizeBytes() {
        return bytes.writerIndex();
    }

    /** Returns how many appends the batch holds. */
    public int size() {
        return size;
    }

    /** Returns all encoded bytes; one view for the whole batch, to be limited by {@link #start} and {@link #end}. */
    public ByteBuffer encoded() {
        return bytes.nioBuffer(0, bytes.writerIndex());
    }

    public QueueId queue(int index) {
        return queues[index];
    }

    /** Returns the queue of each record of an append, or null when all of them go to {@link #queue}. */
    public @Nullable List<QueueId> queues(int index) {
        @Nullable Map<Integer, List<QueueId>> several = severalQueues;
        return several == null ? null : several.get(index);
    }

    public int start(int index) {
        return index == 0 ? 0 : ends[index - 1];
    }

    public int end(int index) {
        return ends[index];
    }

    public int count(int index) {
        return counts[index];
    }

    /** Returns the key under which an append may be a repeat, or {@link RepeatKeys#NONE}. */
    public long key(int index) {
        return keys[index];
    }

    /** Records the success of one append; CommitLogVerticle only. */
    public void stored(int index, Stored where) {
        stored[index] = where;
        appendedTo = Math.max(appendedTo, where.endPosition());
    }

    /** Records that one append repeats {@code first}, whose answer it gets; CommitLogVerticle only. */
    public void repeats(int index, FirstSend first) {
        @Nullable Map<Integer, FirstSend> repeated = firsts;
        if (repeated == null) firsts = repeated = new HashMap<>();
        repeated.put(index, first);
        stored(index, first.stored());
    }

    /** Records the failure of one append; CommitLogVerticle only. */
    public void failed(int index, StoreException failure) {
        failures[index] = failure;
    }

    /** Returns the end of the last record that was appended or repeated, 0 when none was. */
    public long appendedTo() {
        return appendedTo;
    }

    /** Answers every success as not flushed in time; CommitLogVerticle only. */
    public void timeOut() {
        timedOut = true;
    }

    /** Turns every success into {@code failure}: the flush of these records failed; CommitLogVerticle only. */
    public void failAll(StoreException failure) {
        for (int i = 0; i < size; i++) {
            if (stored[i] != null) {
                stored[i] = null;
                failures[i] = failure;
            }
        }
    }

    /** Hands the batch back to its event loop, where every listener hears its outcome. */
    public void giveBack() {
        origin.takeBack(this);
    }

    /** Tells every listener; on the origin's event loop. One that fails hears of its failure; the others get their answers. */
    void deliver() {
        for (int i = 0; i < size; i++) {
            try {
                tell(i);
            } catch (RuntimeException bug) {
                LOG.error("answer to an append failed queue={}", queues[i], bug);
                tellFailure(i, bug);
            }
        }
    }

    /** Makes the batch as good as new. */
    void clear() {
        Arrays.fill(queues, 0, size, null);
        Arrays.fill(listeners, 0, size, null);
        Arrays.fill(stored, 0, size, null);
        Arrays.fill(failures, 0, size, null);
        severalQueues = null;
        firsts = null;
        appendedTo = 0;
        timedOut = false;
        size = 0;
        bytes.clear();
    }

    /** Returns how many bytes its buffer has, which grows as needed. */
    int capacityBytes() {
        return bytes.capacity();
    }

    /** Gives the buffer back; nothing may be done with the batch from then on. */
    void release() {
        bytes.release();
    }

    private void tell(int i) {
        @Nullable Stored where = stored[i];
        if (where == null) {
            @Nullable StoreException failure = failures[i];
            listeners[i].failed(
                    failure != null
                            ? failure
                            : new StoreException(StoreException.Kind.FAILED, "the log has not answered"));
        } else {
            @Nullable FirstSend first = firsts == null ? null : firsts.get(i);
            if (first != null) listeners[i].repeats(first, bytes.nioBuffer(start(i), end(i) - start(i)));
            if (timedOut) listeners[i].flushTimedOut(where);
            else listeners[i].stored(where);
        }
    }

    private void tellFailure(int i, RuntimeException cause) {
        try {
            listeners[i].failed(
                    new StoreException(StoreException.Kind.FAILED, "the answer failed: " + cause.getMessage(), cause));
        } catch (RuntimeException again) {
            LOG.error("an append stays without answer queue={}", queues[i], again);
        }
    }
}
