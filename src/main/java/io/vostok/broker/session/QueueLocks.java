package io.vostok.broker.session;

import io.vostok.wire.body.MessageQueue;
import io.vostok.wire.body.QueueLockTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which client may consume a queue in order (remoting reference 6.5). Owned by one thread; {@link #isLocked} may be asked by
 * any.
 *
 * <p>Whoever keeps {@link #held} durably, and gives it to {@link #restore} after a restart, never lets two clients have a
 * queue: a restored lock counts as refreshed just now, so it lives at least as long as its owner believes in it (decision
 * 0010).
 */
public final class QueueLocks {
    /** A lock that its owner has not refreshed for so long is free. */
    public static final Duration LIFE = Duration.ofMinutes(1);

    private final int most;
    private final Map<String, Map<MessageQueue, Lock>> byGroup = new HashMap<>();
    private final ConcurrentHashMap<String, Long> lockedUntilNanos = new ConcurrentHashMap<>();
    private int size;
    private long changes;
    private boolean unknownBefore;
    private long knownFromNanos;

    /** @param most how many queues may be locked at a time, over all groups; more are not granted */
    public QueueLocks(int most) {
        if (most < 1) throw new IllegalArgumentException("most queue locks must be at least 1, was " + most);
        this.most = most;
    }

    /**
     * Locks those of {@code queues} that are free, expired or the client's own already.
     *
     * @param nowNanos on the monotonic clock
     * @return the queues that the client now has, in the order asked
     */
    public List<MessageQueue> lock(String group, String clientId, Collection<MessageQueue> queues, long nowNanos) {
        if (size + queues.size() > most) forgetExpired(nowNanos);
        Map<MessageQueue, Lock> locks = byGroup.computeIfAbsent(group, name -> new HashMap<>());
        List<MessageQueue> locked = new ArrayList<>();
        for (MessageQueue queue : queues) {
            Lock lock = locks.get(queue);
            if (lock == null && (size == most || mayBelongToAnother(nowNanos))) continue;
            if (lock != null && !lock.clientId.equals(clientId) && !lock.expired(nowNanos)) continue;
            if (lock == null) size++;
            // A lock that had expired may be missing in what was kept, also when it goes to the same client again.
            if (lock == null || lock.expired(nowNanos) || !lock.clientId.equals(clientId)) changes++;
            locks.put(queue, new Lock(clientId, nowNanos));
            locked.add(queue);
        }
        publish(group, locks);
        return locked;
    }

    /** Frees those of {@code queues} that the client has. */
    public void unlock(String group, String clientId, Collection<MessageQueue> queues) {
        Map<MessageQueue, Lock> locks = byGroup.get(group);
        if (locks == null) return;
        for (MessageQueue queue : queues) {
            Lock lock = locks.get(queue);
            if (lock == null || !lock.clientId.equals(clientId)) continue;
            locks.remove(queue);
            size--;
            changes++;
        }
        publish(group, locks);
    }

    /** Returns who has the queue, or null when nobody has. */
    public @Nullable String owner(String group, MessageQueue queue, long nowNanos) {
        Lock lock = byGroup.getOrDefault(group, Map.of()).get(queue);
        return lock == null || lock.expired(nowNanos) ? null : lock.clientId;
    }

    /** Tells whether any queue is locked for the group. Any thread. */
    public boolean isLocked(String group, long nowNanos) {
        Long until = lockedUntilNanos.get(group);
        return until != null && until - nowNanos >= 0;
    }

    /** Returns how many locks are remembered, among them expired ones. */
    public int size() {
        return size;
    }

    /** Returns a number that grows whenever {@link #held} must be kept anew. */
    public long changes() {
        return changes;
    }

    /** Returns the locks that have not expired. */
    public List<QueueLockTable.Entry> held(long nowNanos) {
        List<QueueLockTable.Entry> held = new ArrayList<>();
        byGroup.forEach((group, locks) -> locks.forEach((queue, lock) -> {
            if (!lock.expired(nowNanos)) held.add(new QueueLockTable.Entry(group, lock.clientId, queue));
        }));
        return held;
    }

    /** Takes over the locks of an earlier life, as if refreshed now. */
    public void restore(List<QueueLockTable.Entry> held, long nowNanos) {
        for (QueueLockTable.Entry entry : held) {
            Map<MessageQueue, Lock> locks = byGroup.computeIfAbsent(entry.group(), name -> new HashMap<>());
            if (locks.put(entry.queue(), new Lock(entry.clientId(), nowNanos)) == null) size++;
            publish(entry.group(), locks);
        }
    }

    /** Says that nobody knows who held what: no queue is given to anybody for the life of a lock. */
    public void restoreUnknown(long nowNanos) {
        unknownBefore = true;
        knownFromNanos = nowNanos + LIFE.toNanos();
    }

    private boolean mayBelongToAnother(long nowNanos) {
        if (unknownBefore && nowNanos - knownFromNanos > 0) unknownBefore = false;
        return unknownBefore;
    }

    /** Forgets the locks that nobody has refreshed in time. */
    public void forgetExpired(long nowNanos) {
        for (String group : List.copyOf(byGroup.keySet())) {
            Map<MessageQueue, Lock> locks = byGroup.getOrDefault(group, new HashMap<>());
            int before = locks.size();
            locks.values().removeIf(lock -> lock.expired(nowNanos));
            size -= before - locks.size();
            changes += before - locks.size();
            publish(group, locks);
        }
    }

    /** Tells other threads until when the group has a lock, and forgets a group without any. */
    private void publish(String group, Map<MessageQueue, Lock> locks) {
        if (locks.isEmpty()) {
            byGroup.remove(group);
            lockedUntilNanos.remove(group);
            return;
        }
        Lock newest = null;
        for (Lock lock : locks.values()) {
            if (newest == null || lock.refreshedNanos - newest.refreshedNanos > 0) newest = lock;
        }
        if (newest != null) lockedUntilNanos.put(group, newest.refreshedNanos + LIFE.toNanos());
    }

    private record Lock(String clientId, long refreshedNanos) {
        boolean expired(long nowNanos) {
            return nowNanos - refreshedNanos > LIFE.toNanos();
        }
    }
}
