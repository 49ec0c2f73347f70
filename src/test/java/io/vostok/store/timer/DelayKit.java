package io.vostok.store.timer;

import io.vostok.kit.SimStore;
import io.vostok.model.QueueId;
import io.vostok.model.TopicName;
import io.vostok.store.ConsumeQueue;
import io.vostok.store.DelayLevels;
import io.vostok.store.MessageStore;
import io.vostok.store.StoreException;
import io.vostok.store.Stored;
import io.vostok.store.meta.DelayOffsetsFile;
import io.vostok.wire.body.DelayOffsetTable;
import io.vostok.wire.record.RecordEncoder;
import io.vostok.wire.record.RecordView;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A small store with delay levels of 1, 5 and 10 seconds, and what the timer does to it, without threads. */
final class DelayKit extends SimStore {
    static final long[] DELAYS = {1_000, 5_000, 10_000};
    static final QueueId TARGET = new QueueId(new TopicName("orders"), 0);
    private static final int SEGMENT = 16 * 1024;
    private static final byte[] HOST = {127, 0, 0, 1};

    final boolean sync;
    int mostUnderWay = 4;
    long[] delays = DELAYS;
    MessageStore store;
    DelayOffsetsFile file;
    DelayQueues queues;

    DelayKit(boolean sync) {
        this.sync = sync;
        store = openStore();
        file = new DelayOffsetsFile(disk, events);
        queues = openQueues();
    }

    void open() {
        store = openStore();
        file = new DelayOffsetsFile(disk, events);
        queues = openQueues();
    }

    private MessageStore openStore() {
        return MessageStore.open(
                SimStore.settings(SEGMENT, 64, sync, Duration.ofHours(99), SEGMENT),
                disk,
                clock,
                events,
                new DelayLevels(delays));
    }

    private DelayQueues openQueues() {
        return new DelayQueues(store.queues(), new DelayLevels(delays), file.load(), events, mostUnderWay);
    }

    void kill() {
        disk = disk.crashProcess();
        open();
    }

    /** As the broker stops: the log first, then the delay offsets. */
    void close() {
        store.flusher().flush();
        while (queues.unsaved()) {
            DelayOffsetTable table = queues.toSave(store.watermarks().flushed(), clock.wallMillis());
            if (table != null) file.save(table);
        }
        store.close();
    }

    /** Parks a message on a level; its consume queue knows it. */
    Stored park(int level, String body) {
        Stored stored = append(new QueueId(DelayQueues.TOPIC, level - 1), body, "DELAY\u0001" + level + "\u0002");
        if (sync) store.flusher().flush();
        dispatch();
        return stored;
    }

    Stored append(QueueId queue, String body, String properties) {
        store.housekeeping().makeRoom();
        byte[] text = properties.getBytes(StandardCharsets.UTF_8);
        ByteBuffer record = ByteBuffer.allocate(2048);
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

    Due next() {
        Due due = nextOrNull();
        if (due == null) throw new AssertionError("nothing is due");
        return due;
    }

    @org.jspecify.annotations.Nullable
    Due nextOrNull() {
        return queues.next(clock.wallMillis(), clock.monotonicNanos());
    }

    long sleepMillis() {
        return queues.sleepMillis(clock.wallMillis(), clock.monotonicNanos());
    }

    String body(Due due) {
        return body(due.position(), due.sizeBytes());
    }

    private String body(long position, int sizeBytes) {
        ByteBuffer copy = ByteBuffer.allocate(sizeBytes);
        if (!store.view().copy(position, sizeBytes, copy)) throw new AssertionError("gone: " + position);
        return StandardCharsets.UTF_8
                .decode(new RecordView().wrap(copy, 0).body())
                .toString();
    }

    /** Appends the copy; its answer is another step. */
    Stored deliver(Due due) {
        return append(TARGET, body(due), "");
    }

    /** Delivers all that is due now, with answers at once. */
    List<String> deliverAll() {
        List<String> bodies = new ArrayList<>();
        for (Due due = nextOrNull(); due != null; due = nextOrNull()) {
            bodies.add(body(due));
            try {
                queues.delivered(due, deliver(due).endPosition());
            } catch (StoreException refused) {
                queues.failed(due, clock.monotonicNanos());
                return bodies;
            }
        }
        return bodies;
    }

    void save() {
        DelayOffsetTable table = queues.toSave(store.watermarks().flushed(), clock.wallMillis());
        if (table != null) file.save(table);
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
            if (position >= 0) bodies.add(body(position, store.view().sizeBytes(position)));
        }
        return bodies;
    }
}
