package io.vostok.store.timer;

import io.vostok.kit.SimStore;
import io.vostok.model.QueueId;
import io.vostok.model.TopicName;
import io.vostok.store.ConsumeQueue;
import io.vostok.store.MessageStore;
import io.vostok.store.StoreException;
import io.vostok.store.Stored;
import io.vostok.wire.record.RecordEncoder;
import io.vostok.wire.record.RecordView;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A small store with timers, and what the timer does to it, without threads. Index files of eight blocks. */
final class TimerKit extends SimStore {
    static final QueueId TARGET = new QueueId(new TopicName("orders"), 0);
    private static final int SEGMENT = 16 * 1024;
    private static final byte[] HOST = {127, 0, 0, 1};

    final boolean sync;
    int mostUnderWay = 4;
    MessageStore store;
    Timers timers;

    TimerKit(boolean sync) {
        this.sync = sync;
        store = openStore();
        timers = openTimers();
    }

    void open() {
        store = openStore();
        timers = openTimers();
        work();
    }

    private MessageStore openStore() {
        return MessageStore.open(
                SimStore.settings(SEGMENT, 64, sync, Duration.ofHours(1), SEGMENT), disk, clock, events);
    }

    private Timers openTimers() {
        Timers opened = Timers.open(disk, store.queues(), store.view(), events, new Timers.Limits(8192, mostUnderWay));
        return opened;
    }

    void kill() {
        disk = disk.crashProcess();
        open();
    }

    /** As the broker stops: the log first, then the timers. */
    void close() {
        store.flusher().flush();
        while (timers.unsaved()) {
            if (!save()) break;
        }
        timers.close();
        store.close();
    }

    Stored park(long dueMillis, String id) {
        return park(dueMillis, id, "");
    }

    /** Stores a message that waits until {@code dueMillis}; the index knows it after {@link #work}. */
    Stored park(long dueMillis, String id, String more) {
        String properties = "TIMER_OUT_MS\u0001" + dueMillis + "\u0002REAL_TOPIC\u0001orders\u0002REAL_QID\u00010\u0002"
                + "UNIQ_KEY\u0001" + id + "\u0002" + more;
        Stored stored = append(Timers.QUEUE, id, properties);
        if (sync) store.flusher().flush();
        dispatch();
        return stored;
    }

    /** Stores what recalls the message {@code id}. */
    Stored recall(long dueMillis, String id) {
        return park(dueMillis, "recall of " + id, "TIMER_DEL_UNIQKEY\u0001orders+" + id + "\u0002");
    }

    Stored append(QueueId queue, String body, String properties) {
        store.housekeeping().makeRoom();
        byte[] text = properties.getBytes(StandardCharsets.UTF_8);
        ByteBuffer record = ByteBuffer.allocate(8192);
        new RecordEncoder()
                .encode(
                        record,
                        queue.index(),
                        0,
                        0,
                        clock.wallMillis(),
                        HOST,
                        1,
                        HOST,
                        2,
                        0,
                        0,
                        ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)),
                        queue.topic().value().getBytes(StandardCharsets.UTF_8),
                        text,
                        0,
                        text.length,
                        true);
        return store.log().append(queue, record.flip(), 1, clock.wallMillis());
    }

    void dispatch() {
        while (store.dispatcher().dispatch(100, (queue, nextOffset, tagsCode) -> {})) {
            // until nothing is left
        }
    }

    void work() {
        while (timers.work(7, clock.wallMillis(), clock.monotonicNanos())) {
            // until nothing is left
        }
    }

    @Nullable
    TimerDue take() {
        return timers.take(clock.wallMillis(), clock.monotonicNanos());
    }

    TimerDue next() {
        work();
        TimerDue due = take();
        if (due == null) throw new AssertionError("nothing is due");
        return due;
    }

    long sleepMillis() {
        return timers.sleepMillis(clock.wallMillis(), clock.monotonicNanos());
    }

    /** What the record of a timer says; null when the log no longer holds it. */
    @Nullable
    RecordView record(long position, int sizeBytes) {
        ByteBuffer copy = ByteBuffer.allocate(sizeBytes);
        return store.view().copy(position, sizeBytes, copy) ? new RecordView().wrap(copy, 0) : null;
    }

    String body(TimerDue due) {
        RecordView record = record(due.position(), due.sizeBytes());
        if (record == null) throw new AssertionError("gone: " + due.position());
        return StandardCharsets.UTF_8.decode(record.body()).toString();
    }

    /** Does what TimedDelivery does, but for the answer of the log. Returns where the copy is, or null when there is none. */
    @Nullable
    Stored deliver(TimerDue due) {
        RecordView record = record(due.position(), due.sizeBytes());
        if (record == null) {
            timers.passedOver(due);
            return null;
        }
        String key = record.property("TIMER_DEL_UNIQKEY");
        if (due.kind() == TimerDue.Kind.RECALL && key != null) {
            timers.recall(due, key);
            return null;
        }
        if (due.kind() == TimerDue.Kind.ROLL) {
            String properties = new String(record.properties(), StandardCharsets.UTF_8);
            int crc = properties.indexOf("__CRC32#");
            return append(Timers.QUEUE, body(due), crc < 0 ? properties : properties.substring(0, crc));
        }
        if (timers.recalling()
                && timers.recalled(due, record.property("REAL_TOPIC") + "+" + record.property("UNIQ_KEY"))) {
            timers.passedOver(due);
            return null;
        }
        return append(TARGET, body(due), "");
    }

    /** Delivers one that has a copy, its answer at once. */
    void deliverWithAnswer(TimerDue due) {
        timers.delivered(due, Objects.requireNonNull(deliver(due)).endPosition());
    }

    /** Delivers all that is due now, with answers at once; returns the bodies in the order in which they were handed out. */
    List<String> deliverAll() {
        List<String> bodies = new ArrayList<>();
        work();
        for (TimerDue due = take(); due != null; due = take()) {
            try {
                Stored copy = deliver(due);
                if (copy == null) continue;
                bodies.add(body(due));
                timers.delivered(due, copy.endPosition());
            } catch (StoreException refused) {
                timers.failed(due, clock.monotonicNanos());
                return bodies;
            }
            work();
        }
        return bodies;
    }

    /** Returns false when there was nothing to save. */
    boolean save() {
        Timers.@Nullable Save save = timers.toSave(store.watermarks().flushed());
        if (save == null) return false;
        save.run();
        timers.saved(save);
        return true;
    }

    /** Until everything that the log vouches for is noted. */
    void saveAll() {
        store.flusher().flush();
        while (timers.unsaved() && save()) {
            // recalls take a second round
        }
    }

    /** What is in the real queue now. */
    List<String> delivered() {
        if (sync) store.flusher().flush();
        dispatch();
        List<String> bodies = new ArrayList<>();
        ConsumeQueue queue = store.queues().find(TARGET);
        if (queue == null) return bodies;
        for (long offset = queue.minOffset(); offset < queue.maxOffset(); offset++) {
            long position = queue.position(offset);
            if (position < 0) continue;
            RecordView record = record(position, store.view().sizeBytes(position));
            if (record != null)
                bodies.add(StandardCharsets.UTF_8.decode(record.body()).toString());
        }
        return bodies;
    }
}
