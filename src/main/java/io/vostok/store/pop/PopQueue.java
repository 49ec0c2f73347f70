package io.vostok.store.pop;

import io.vostok.model.GroupName;
import io.vostok.model.QueueId;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where a group stands in one queue by popping, and what it holds of it. The pop owner's thread. */
public final class PopQueue {
    record Name(long startOffset, long popMillis) {}

    /** Until {@code version} of {@code entry} is durable, no more than {@code before} may be committed. */
    private record Step(ReviveEntry entry, int version, long before) {
        boolean passable(long flushed) {
            return entry.durable(version, flushed);
        }
    }

    private final GroupName group;
    private final QueueId queue;
    final int reviveQueue;
    final Map<Name, PopCheckpoint> checkpoints = new HashMap<>();
    private final ArrayDeque<Step> steps = new ArrayDeque<>();

    @Nullable
    PopOrder order;

    private long position;
    /** What the table of consumer offsets held when it was last looked at. */
    private long committed;

    int held;
    boolean dirty;

    PopQueue(GroupName group, QueueId queue, int reviveQueue, long committed) {
        this.group = group;
        this.queue = queue;
        this.reviveQueue = reviveQueue;
        this.position = committed;
        this.committed = committed;
    }

    public GroupName group() {
        return group;
    }

    public QueueId queue() {
        return queue;
    }

    /** Returns which queue of the revive topic holds its records. */
    public int reviveQueue() {
        return reviveQueue;
    }

    /** Returns the offset of the next message to pop; with an order, of the first that is not acked. */
    public long position() {
        return position;
    }

    /** Returns how many messages are popped and neither acked nor come again. */
    public int held() {
        return held;
    }

    /** Returns the batch that is held in order, or null. */
    public @Nullable PopOrder order() {
        return order;
    }

    /** Returns what the table of consumer offsets held when it was last looked at. */
    public long committed() {
        return committed;
    }

    /** Returns what is held of it that is not in order; a copy. */
    public List<PopCheckpoint> checkpoints() {
        return List.copyOf(checkpoints.values());
    }

    void position(long next) {
        position = next;
    }

    void step(ReviveEntry entry, long before) {
        steps.add(new Step(entry, entry.version, before));
    }

    /** Somebody else has set the group's offset: what follows starts there. */
    void reset(long offset) {
        steps.clear();
        position = offset;
        committed = offset;
    }

    void committed(long offset) {
        committed = offset;
    }

    /** Returns the offset that may be committed now. */
    long committable(long flushed) {
        for (@Nullable Step first = steps.peek(); first != null && first.passable(flushed); first = steps.peek()) {
            steps.remove();
        }
        @Nullable Step first = steps.peek();
        return first == null ? position : first.before();
    }

    boolean settled() {
        return steps.isEmpty() && committed == position;
    }

    boolean idle() {
        return checkpoints.isEmpty() && order == null && settled();
    }

    @Override
    public String toString() {
        return group + "@" + queue;
    }
}
