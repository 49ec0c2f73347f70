package io.vostok.store;

import io.vostok.store.index.KeyHash;
import io.vostok.store.index.KeyIndex;
import io.vostok.store.index.RecordKeys;
import io.vostok.store.meta.DeletedTopics;
import io.vostok.wire.record.RecordLayout;
import io.vostok.wire.record.RecordView;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds messages by key, by unique id and by position. Each is read from the log and compared: another key with the same
 * hash is not among the answers. Any thread that may block: old messages come from the disk.
 */
public final class KeyReader {
    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    /** Which keys of a message count. */
    public enum Kind {
        /** The unique id or one of the words of its keys: what Apache's index does not tell apart. */
        ANY,
        UNIQUE,
        WORD
    }

    private static final class Scratch {
        final RecordView view = new RecordView();
        final RecordKeys keys = new RecordKeys();
        final byte[] properties = new byte[RecordLayout.MAX_PROPERTIES];
    }

    /**
     * What was found, as the records are in the log, in the order of the log.
     *
     * @param indexedMillis greatest store time in the index
     * @param indexedPosition of the newest record in the index
     */
    public record Found(List<ByteBuffer> records, long indexedMillis, long indexedPosition) {}

    private final KeyIndex index;
    private final LogView log;
    private final Watermarks marks;
    private final DeletedTopics deletedTopics;
    private final int largestRecord;

    KeyReader(KeyIndex index, LogView log, Watermarks marks, DeletedTopics deletedTopics, int largestRecord) {
        this.index = index;
        this.log = log;
        this.marks = marks;
        this.deletedTopics = deletedTopics;
        this.largestRecord = largestRecord;
    }

    /**
     * Finds the newest messages of {@code topic} with {@code key} whose store time lies in the range, both ends included.
     *
     * @param maxMessages and {@code maxBytes} bound the answer; one message comes even if it alone is larger
     */
    public Found find(
            String topic, String key, Kind kind, long beginMillis, long endMillis, int maxMessages, int maxBytes) {
        byte[] topicBytes = topic.getBytes(StandardCharsets.UTF_8);
        byte[] keyBytes = key.getBytes(StandardCharsets.UTF_8);
        List<ByteBuffer> found = new ArrayList<>();
        Set<Long> seen = new HashSet<>();
        long indexedMillis = index.lastStoreMillis();
        long indexedPosition = index.lastPosition();
        int[] bytes = {0};
        long deletedBefore = deletedTopics.before(topic);
        if (maxMessages > 0) {
            index.visit(KeyHash.of(topic, key), beginMillis, endMillis, position -> {
                if (position < deletedBefore || !seen.add(position)) return true;
                @Nullable ByteBuffer record = at(position);
                if (record == null || !matches(record, topicBytes, keyBytes, kind, beginMillis, endMillis)) return true;
                if (!found.isEmpty() && bytes[0] + (long) record.remaining() > maxBytes) return false;
                found.add(record);
                bytes[0] += record.remaining();
                return found.size() < maxMessages;
            });
        }
        Collections.reverse(found);
        return new Found(found, indexedMillis, indexedPosition);
    }

    /** Tells whether the log holds a message of {@code topic} with this unique id: whether it was already sent. */
    public boolean holds(String topic, String uniqueId) {
        byte[] topicBytes = topic.getBytes(StandardCharsets.UTF_8);
        byte[] keyBytes = uniqueId.getBytes(StandardCharsets.UTF_8);
        boolean[] held = {false};
        long deletedBefore = deletedTopics.before(topic);
        index.visit(KeyHash.of(topic, uniqueId), 0, Long.MAX_VALUE, position -> {
            if (position < deletedBefore) return true;
            @Nullable ByteBuffer record = at(position);
            held[0] = record != null && matches(record, topicBytes, keyBytes, Kind.UNIQUE, 0, Long.MAX_VALUE);
            return !held[0];
        });
        return held[0];
    }

    /** Returns the intact, confirmed record that starts at {@code position}, or null; any number may be asked for. */
    public @Nullable ByteBuffer at(long position) {
        if (position < 0 || position >= marks.confirmed()) return null;
        int size = log.sizeBytes(position, largestRecord);
        if (size < 0) return null;
        ByteBuffer copy = ByteBuffer.allocate(size);
        try {
            return log.copy(position, size, copy) ? copy.flip() : null;
        } catch (StoreException damaged) {
            return null; // it was whole a moment ago; a query passes over what cannot be read
        }
    }

    private static boolean matches(
            ByteBuffer record, byte[] topic, byte[] key, Kind kind, long beginMillis, long endMillis) {
        Scratch scratch = SCRATCH.get();
        RecordView view = scratch.view.wrap(record, 0);
        if (view.storeTimestamp() < beginMillis || view.storeTimestamp() > endMillis) return false;
        if (view.topicLength() != topic.length) return false;
        if (!record.slice(view.topicAt(), topic.length).equals(ByteBuffer.wrap(topic))) return false;
        record.get(view.propertiesAt(), scratch.properties, 0, view.propertiesLength());
        RecordKeys keys = scratch.keys.of(scratch.properties, view.propertiesLength());
        while (keys.next()) {
            if (kind != Kind.ANY && keys.isUnique() != (kind == Kind.UNIQUE)) continue;
            if (keys.is(key)) return true;
        }
        return false;
    }
}
