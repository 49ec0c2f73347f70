package io.vostok.store.pop;

import io.vostok.model.GroupName;
import io.vostok.model.QueueId;
import io.vostok.model.TopicName;
import io.vostok.store.StoreException;
import io.vostok.store.meta.ConsumerOffsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * All messages that were popped and are neither acked nor come again, and the queues held in order. One thread, the pop owner's.
 *
 * <p>The revive topic holds what is here (decision 0014). Always true: a group's committed offset passes a message only when the
 * record that it is held is durable, or it is acked; the revive topic's committed offset passes that record only when it is
 * durable that the message is acked or copied to its retry topic. So a crash repeats messages but loses and blocks none.
 *
 * <p>Invisible times run on the monotonic clock; a restart takes what is left of them from the wall clock, never more than the
 * whole time.
 */
public final class InFlight {
    /** The group under which it is committed how far the revive topic is dealt with. */
    public static final GroupName REVIVE_GROUP = new GroupName("CID_RMQ_SYS_REVIVE_GROUP");

    /** Records behind an unfinished one in its revive queue after which it is written anew, so that restarts stay short. */
    private static final int MOST_BEHIND = 50_000;

    private static final int BEHIND_PER_ENTRY = 8;

    /** Where somebody else wants a group to go on. */
    @FunctionalInterface
    public interface Resets {
        /** Returns the offset, which is asked for once only, or a negative number. */
        long take(GroupName group, QueueId queue);
    }

    private record Place(GroupName group, QueueId queue) {}

    private final TopicName reviveTopic;
    private final int reviveQueues;
    private final int mostPerQueue;
    private final int most;
    private final Map<Place, PopQueue> queues = new HashMap<>();
    private final Map<Integer, ReviveProgress> progress = new HashMap<>();
    private final TreeSet<ReviveEntry> deadlines = new TreeSet<>(ReviveEntry::byDeadline);
    private final LinkedHashSet<PopQueue> dirty = new LinkedHashSet<>();
    private final ArrayDeque<ReviveEntry> unsaved = new ArrayDeque<>();
    private final ArrayDeque<PopCheckpoint> replacing = new ArrayDeque<>();
    private boolean progressDirty;
    private int held;
    private int entries;
    /** Entries whose record the log has refused, until it has taken one. */
    private int owed;

    private long serials;

    /**
     * @param reviveQueues of the revive topic
     * @param mostPerQueue messages that one group may hold of one queue
     * @param most messages that all groups may hold together
     */
    public InFlight(TopicName reviveTopic, int reviveQueues, int mostPerQueue, int most) {
        this.reviveTopic = reviveTopic;
        this.reviveQueues = reviveQueues;
        this.mostPerQueue = mostPerQueue;
        this.most = most;
    }

    public TopicName reviveTopic() {
        return reviveTopic;
    }

    /** Returns the queue if the group holds something of it, or it is not settled; else null. */
    public @Nullable PopQueue find(GroupName group, QueueId queue) {
        return queues.get(new Place(group, queue));
    }

    /** Returns the queues of which a group holds something, or that are not settled. */
    public Collection<PopQueue> queues() {
        return Collections.unmodifiableCollection(queues.values());
    }

    /** As {@link #find}, but made when there is none. */
    public PopQueue at(GroupName group, QueueId queue, long committed) {
        return queues.computeIfAbsent(
                new Place(group, queue),
                place -> new PopQueue(
                        group, queue, Math.floorMod(group.value().hashCode(), reviveQueues), Math.max(0, committed)));
    }

    /** Returns how many more messages of the queue may be popped. */
    public int room(@Nullable PopQueue queue) {
        return Math.max(0, Math.min(mostPerQueue - (queue == null ? 0 : queue.held), most - held));
    }

    /** Returns how many messages are held in all. */
    public int held() {
        return held;
    }

    /** Takes note that somebody else set the group's offset. */
    public void reset(PopQueue queue, long offset) {
        queue.reset(offset);
        @Nullable PopOrder order = queue.order;
        if (order != null && !order.finished()) {
            deadlines.remove(order);
            held -= order.held();
            queue.held -= order.held();
            order.clear();
            save(order);
        }
        touch(queue);
    }

