package io.vostok.broker.offset;

import io.vostok.model.GroupName;
import io.vostok.model.QueueId;
import io.vostok.model.TopicName;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiPredicate;

/**
 * Offsets that an administrator has set and whose group has not followed yet (remoting reference 14.5). While one is
 * pending the group's commits to the queue are ignored, for its members still tell where they were; the next pull of the
 * queue is sent to the offset, and then it is pending no more.
 *
 * <p>Any thread. In memory only, as Apache: what was set is stored as the group's offset as well.
 */
public final class PendingResets {
    /** What {@link #target} and {@link #take} return when nothing is pending. */
    public static final long NONE = -1;

    private record Key(GroupName group, QueueId queue) {}

    private final ConcurrentHashMap<Key, Long> targets = new ConcurrentHashMap<>();
    /** Spares pulls and commits the look-up while nothing is pending, which is nearly always. */
    private volatile boolean some;

    public void add(GroupName group, QueueId queue, long offset) {
        targets.put(new Key(group, queue), offset);
        some = true;
    }

    /** Returns the offset to which the group must go, or {@link #NONE}. */
    public long target(GroupName group, QueueId queue) {
        return some ? targets.getOrDefault(new Key(group, queue), NONE) : NONE;
    }

    /** As {@link #target}; it is pending no more. */
    public long take(GroupName group, QueueId queue) {
        if (!some) return NONE;
        Long target = targets.remove(new Key(group, queue));
        if (target == null) return NONE;
        settle();
        return target;
    }

    /** Forgets those of groups and topics that are gone. */
    public void forget(BiPredicate<GroupName, TopicName> gone) {
        targets.keySet().removeIf(key -> gone.test(key.group(), key.queue().topic()));
        settle();
    }

    /** Looked at once more afterwards: an addition must not be hidden by a removal that came just before it. */
    private void settle() {
        some = false;
        if (!targets.isEmpty()) some = true;
    }
}
