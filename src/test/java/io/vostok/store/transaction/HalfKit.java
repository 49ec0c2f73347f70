package io.vostok.store.transaction;

import io.vostok.kit.SimStore;
import io.vostok.model.QueueId;
import io.vostok.model.TopicName;
import io.vostok.store.ConsumeQueue;
import io.vostok.store.MessageStore;
import io.vostok.store.Stored;
import io.vostok.store.meta.ConsumerOffsets;
import io.vostok.wire.record.RecordEncoder;
import io.vostok.wire.record.RecordView;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A small store with half messages, and what the broker does to them, without threads. Timeout 6 s, interval 30 s. */
final class HalfKit extends SimStore {
    static final QueueId TARGET = new QueueId(new TopicName("orders"), 0);
    private static final int SEGMENT = 16 * 1024;
    private static final byte[] HOST = {127, 0, 0, 1};

    final boolean sync;
    CheckSchedule schedule = new CheckSchedule(6_000, 30_000, 15);
    MessageStore store;
    ConsumerOffsets offsets;
    HalfMessages halves;

    HalfKit(boolean sync) {
        this.sync = sync;
        store = openStore();
        offsets = openOffsets();
        halves = openHalves();
    }

    void open() {
        store = openStore();
        offsets = openOffsets();
        halves = openHalves();
    }

    private MessageStore openStore() {
        return MessageStore.open(
                SimStore.settings(SEGMENT, 64, sync, Duration.ofHours(1), SEGMENT), disk, clock, events);
    }

    private ConsumerOffsets openOffsets() {
        ConsumerOffsets opened = ConsumerOffsets.open(disk, events, clock, 4096, 100);
        opened.clamp(store.queues()::maxOffset);
        return opened;
    }

    private HalfMessages openHalves() {
        return HalfMessages.open(
                store.queues(), store.view(), offsets, schedule, events, clock.wallMillis(), clock.monotonicNanos());
    }

    void kill() {
        disk = disk.crashProcess();
        open();
    }

    /** As the broker stops. */
    void close() {
        store.flusher().flush();
        for (int i = 0; i < 2; i++) halves.save(store.watermarks().flushed());
        offsets.close();
        store.close();
    }

    /** Stores a half message; its queue knows it, the table not yet. */
    Stored prepare(String body, String moreProperties) {
        Stored stored = store(body, moreProperties);
        if (sync) store.flusher().flush();
        dispatch();
        return stored;
    }

    /** As {@link #prepare}, and takes it up. */
    Half pending(String body, String moreProperties) {
        long offset = prepare(body, moreProperties).queueOffset();
        catchUp();
        return Objects.requireNonNull(halves.find(offset));
    }

    Half pending(String body) {
        return pending(body, "");
    }

    private Stored store(String body, String moreProperties) {
        store.housekeeping().makeRoom();
        String properties = "REAL_TOPIC\1orders\2REAL_QID\0010\2PGROUP\1g\2UNIQ_KEY\1" + body + "\2" + moreProperties;
        return store.log()
                .append(
                        HalfMessages.HALVES,
                        record(HalfMessages.HALVES, body, properties, 0).flip(),
                        1,
                        clock.wallMillis());
    }

    void catchUp() {
        while (halves.catchUp(3, clock.monotonicNanos())) {
            // until nothing is left
        }
    }

    /** Puts a copy into {@code target}, or nothing when it is null, and the mark: one append. The table hears of it later. */
    Stored decide(Half half, @Nullable QueueId target) {
        store.housekeeping().makeRoom();
        halves.begin(half);
        ByteBuffer records = ByteBuffer.allocate(8192);
        List<QueueId> queues = new ArrayList<>();
        if (target != null) {
            queues.add(target);
            records.put(
                    record(target, body(half.position()), "", half.position()).flip());
        }
        queues.add(HalfMessages.MARKS);
        String mark = new String(MarkBody.of(half.offset()), StandardCharsets.US_ASCII);
        records.put(record(HalfMessages.MARKS, mark, "TAGS\1d\2", 0).flip());
        Stored stored = store.log().append(queues, records.flip(), clock.wallMillis());
        if (sync) store.flusher().flush();
        return stored;
    }

    void commit(Half half) {
        halves.done(half, decide(half, TARGET).endPosition());
    }

    void rollBack(Half half) {
        halves.done(half, decide(half, null).endPosition());
    }

    private ByteBuffer record(QueueId queue, String body, String properties, long prepared) {
        byte[] text = properties.getBytes(StandardCharsets.UTF_8);
        ByteBuffer record = ByteBuffer.allocate(4096);
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
                        prepared,
                        ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)),
                        queue.topic().value().getBytes(StandardCharsets.UTF_8),
                        text,
                        0,
                        text.length,
                        true);
        return record;
    }

    void dispatch() {
        while (store.dispatcher().dispatch(100, (queue, nextOffset, tagsCode) -> {})) {
            // until nothing is left
        }
    }

    @Nullable
    Half nextDue() {
        return halves.nextDue(clock.monotonicNanos());
    }

    /** Lets exactly the time pass after which something is due, and returns that. */
    Half nextWhenDue() {
        clock.advance(Duration.ofMillis(halves.sleepMillis(clock.monotonicNanos())));
        return Objects.requireNonNull(nextDue());
    }

    String body(long position) {
        int size = store.view().sizeBytes(position);
        ByteBuffer copy = ByteBuffer.allocate(Math.max(size, 0));
        if (size < 0 || !store.view().copy(position, size, copy)) throw new AssertionError("gone: " + position);
        return StandardCharsets.UTF_8
                .decode(new RecordView().wrap(copy, 0).body())
                .toString();
    }

    /** What consumers of a queue see now. */
    List<String> bodies(QueueId queue) {
        dispatch();
        List<String> bodies = new ArrayList<>();
        ConsumeQueue units = store.queues().find(queue);
        if (units == null) return bodies;
        for (long offset = units.minOffset(); offset < units.maxOffset(); offset++) {
            long position = units.position(offset);
            if (position >= 0) bodies.add(body(position));
        }
        return bodies;
    }

    void save() {
        halves.save(store.watermarks().flushed());
    }
}
