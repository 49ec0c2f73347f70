package io.vostok.store;

import io.vostok.kit.SimStore;
import io.vostok.model.QueueId;
import io.vostok.model.TopicName;
import io.vostok.wire.record.RecordEncoder;
import io.vostok.wire.record.RecordView;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;

/** A small store on a simulated disk, with words for what tests do to it. */
final class StoreKit extends SimStore {
    static final int SEGMENT = 4096 * 2;
    static final int UNITS = 32;
    static final int INDEX_SLOTS = 7;
    static final int INDEX_ENTRIES = 300;
    static final Arrivals NOBODY = (queue, nextOffset, tagsCode) -> {};
    private static final byte[] HOST = {127, 0, 0, 1};

    StoreSettings settings = settings(false);
    MessageStore store = open();

    static StoreSettings settings(boolean syncFlush) {
        return settings(syncFlush, SEGMENT);
    }

    static StoreSettings settings(boolean syncFlush, int touchAheadBytes) {
        return SimStore.settings(
                SEGMENT, UNITS, syncFlush, Duration.ofHours(1), touchAheadBytes, INDEX_SLOTS, INDEX_ENTRIES);
    }

    static QueueId queue(String topic, int index) {
        return new QueueId(new TopicName(topic), index);
    }

    MessageStore open() {
        store = MessageStore.open(settings, disk, clock, events);
        return store;
    }

    /** Closes in order and opens again. */
    void reopen() {
        store.close();
        open();
    }

    void killAndReopen() {
        disk = disk.crashProcess();
        open();
    }

    void cutPowerAndReopen(RandomGenerator random) {
        disk = disk.powerCut(random);
        open();
    }

    Stored append(QueueId queue, String body) {
        return append(queue, body, "", 0);
    }

    Stored append(QueueId queue, String body, String properties, int sysFlag) {
        store.housekeeping().makeRoom();
        return store.log().append(queue, record(queue, body, properties, sysFlag), 1, clock.wallMillis());
    }

    Stored appendBatch(QueueId queue, String... bodies) {
        store.housekeeping().makeRoom();
        return store.log().append(queue, batch(queue, bodies), bodies.length, clock.wallMillis());
    }

    /** One record for each queue, all or none. */
    Stored appendEach(List<QueueId> queues, String... bodies) {
        store.housekeeping().makeRoom();
        return store.log().append(queues, each(queues, bodies), clock.wallMillis());
    }

    static ByteBuffer each(List<QueueId> queues, String... bodies) {
        ByteBuffer records = ByteBuffer.allocate(64 * 1024);
        for (int i = 0; i < bodies.length; i++) records.put(record(queues.get(i), bodies[i], "", 0));
        return records.flip();
    }

    static ByteBuffer batch(QueueId queue, String... bodies) {
        ByteBuffer batch = ByteBuffer.allocate(64 * 1024);
        for (String body : bodies) batch.put(record(queue, body, "", 0));
        return batch.flip();
    }

    static ByteBuffer record(QueueId queue, String body, String properties, int sysFlag) {
        byte[] text = properties.getBytes(StandardCharsets.UTF_8);
        ByteBuffer target = ByteBuffer.allocate(32 * 1024);
        new RecordEncoder()
                .encode(
                        target,
                        queue.index(),
                        0,
                        sysFlag,
                        NOW,
                        HOST,
                        4000,
                        HOST,
                        10911,
                        0,
                        0,
                        ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)),
                        queue.topic().value().getBytes(StandardCharsets.UTF_8),
                        text,
                        0,
                        text.length,
                        true);
        return target.flip();
    }

    void dispatch() {
        while (store.dispatcher().dispatch(100, NOBODY)) {
            // until nothing is left
        }
    }

    /** Returns a queue that must be there. */
    ConsumeQueue index(QueueId queue) {
        return Objects.requireNonNull(store.queues().find(queue));
    }

    /** Returns why appends are refused, which they must be. */
    StoreException refusal() {
        return Objects.requireNonNull(store.log().refusal());
    }

    /** Returns the content of a file that must be there. */
    byte[] content(String path) {
        return Objects.requireNonNull(disk.read(path));
    }

    /** Returns the bodies of a queue from its smallest offset on; a filler is "-". */
    List<String> bodies(QueueId queue) {
        List<String> bodies = new ArrayList<>();
        ConsumeQueue index = store.queues().find(queue);
        if (index == null) return bodies;
        for (long offset = index.minOffset(); offset < index.maxOffset(); offset++) {
            bodies.add(body(queue, offset));
        }
        return bodies;
    }

    String body(QueueId queue, long offset) {
        ConsumeQueue index = store.queues().find(queue);
        long position = index == null ? -1 : index.position(offset);
        if (position < 0) return "-";
        int size = store.view().sizeBytes(position);
        if (size < 0) return "damaged";
        ByteBuffer copy = ByteBuffer.allocate(size);
        if (!store.view().copy(position, size, copy)) return "gone";
        RecordView view = new RecordView().wrap(copy, 0);
        if (!view.topic().equals(queue.topic().value())
                || view.queueId() != queue.index()
                || view.queueOffset() != offset) {
            return "another message: " + view.topic() + "/" + view.queueId() + "@" + view.queueOffset();
        }
        return StandardCharsets.UTF_8.decode(view.body()).toString();
    }

    /** Returns {@code length} characters that differ by {@code seed}. */
    static String text(int seed, int length) {
        StringBuilder text = new StringBuilder();
        while (text.length() < length) text.append(seed).append('.');
        return text.substring(0, length);
    }
}
