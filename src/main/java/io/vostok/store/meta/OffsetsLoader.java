package io.vostok.store.meta;

import io.vostok.model.GroupName;
import io.vostok.model.QueueId;
import io.vostok.model.TopicName;
import io.vostok.store.StoreEvents;
import io.vostok.store.file.Disk;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads what the files of the consumer offset table hold, whatever has become of them. */
final class OffsetsLoader {
    private static final String PREFIX = "consumerOffset.table.";

    /** Whose offset it is. */
    record Key(GroupName group, QueueId queue) {}

    /**
     * An entry as it was found.
     *
     * @param cellAt where its cell is
     * @param offset committed, -1 when removed, or null when the cell is damaged
     */
    record Found(
            int segment, int cellAt, int keyCrc, @Nullable Long offset) {}

    /** One generation of files and what is in them. */
    static final class Generation {
        final int number;
        final Map<Key, Found> entries = new LinkedHashMap<>();
        final long[] exports = new long[OffsetsLayout.EXPORTS];
        final List<Integer> usedTo = new ArrayList<>();
        final List<String> files = new ArrayList<>();
        boolean complete;

        /** Whether something in it is not as it was written: then it must be written anew. */
        boolean damaged;

        long wastedBytes;
        long usedBytes;

        Generation(int number) {
            this.number = number;
        }
    }

    private final Disk disk;
    private final StoreEvents events;
    private final int segmentBytes;

    OffsetsLoader(Disk disk, StoreEvents events, int segmentBytes) {
        this.disk = disk;
        this.events = events;
        this.segmentBytes = segmentBytes;
    }

    /** Returns the generations that have files, oldest first. */
    List<Generation> load() {
        TreeMap<Integer, TreeMap<Integer, String>> names = new TreeMap<>();
        for (String name : disk.files("config")) {
            if (!name.matches("consumerOffset\\.table\\.[0-9]{8}\\.[0-9]{4}")) continue;
            int generation = Integer.parseInt(name.substring(PREFIX.length(), PREFIX.length() + 8));
            int segment = Integer.parseInt(name.substring(PREFIX.length() + 9));
            names.computeIfAbsent(generation, none -> new TreeMap<>()).put(segment, name);
        }
        List<Generation> generations = new ArrayList<>();
        names.forEach((number, files) -> {
            Generation generation = new Generation(number);
            files.forEach((segment, name) -> read(generation, segment, "config/" + name));
            // The first file is made first and deleted last: without it, this is a table that lost it.
            if (!files.containsKey(0)) generation.complete = true;
            generations.add(generation);
        });
        return generations;
    }

    private void read(Generation generation, int segment, String path) {
        byte @Nullable [] content = disk.read(path);
        if (content == null) return;
        generation.files.add(path);
        ByteBuffer bytes = ByteBuffer.wrap(content);
        if (segment != generation.usedTo.size()
                || content.length != segmentBytes
                || !headIntact(bytes, generation, segment)) {
            // Also a changed setting comes here: written anew, the table has segments of the new size.
            generation.damaged = true;
            events.warn("consumer offset file is not as written file=" + path + " bytes=" + content.length
                    + " follows=intact entries are kept");
        }
        if (segment == 0 && content.length >= OffsetsLayout.HEAD_BYTES) {
            generation.complete = bytes.getLong(OffsetsLayout.HEAD_COMPLETE) != 0;
            for (int i = 0; i < OffsetsLayout.EXPORTS; i++) {
                generation.exports[i] = bytes.getLong(OffsetsLayout.HEAD_EXPORTS + i * Long.BYTES);
            }
        }
        generation.usedTo.add(readEntries(generation, segment, path, bytes));
    }

    private static boolean headIntact(ByteBuffer bytes, Generation generation, int segment) {
        return bytes.limit() >= OffsetsLayout.HEAD_BYTES
                && bytes.getInt(OffsetsLayout.HEAD_CRC) == OffsetsLayout.headCrc(generation.number, segment);
    }

    /** Returns where the last intact entry ends. */
    private int readEntries(Generation generation, int segment, String path, ByteBuffer bytes) {
        int end = OffsetsLayout.HEAD_BYTES;
        int damagedAt = -1;
        for (int at = OffsetsLayout.HEAD_BYTES; at + Long.BYTES <= bytes.limit(); ) {
            int size = OffsetsLayout.intactSize(bytes, at);
            if (size == 0) {
                if (bytes.getLong(at) != 0 && damagedAt < 0) damagedAt = at;
                at += Long.BYTES;
                continue;
            }
            if (end != at) generation.damaged = true; // a gap: an entry is missing here
            readEntry(generation, segment, path, bytes, at);
            generation.usedBytes += size;
            at += size;
            end = at;
        }
        if (damagedAt >= 0) {
            generation.damaged = true;
            events.warn("consumer offset entries are damaged file=" + path + " at=" + damagedAt
                    + " follows=the intact ones are kept");
        }
        return end;
    }

    private void readEntry(Generation generation, int segment, String path, ByteBuffer bytes, int at) {
        int keyCrc = bytes.getInt(at + OffsetsLayout.CRC);
        long cell = bytes.getLong(at + OffsetsLayout.CELL);
        int topicLength = bytes.getShort(at + OffsetsLayout.TOPIC_LENGTH);
        int groupLength = bytes.getShort(at + OffsetsLayout.GROUP_LENGTH);
        String topic = text(bytes, at + OffsetsLayout.NAMES, topicLength);
        String group = text(bytes, at + OffsetsLayout.NAMES + topicLength, groupLength);
        int queue = bytes.getInt(at + OffsetsLayout.QUEUE);
        if (TopicName.problem(topic) != null || GroupName.problem(group) != null || queue < 0) {
            generation.damaged = true;
            events.warn("consumer offset entry has an impossible key file=" + path + " at=" + at);
            return;
        }
        boolean intact = OffsetsLayout.intact(cell, keyCrc);
        if (!intact) {
            generation.damaged = true;
            events.warn("consumer offset is damaged file=" + path + " at=" + at + " group=" + group + " topic=" + topic
                    + " queue=" + queue + " follows=the offset last exported is taken, if there is one");
        }
        @Nullable Long offset = intact ? OffsetsLayout.offset(cell) : null;
        if (offset != null && offset < 0) generation.wastedBytes += bytes.getInt(at + OffsetsLayout.SIZE);
        Found found = new Found(segment, at + OffsetsLayout.CELL, keyCrc, offset);
        generation.entries.put(new Key(new GroupName(group), new QueueId(new TopicName(topic), queue)), found);
    }

    private static String text(ByteBuffer bytes, int at, int length) {
        return new String(bytes.array(), bytes.arrayOffset() + at, length, StandardCharsets.US_ASCII);
    }
}