    /** The queue was read up to {@code position}, and nothing before it is wanted that was not popped. */
    public void passTo(PopQueue queue, long position) {
        queue.position(position);
        touch(queue);
    }

    /** Returns what is held, or not settled, of a topic; by every group. */
    public List<PopQueue> ofTopic(TopicName topic) {
        List<PopQueue> found = new ArrayList<>();
        for (PopQueue queue : queues.values()) if (queue.queue().topic().equals(topic)) found.add(queue);
        return found;
    }

    /** Returns a number that what is held from now on exceeds. */
    public long lastSerial() {
        return serials;
    }

    /** Tells whether a pop of this very name is in flight. */
    public boolean taken(@Nullable PopQueue queue, long startOffset, long popMillis) {
        return queue != null && checkpoint(queue, startOffset, popMillis) != null;
    }

    public @Nullable PopCheckpoint checkpoint(PopQueue queue, long startOffset, long popMillis) {
        return queue.checkpoints.get(new PopQueue.Name(startOffset, popMillis));
    }

    /**
     * Gives out messages, and passes on to {@code nextOffset}. The caller writes the checkpoint to the revive topic.
     *
     * @param offsets of the messages, ascending, from the queue's position on
     */
    public PopCheckpoint handOut(
            PopQueue queue, long[] offsets, long nextOffset, long popMillis, long invisibleMillis, long nowNanos) {
        long start = queue.position();
        int[] diffs = new int[offsets.length];
        for (int i = 0; i < offsets.length; i++) diffs[i] = Math.toIntExact(offsets[i] - start);
        PopCheckpoint checkpoint = add(queue, start, diffs, popMillis, invisibleMillis, nowNanos);
        queue.step(checkpoint, start);
        queue.position(nextOffset);
        touch(queue);
        return checkpoint;
    }

    /** Holds one message for a time of its own; the caller writes the checkpoint. */
    public PopCheckpoint holdAgain(PopQueue queue, long offset, long popMillis, long invisibleMillis, long nowNanos) {
        PopCheckpoint checkpoint = add(queue, offset, new int[1], popMillis, invisibleMillis, nowNanos);
        return checkpoint;
    }

    /**
     * Holds a message for a new time. In memory the old one ends now; the caller writes the new checkpoint, and that the old time is
     * void when {@link #nextReplacing} says so, so that no crash finds the message held by neither.
     */
    public PopCheckpoint replace(PopCheckpoint old, int index, long popMillis, long invisibleMillis, long nowNanos) {
        PopCheckpoint held = holdAgain(old.queue, old.offset(index), popMillis, invisibleMillis, nowNanos);
        held.replace(old, index);
        ack(old, index);
        return held;
    }

    /** Returns the next checkpoint whose {@link PopCheckpoint#replaced} is to be written as acked, or null. */
    public @Nullable PopCheckpoint nextReplacing() {
        return replacing.poll();
    }

    public boolean hasReplacing() {
        return !replacing.isEmpty();
    }

    /** What it replaces is void once it is in the log, or once it is in the log that nobody needs it. */
    private void replaced(PopCheckpoint checkpoint) {
        if (!checkpoint.takeReplacing()) return;
        replacing.add(checkpoint);
    }

    private PopCheckpoint add(
            PopQueue queue, long start, int[] diffs, long popMillis, long invisibleMillis, long nowNanos) {
        PopCheckpoint checkpoint = new PopCheckpoint(queue, ++serials, start, popMillis, invisibleMillis, diffs, 0);
        checkpoint.deadlineNanos = nowNanos + invisibleMillis * 1_000_000;
        checkpoint.version = 1;
        enter(checkpoint);
        return checkpoint;
    }

    private void enter(PopCheckpoint checkpoint) {
        checkpoint.queue.checkpoints.put(
                new PopQueue.Name(checkpoint.startOffset(), checkpoint.popMillis()), checkpoint);
        deadlines.add(checkpoint);
        checkpoint.queue.held += checkpoint.held();
        held += checkpoint.held();
        entries++;
    }

