package io.vostok.store.pop;

import io.vostok.model.GroupName;
import io.vostok.model.MessageProperties;
import io.vostok.model.QueueId;
import io.vostok.model.TopicName;
import io.vostok.store.ConsumeQueue;
import io.vostok.store.ConsumeQueues;
import io.vostok.store.LogView;
import io.vostok.store.QueueUnit;
import io.vostok.store.StoreEvents;
import io.vostok.store.StoreException;
import io.vostok.store.meta.ConsumerOffsets;
import io.vostok.store.meta.DeletedTopics;
import io.vostok.wire.body.BadBodyException;
import io.vostok.wire.body.PopAckBody;
import io.vostok.wire.body.PopCheckpointBody;
import io.vostok.wire.body.PopOrderBody;
import io.vostok.wire.record.RecordView;
import java.nio.ByteBuffer;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads from the revive topic what was in flight when the broker ended: ours, or Apache's. Blocks; at start, before anybody pops.
 *
 * <p>Apache's broker writes through its timer: in a store taken over from it some records come to the revive topic only while we
 * run. These are taken by {@link #late}, on the pop owner's thread.
 */
public final class PopReplay {
    /** Tag of a checkpoint. */
    public static final String CHECKPOINT = "ck";
    /** Tag of one ack. */
    public static final String ACK = "ack";
    /** Tag of several acks of one checkpoint. */
    public static final String BATCH_ACK = "bAck";
    /** Tag of a batch held in order. */
    public static final String ORDER = "ord";

    /** Apache's timer lets a checkpoint out a second before its time is over, and its acks when it is. */
    private static final long LATE_GRACE_MILLIS = 3_000;

    private final InFlight inFlight;
    private final ConsumeQueues queues;
    private final LogView view;
    private final ConsumerOffsets offsets;
    private final DeletedTopics deletedTopics;
    private final StoreEvents events;
    private long nowMillis;
    private long nowNanos;
    private boolean late;
    private final RecordView record = new RecordView();

    /** Makes a reader of what comes later. */
    public PopReplay(
            InFlight inFlight,
            ConsumeQueues queues,
            LogView view,
            ConsumerOffsets offsets,
            DeletedTopics deletedTopics,
            StoreEvents events) {
        this.inFlight = inFlight;
        this.queues = queues;
        this.view = view;
        this.offsets = offsets;
        this.deletedTopics = deletedTopics;
        this.events = events;
    }

    /** Fills {@code inFlight}, which is empty. */
    public static void run(
            InFlight inFlight,
            ConsumeQueues queues,
            LogView view,
            ConsumerOffsets offsets,
            DeletedTopics deletedTopics,
            StoreEvents events,
            long nowMillis,
            long nowNanos) {
        PopReplay replay = new PopReplay(inFlight, queues, view, offsets, deletedTopics, events);
        replay.nowMillis = nowMillis;
        replay.nowNanos = nowNanos;
        replay.run();
    }

    /** Takes one record that has come to the revive topic, unless it is of this broker itself. */
    public void late(int reviveQueue, long offset, long wallMillis, long monotonicNanos) {
        late = true;
        nowMillis = wallMillis;
        nowNanos = monotonicNanos;
        QueueUnit unit = new QueueUnit();
        @Nullable ConsumeQueue units = queues.find(new QueueId(inFlight.reviveTopic(), reviveQueue));
        if (units != null && units.read(offset, unit)) replay(reviveQueue, offset, unit.position(), unit.sizeBytes());
    }

    private void run() {
        long records = 0;
        TreeSet<Integer> indexes = new TreeSet<>();
        for (QueueId queue : queues.all()) {
            if (queue.topic().equals(inFlight.reviveTopic())) indexes.add(queue.index());
        }
        for (int index : indexes) records += replay(new QueueId(inFlight.reviveTopic(), index));
        if (records > 0) {
            events.info("pop state restored records=" + records + " messagesInFlight=" + inFlight.held());
        }
    }

    private long replay(QueueId revive) {
        @Nullable ConsumeQueue units = queues.find(revive);
        if (units == null) return 0;
        long first = Math.max(units.minOffset(), offsets.find(InFlight.REVIVE_GROUP, revive));
        inFlight.startAt(revive.index(), first);
        QueueUnit unit = new QueueUnit();
        for (long offset = first; offset < units.maxOffset(); offset++) {
            if (units.read(offset, unit)) replay(revive.index(), offset, unit.position(), unit.sizeBytes());
        }
        return Math.max(0, units.maxOffset() - first);
    }

    private void replay(int reviveQueue, long offset, long position, int sizeBytes) {
        try {
            ByteBuffer bytes = ByteBuffer.allocate(sizeBytes);
            if (!view.copy(position, sizeBytes, bytes)) return;
            record.wrap(bytes, 0);
            if (late && record.property(MessageProperties.UNIQ_KEY) == null) return; // Ours have none.
            @Nullable String tag = record.property("TAGS");
            long end = position + sizeBytes;
            if (CHECKPOINT.equals(tag)) {
                checkpoint(PopCheckpointBody.read(record.body()), reviveQueue, offset, position, end);
            } else if (ACK.equals(tag) || BATCH_ACK.equals(tag)) {
                ack(PopAckBody.read(record.body()), position, end);
            } else if (ORDER.equals(tag)) {
                order(PopOrderBody.read(record.body()), reviveQueue, offset, position, end);
            }
            inFlight.progressOf(reviveQueue).seen(offset, end);
        } catch (StoreException | BadBodyException | IllegalArgumentException damaged) {
            events.warn("pop record passed over queue=" + inFlight.reviveTopic() + "/" + reviveQueue + " offset="
                    + offset + " reason=\"" + damaged.getMessage() + "\"");
        }
    }

    /** What was held of a topic that was deleted says nothing of one that was made again under its name. */
    private boolean gone(String topic, long position) {
        return position < deletedTopics.before(topic);
    }

    private void checkpoint(PopCheckpointBody body, int reviveQueue, long offset, long position, long end) {
        if (gone(body.topic(), position)) return;
        PopQueue queue = queueOf(body.group(), body.topic(), body.queueId());
        int[] diffs = body.diffs().stream().mapToInt(Integer::intValue).sorted().toArray();
        long left = PopOrder.left(body.popMillis() + body.invisibleMillis() - nowMillis, body.invisibleMillis());
        if (late) left = Math.max(left, LATE_GRACE_MILLIS);
        inFlight.replay(
                queue,
                body.startOffset(),
                diffs,
                body.acked(),
                body.popMillis(),
                body.invisibleMillis(),
                left,
                nowNanos,
                inFlight.progressOf(reviveQueue),
                offset,
                end);
    }

    private void ack(PopAckBody body, long position, long end) {
        if (gone(body.topic(), position)) return;
        @Nullable
        PopQueue queue =
                inFlight.find(new GroupName(body.group()), new QueueId(new TopicName(body.topic()), body.queueId()));
        @Nullable
        PopCheckpoint checkpoint =
                queue == null ? null : inFlight.checkpoint(queue, body.startOffset(), body.popMillis());
        if (checkpoint == null) return;
        for (long acked : body.offsets()) {
            int index = checkpoint.indexOf(acked);
            if (index >= 0) inFlight.replayAck(checkpoint, index, end);
        }
    }

    private void order(PopOrderBody body, int reviveQueue, long offset, long position, long end) {
        if (gone(body.topic(), position)) return;
        PopQueue queue = queueOf(body.group(), body.topic(), body.queueId());
        PopOrder order = inFlight.orderOf(queue);
        // An offset outside was set by somebody else since: the batch is void.
        boolean current = queue.position() >= body.from() && queue.position() <= body.next();
        inFlight.replay(order, inFlight.progressOf(reviveQueue), offset, end, () -> {
            if (!current) {
                order.clear();
                return;
            }
            order.restore(body, nowMillis, nowNanos);
            queue.position(body.next());
        });
    }

    private PopQueue queueOf(String group, String topic, int index) {
        GroupName name = new GroupName(group);
        QueueId queue = new QueueId(new TopicName(topic), index);
        return inFlight.at(name, queue, offsets.find(name, queue));
    }
}
