package io.vostok.store.meta;

import io.vostok.model.GroupName;
import io.vostok.model.QueueId;
import io.vostok.store.file.Disk;
import io.vostok.store.file.Segment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The mapped files of one generation of the consumer offset table. Appending entries is serialised by this object;
 * a cell is written by anybody.
 */
final class OffsetsTable {
    /** Where one offset lives. */
    record Slot(Segment segment, int at, int keyCrc) {
        /** Returns the committed offset, or -1. */
        long offset() {
            return OffsetsLayout.offset(segment.getLong(at));
        }

        void set(long offset) {
            segment.putLong(at, OffsetsLayout.cell(offset, keyCrc));
        }
    }

    private final Disk disk;
    private final int segmentBytes;
    private final int generation;
    private final List<Segment> segments = new ArrayList<>();
    private int end = OffsetsLayout.HEAD_BYTES;

    /** The segment that takes the next entry; those behind it are empty. */
    private int writing;

    /** An empty generation without files. */
    OffsetsTable(Disk disk, int segmentBytes, int generation) {
        this.disk = disk;
        this.segmentBytes = segmentBytes;
        this.generation = generation;
    }

    int generation() {
        return generation;
    }

    /** Maps a file that was read and found intact; its entries end at {@code usedTo}. */
    synchronized Segment attach(int usedTo) {
        Segment segment = disk.open(path(segments.size()), segmentBytes);
        segments.add(segment);
        segment.allocateTo(segmentBytes);
        if (usedTo > OffsetsLayout.HEAD_BYTES || segments.size() == 1) {
            writing = segments.size() - 1;
            end = usedTo;
        }
        return segment;
    }

    /**
     * Adds an entry.
     *
     * @throws io.vostok.store.StoreException when there is no room for a further segment; nothing changed
     */
    synchronized Slot add(GroupName group, QueueId queue, long offset) {
        ByteBuffer entry = OffsetsLayout.entry(queue.topic().value(), group.value(), queue.index(), offset);
        int size = entry.remaining();
        if (segments.isEmpty()) grow();
        if (size > segmentBytes - end) {
            if (writing + 1 == segments.size()) grow();
            writing++;
            end = OffsetsLayout.HEAD_BYTES;
        }
        Segment segment = segments.get(writing);
        int at = end;
        // The size makes it an entry: everything else is there before it, should the process die in between.
        segment.put(at + OffsetsLayout.CRC, entry.position(OffsetsLayout.CRC));
        segment.putIntRelease(at + OffsetsLayout.SIZE, size);
        end = at + size;
        return new Slot(segment, at + OffsetsLayout.CELL, entry.getInt(OffsetsLayout.CRC));
    }

    /** Makes the next segment when the present one is mostly full, so that {@link #add} need not. Blocks. */
    synchronized void growAhead() {
        if (writing + 1 == segments.size() && end > segmentBytes - segmentBytes / 4) grow();
    }

    /** Makes everything written before this call durable. Blocks. */
    void force() {
        for (Segment segment : present()) segment.force();
    }

    /** Declares this generation to be the table, durably; everything in it was written before. */
    void complete() {
        synchronized (this) {
            if (segments.isEmpty()) grow();
        }
        force();
        Segment first = present().get(0);
        first.putLong(OffsetsLayout.HEAD_COMPLETE, OffsetsLayout.COMPLETE);
        first.force();
    }

    /** Remembers, durably, the fingerprint of a file that we have read or are about to write. */
    void rememberExport(int index, long fingerprint) {
        synchronized (this) {
            if (segments.isEmpty()) grow();
        }
        Segment first = present().get(0);
        first.putLong(OffsetsLayout.HEAD_EXPORTS + index * Long.BYTES, fingerprint);
        first.force();
    }

    void close() {
        for (Segment segment : present()) segment.close();
    }

    private synchronized List<Segment> present() {
        return List.copyOf(segments);
    }

    private void grow() {
        int index = segments.size();
        Segment segment = disk.create(path(index), segmentBytes);
        boolean done = false;
        try {
            segment.allocateTo(segmentBytes);
            segment.putInt(OffsetsLayout.HEAD_MAGIC, OffsetsLayout.MAGIC);
            segment.putInt(OffsetsLayout.HEAD_GENERATION, generation);
            segment.putInt(OffsetsLayout.HEAD_SEGMENT, index);
            segment.putInt(OffsetsLayout.HEAD_CRC, OffsetsLayout.headCrc(generation, index));
            segment.force();
            done = true;
        } finally {
            if (!done) {
                segment.close();
                disk.delete(path(index));
            }
        }
        segments.add(segment);
    }

    private String path(int segment) {
        return "config/" + OffsetsLayout.fileName(generation, segment);
    }
}