    /**
     * Takes note that a message need not come again: it is acked, or its copy is stored. The caller writes that, then calls
     * {@link #ackStored} or {@link #ackFailed}.
     *
     * @return false when that was so before; nothing is to be written
     */
    public boolean ack(PopCheckpoint checkpoint, int index) {
        if (!checkpoint.setAcked(index)) return false;
        checkpoint.acksUnderWay++;
        release(checkpoint, 1);
        return true;
    }

    private void release(PopCheckpoint checkpoint, int count) {
        held -= count;
        checkpoint.queue.held -= count;
        if (!checkpoint.finished()) return;
        deadlines.remove(checkpoint);
        checkpoint.queue.checkpoints.remove(
                new PopQueue.Name(checkpoint.startOffset(), checkpoint.popMillis()), checkpoint);
        entries--;
        touch(checkpoint.queue);
    }

    /** {@code count} acks are in the log, up to {@code end}, in the record with this offset of the revive queue. */
    public void ackStored(PopCheckpoint checkpoint, int count, long recordOffset, long end) {
        checkpoint.acksUnderWay -= count;
        checkpoint.storedEnd = Math.max(checkpoint.storedEnd, end);
        progressOf(checkpoint.queue).seen(recordOffset, end);
        progressDirty = true;
        if (checkpoint.finished()) replaced(checkpoint);
        over(checkpoint);
    }

    /** The log did not take {@code count} acks: the checkpoint is to be written anew. */
    public void ackFailed(PopCheckpoint checkpoint, int count) {
        checkpoint.acksUnderWay -= count;
        save(checkpoint);
    }

    private void over(ReviveEntry entry) {
        ReviveProgress.@Nullable Needed record = entry.record;
        if (record == null || entry.needed() || entry.storing() || entry.unsaved) return;
        if (entry instanceof PopCheckpoint checkpoint && checkpoint.acksUnderWay > 0) return;
        record.doneEnd = entry.storedEnd;
    }

    /** Returns the order of the queue, made when there is none. */
    public PopOrder orderOf(PopQueue queue) {
        @Nullable PopOrder order = queue.order;
        if (order != null) return order;
        PopOrder fresh = new PopOrder(queue, ++serials);
        queue.order = fresh;
        return fresh;
    }

    /** Gives out messages in order; the caller writes the order. */
    public void handOut(
            PopOrder order,
            long[] offsets,
            long popMillis,
            long invisibleMillis,
            @Nullable String attemptId,
            long nowNanos) {
        int before = leave(order);
        order.handOut(offsets, popMillis, invisibleMillis, attemptId, nowNanos);
        changed(order, before);
    }

    /** A message of the batch is gone from the log; the caller writes the order. */
    public void gone(PopOrder order, long offset) {
        int before = leave(order);
        order.gone(offset);
        changed(order, before);
    }

    /** Acks a message of the batch; the caller writes the order when the answer is DONE. */
    public PopOrder.Ack ack(PopOrder order, long popMillis, long offset) {
        int before = leave(order);
        PopOrder.Ack answer = order.ack(popMillis, offset);
        if (answer == PopOrder.Ack.DONE) changed(order, before);
        else enter(order, before);
        return answer;
    }

    /** Holds a message of the batch for a new time; the caller writes the order when the answer is DONE. */
    public PopOrder.Ack changeInvisible(PopOrder order, long popMillis, long offset, long millis, long nowNanos) {
        int before = leave(order);
        PopOrder.Ack answer = order.changeInvisible(popMillis, offset, millis, nowNanos);
        if (answer == PopOrder.Ack.DONE) changed(order, before);
        else enter(order, before);
        return answer;
    }

    private int leave(PopOrder order) {
        deadlines.remove(order);
        return order.held();
    }

    private void enter(PopOrder order, int heldBefore) {
        held += order.held() - heldBefore;
        order.queue.held += order.held() - heldBefore;
        if (!order.finished()) deadlines.add(order);
    }

    private void changed(PopOrder order, int heldBefore) {
        enter(order, heldBefore);
        order.version++;
        PopQueue queue = order.queue;
        long next = order.next();
        if (next != queue.position()) {
            queue.step(order, queue.position());
            queue.position(next);
        }
        touch(queue);
    }

