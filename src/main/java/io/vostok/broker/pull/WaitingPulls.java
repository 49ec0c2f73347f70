package io.vostok.broker.pull;

import io.vostok.broker.session.ClientChannel;
import io.vostok.model.QueueId;
import io.vostok.store.RecordFilter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The pulls that wait for messages on one event loop; that thread only. Parking and leaving cost O(log n), an arrival
 * looks only at the pulls of its queue. What leaves is handed over after it is gone, so the receiver may park again.
 *
 * <p>A pull stays while messages arrive that its filter stops; when it runs it scans from its own offset.
 *
 * <p>An arrival between the read and {@link #park} is not heard here: whoever parks looks at the end of the queue once
 * more afterwards, as {@link #overtaken} does for all.
 *
 * @param <P> what is needed to run the pull again
 */
public final class WaitingPulls<P> {
    /** What {@link #nextDeadlineNanos} returns when nothing waits. */
    public static final long NONE = Long.MAX_VALUE;

    private final int most;
    private final Map<QueueId, Entry<P>> byQueue = new HashMap<>();
    private final IdentityHashMap<ClientChannel, Entry<P>> byChannel = new IdentityHashMap<>();
    private @Nullable Entry<P>[] heap;
    private int size;

    /** @param most how many may wait */
    public WaitingPulls(int most) {
        if (most < 1) throw new IllegalArgumentException("most waiting pulls must be at least 1, was " + most);
        this.most = most;
        this.heap = newHeap(Math.min(most, 16));
    }

    public int size() {
        return size;
    }

    public boolean full() {
        return size == most;
    }

    /**
     * Lets a pull wait.
     *
     * @param offset of the next message it wants
     * @param deadlineNanos on the monotonic clock, when it runs at the latest
     * @return false when {@link #full}; it does not wait then
     */
    public boolean park(
            P pull, QueueId queue, long offset, RecordFilter filter, long deadlineNanos, ClientChannel channel) {
        if (full()) return false;
        Entry<P> entry = new Entry<>(pull, queue, offset, filter, deadlineNanos, channel);
        Entry<P> queueHead = byQueue.put(queue, entry);
        entry.nextOfQueue = queueHead;
        if (queueHead != null) queueHead.previousOfQueue = entry;
        Entry<P> channelHead = byChannel.put(channel, entry);
        entry.nextOfChannel = channelHead;
        if (channelHead != null) channelHead.previousOfChannel = entry;

        if (size == heap.length) heap = Arrays.copyOf(heap, Math.min(most, size * 2));
        size++;
        siftUp(entry, size - 1);
        return true;
    }

    /**
     * Hands over the pulls that a new message concerns; they wait no longer.
     *
     * @param nextOffset the queue ends before it
     * @param tagsCode of the message
     */
    public void arrived(QueueId queue, long nextOffset, long tagsCode, Consumer<P> receiver) {
        @Nullable Entry<P> left = null;
        for (Entry<P> entry = byQueue.get(queue); entry != null; ) {
            Entry<P> following = entry.nextOfQueue;
            if (entry.offset < nextOffset && entry.filter.matchesUnit(tagsCode)) {
                remove(entry);
                entry.nextOfQueue = left;
                left = entry;
            }
            entry = following;
        }
        handOver(left, receiver);
    }

    /** Hands over the pulls whose queue has grown past their offset, by whatever messages; for bells that were lost. */
    public void overtaken(ToLongFunction<QueueId> endOffset, Consumer<P> receiver) {
        @Nullable Entry<P> left = null;
        for (QueueId queue : byQueue.keySet().toArray(new QueueId[0])) {
            long end = endOffset.applyAsLong(queue);
            for (Entry<P> entry = byQueue.get(queue); entry != null; ) {
                Entry<P> following = entry.nextOfQueue;
                if (entry.offset < end) {
                    remove(entry);
                    entry.nextOfQueue = left;
                    left = entry;
                }
                entry = following;
            }
        }
        handOver(left, receiver);
    }

    /** Hands over the pulls that are meant, whatever they wait for. */
    public void released(Predicate<P> which, Consumer<P> receiver) {
        // Chosen before any is removed: a removal moves others about in the heap.
        List<Entry<P>> chosen = new ArrayList<>();
        for (int place = 0; place < size; place++) {
            if (which.test(at(place).pull)) chosen.add(at(place));
        }
        @Nullable Entry<P> left = null;
        for (Entry<P> entry : chosen) {
            remove(entry);
            entry.nextOfQueue = left;
            left = entry;
        }
        handOver(left, receiver);
    }

    /** Hands over the pulls whose deadline has come, the earliest first. */
    public void expired(long nowNanos, Consumer<P> receiver) {
        // Only those that wait now: a receiver that parks with a deadline in the past must not keep us here.
        @Nullable Entry<P> first = null;
        @Nullable Entry<P> last = null;
        while (size > 0) {
            Entry<P> entry = at(0);
            if (entry.deadlineNanos - nowNanos > 0) break;
            remove(entry);
            if (last == null) first = entry;
            else last.nextOfQueue = entry;
            last = entry;
        }
        handOver(first, receiver);
    }

    /** Forgets the pulls of a connection that is gone. */
    public void closed(ClientChannel channel) {
        for (Entry<P> entry = byChannel.get(channel); entry != null; ) {
            Entry<P> following = entry.nextOfChannel;
            remove(entry);
            entry = following;
        }
    }

    /** Returns when {@link #expired} has something to do, on the monotonic clock; {@link #NONE} when nothing waits. */
    public long nextDeadlineNanos() {
        return size == 0 ? NONE : at(0).deadlineNanos;
    }

    private void handOver(@Nullable Entry<P> first, Consumer<P> receiver) {
        for (Entry<P> entry = first; entry != null; entry = entry.nextOfQueue) receiver.accept(entry.pull);
    }

    private void remove(Entry<P> entry) {
        Entry<P> previous = entry.previousOfQueue;
        Entry<P> next = entry.nextOfQueue;
        if (next != null) next.previousOfQueue = previous;
        if (previous != null) previous.nextOfQueue = next;
        else if (next != null) byQueue.put(entry.queue, next);
        else byQueue.remove(entry.queue);

        Entry<P> previousOfChannel = entry.previousOfChannel;
        Entry<P> nextOfChannel = entry.nextOfChannel;
        if (nextOfChannel != null) nextOfChannel.previousOfChannel = previousOfChannel;
        if (previousOfChannel != null) previousOfChannel.nextOfChannel = nextOfChannel;
        else if (nextOfChannel != null) byChannel.put(entry.channel, nextOfChannel);
        else byChannel.remove(entry.channel);

        entry.previousOfQueue = null;
        entry.nextOfQueue = null;
        entry.previousOfChannel = null;
        entry.nextOfChannel = null;
        removeFromHeap(entry.place);
    }

    private void removeFromHeap(int place) {
        size--;
        Entry<P> moved = at(size);
        heap[size] = null;
        if (place == size) return;
        siftDown(moved, place);
        if (at(place) == moved) siftUp(moved, place);
    }

    private void siftUp(Entry<P> entry, int from) {
        int place = from;
        while (place > 0) {
            int parent = (place - 1) >>> 1;
            Entry<P> above = at(parent);
            if (!entry.isBefore(above)) break;
            set(place, above);
            place = parent;
        }
        set(place, entry);
    }

    private void siftDown(Entry<P> entry, int from) {
        int place = from;
        while (2 * place + 1 < size) {
            int child = 2 * place + 1;
            if (child + 1 < size && at(child + 1).isBefore(at(child))) child++;
            Entry<P> below = at(child);
            if (!below.isBefore(entry)) break;
            set(place, below);
            place = child;
        }
        set(place, entry);
    }

    @SuppressWarnings("NullAway") // every place below size is taken
    private Entry<P> at(int place) {
        return heap[place];
    }

    private void set(int place, Entry<P> entry) {
        heap[place] = entry;
        entry.place = place;
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // an array of entries has no safe form; it never leaves this class
    private static <P> @Nullable Entry<P>[] newHeap(int length) {
        return new Entry[length];
    }

    /** One waiting pull: links of two lists and a place in the heap of deadlines. */
    private static final class Entry<P> {
        final P pull;
        final QueueId queue;
        final long offset;
        final RecordFilter filter;
        final long deadlineNanos;
        final ClientChannel channel;
        int place;

        @Nullable
        Entry<P> previousOfQueue;

        @Nullable
        Entry<P> nextOfQueue;

        @Nullable
        Entry<P> previousOfChannel;

        @Nullable
        Entry<P> nextOfChannel;

        Entry(P pull, QueueId queue, long offset, RecordFilter filter, long deadlineNanos, ClientChannel channel) {
            this.pull = pull;
            this.queue = queue;
            this.offset = offset;
            this.filter = filter;
            this.deadlineNanos = deadlineNanos;
            this.channel = channel;
        }

        boolean isBefore(Entry<P> other) {
            return deadlineNanos - other.deadlineNanos < 0;
        }
    }
}