    /** The record of {@code entry}, as it was at {@code version}, is in the log. */
    public void stored(ReviveEntry entry, int version, long recordOffset, long end) {
        entry.stored(version, end);
        ReviveProgress.@Nullable Needed before = entry.record;
        if (before != null && before.doneEnd < 0) before.doneEnd = end;
        entry.record = progressOf(entry.queue).stored(entry, recordOffset, end);
        if (entry.owed) owed--;
        entry.owed = false;
        progressDirty = true;
        touch(entry.queue);
        if (entry instanceof PopCheckpoint checkpoint) replaced(checkpoint);
        over(entry);
    }

    /** The log did not take the record of {@code entry}: it is offered again by {@link #nextUnsaved}. */
    public void notStored(ReviveEntry entry) {
        save(entry);
    }

    private void save(ReviveEntry entry) {
        if (!entry.owed) {
            entry.owed = true;
            owed++;
        }
        if (entry.unsaved) return;
        entry.unsaved = true;
        unsaved.add(entry);
    }

    /** Returns an entry whose record must be written, now or again, or null. */
    public @Nullable ReviveEntry nextUnsaved() {
        @Nullable ReviveEntry entry = unsaved.poll();
        if (entry == null) return null;
        entry.unsaved = false;
        entry.version++;
        return entry;
    }

    public boolean hasUnsaved() {
        return !unsaved.isEmpty();
    }

    /** Returns the next entry whose time is over, which then waits no longer; null when there is none. */
    public @Nullable ReviveEntry nextDue(long nowNanos) {
        if (deadlines.isEmpty()) return null;
        ReviveEntry first = deadlines.first();
        if (first.deadlineNanos - nowNanos > 0) return null;
        deadlines.remove(first);
        return first;
    }

    /** Makes what {@link #nextDue} gave wait again, until {@code atNanos}. */
    public void dueAgain(ReviveEntry entry, long atNanos) {
        if (entry.finished()) return;
        deadlines.remove(entry);
        entry.deadlineNanos = atNanos;
        deadlines.add(entry);
    }

    /** No copy of the message was made: it stays held, and comes again when its time is over, which may be now. */
    public void notRevived(PopCheckpoint checkpoint, int index) {
        checkpoint.stopReviving(index);
        dueAgain(checkpoint, checkpoint.deadlineNanos);
    }

    /** Returns when {@link #nextDue} has something, on the monotonic clock; null when nothing waits. */
    public @Nullable Long nextDeadlineNanos() {
        return deadlines.isEmpty() ? null : deadlines.first().deadlineNanos;
    }

    private void touch(PopQueue queue) {
        dirty.add(queue);
    }

    /** Tells whether {@link #settle} may have something to commit. */
    public boolean unsettled() {
        return progressDirty || !dirty.isEmpty();
    }

    /**
     * Commits what has become durable: groups' offsets, and how far the revive topic is dealt with.
     *
     * @param flushed the log's flushed mark
     * @throws StoreException when an offset could not be stored; the others are, and this one comes again
     */
    public void settle(long flushed, ConsumerOffsets offsets, Resets resets) {
        @Nullable StoreException failed = null;
        for (PopQueue queue : List.copyOf(dirty)) {
            try {
                if (commit(queue, flushed, offsets, resets)) dirty.remove(queue);
            } catch (StoreException noRoom) {
                failed = noRoom;
            }
            if (queue.idle()) {
                queues.remove(new Place(queue.group(), queue.queue()), queue);
                dirty.remove(queue);
            }
        }
        boolean behind = false;
        for (Map.Entry<Integer, ReviveProgress> each : progress.entrySet()) {
            QueueId queue = new QueueId(reviveTopic, each.getKey());
            long passed = each.getValue().committable(flushed);
            // A group's offset waits for a record that was refused; what comes behind must be found by a restart as
            // long.
            if (owed == 0 && passed > Math.max(0, offsets.find(REVIVE_GROUP, queue)))
                offsets.commit(REVIVE_GROUP, queue, passed);
            behind |= each.getValue().unflushed(flushed);
            @Nullable ReviveEntry holder = each.getValue().holder();
            long mostBehind = Math.max(MOST_BEHIND, (long) BEHIND_PER_ENTRY * entries);
            if (holder != null && !holder.storing() && each.getValue().behind() > mostBehind) save(holder);
        }
        progressDirty = behind || owed > 0;
        if (failed != null) throw failed;
    }

    /** @return whether nothing is left to commit until something changes */
    private boolean commit(PopQueue queue, long flushed, ConsumerOffsets offsets, Resets resets) {
        long target = resets.take(queue.group(), queue.queue());
        if (target >= 0) {
            offsets.commit(queue.group(), queue.queue(), target);
            reset(queue, target);
            return true;
        }
        long there = offsets.find(queue.group(), queue.queue());
        if (there != queue.committed()) {
            reset(queue, Math.max(0, there)); // below 0: the group or topic was deleted
            return true;
        }
        @Nullable PopOrder order = queue.order;
        if (order != null) order.flushed(flushed);
        if (order != null && order.finished() && !order.storing() && !order.unsaved) queue.order = null;
        long offset = queue.committable(flushed);
        if (offset != there) {
            offsets.commit(queue.group(), queue.queue(), offset);
            queue.committed(offset);
        }
        return queue.settled() && queue.order == null;
    }

    private ReviveProgress progressOf(PopQueue queue) {
        return progressOf(queue.reviveQueue);
    }

    ReviveProgress progressOf(int reviveQueue) {
        return progress.computeIfAbsent(reviveQueue, index -> new ReviveProgress(0));
    }

    /** Returns the checkpoints that are not finished. */
    public List<PopCheckpoint> checkpoints() {
        List<PopCheckpoint> all = new ArrayList<>();
        for (PopQueue queue : queues.values()) all.addAll(queue.checkpoints.values());
        return all;
    }

    // Replay: before anything else happens here.

    void startAt(int reviveQueue, long committed) {
        progress.put(reviveQueue, new ReviveProgress(committed));
    }

    /** Takes over a checkpoint that the revive topic holds; a second record of the same one counts with the acks of both. */
    void replay(
            PopQueue queue,
            long startOffset,
            int[] diffs,
            int acked,
            long popMillis,
            long invisibleMillis,
            long leftMillis,
            long nowNanos,
            ReviveProgress from,
            long recordOffset,
            long end) {
        @Nullable PopCheckpoint checkpoint = checkpoint(queue, startOffset, popMillis);
        if (checkpoint == null) {
            checkpoint = new PopCheckpoint(queue, ++serials, startOffset, popMillis, invisibleMillis, diffs, acked);
            checkpoint.deadlineNanos = nowNanos + leftMillis * 1_000_000;
            if (startOffset == queue.position()) {
                checkpoint.version = 1;
                checkpoint.storedVersion = 1;
                checkpoint.storedEnd = end;
                queue.step(checkpoint, startOffset);
                queue.position(checkpoint.endOffset());
            }
            touch(queue);
            if (checkpoint.finished()) {
                from.seen(recordOffset, end);
                return;
            }
            enter(checkpoint);
        } else {
            release(checkpoint, checkpoint.merge(acked));
        }
        checkpoint.version = 1;
        checkpoint.storedVersion = 1;
        checkpoint.storedEnd = end;
        ReviveProgress.@Nullable Needed before = checkpoint.record;
        if (before != null) before.doneEnd = end;
        checkpoint.record = from.stored(checkpoint, recordOffset, end);
        over(checkpoint);
    }

    void replayAck(PopCheckpoint checkpoint, int index, long end) {
        if (!checkpoint.setAcked(index)) return;
        checkpoint.storedEnd = end;
        release(checkpoint, 1);
        over(checkpoint);
    }

    void replay(PopOrder order, ReviveProgress from, long recordOffset, long end, Runnable restore) {
        deadlines.remove(order);
        int before = order.held();
        restore.run();
        held += order.held() - before;
        order.queue.held += order.held() - before;
        if (!order.finished()) deadlines.add(order);
        order.version = 1;
        order.storedVersion = 1;
        order.storedEnd = end;
        ReviveProgress.@Nullable Needed record = order.record;
        if (record != null) record.doneEnd = end;
        order.record = from.stored(order, recordOffset, end);
        over(order);
        touch(order.queue);
    }
}
