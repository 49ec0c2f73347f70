package io.vostok.store;

import io.vostok.store.file.Disk;
import io.vostok.store.file.Segment;
import java.nio.ByteBuffer;

/** Gives a segment file that was cut short its full length again, by zeros, without ever having less than was there. */
final class ShortSegment {
    private static final String FOLDER = "lengthened";
    private static final int CHUNK = 1 << 20;

    private ShortSegment() {}

    /** Lengthens the segment {@code name}. A crash leaves what {@link #finish} can complete or start anew. */
    static void lengthen(Disk disk, String name, int length, int fullLength) {
        String path = LogFiles.FOLDER + "/" + name;
        String copyPath = FOLDER + "/" + name;
        disk.delete(copyPath);
        copy(disk, path, length, copyPath, fullLength, length);
        disk.delete(path); // the copy is whole and durable, and the absence of a short file says so
        copy(disk, copyPath, fullLength, path, fullLength, length);
        disk.delete(copyPath);
    }

    /** Completes what a crash interrupted; before the segments are loaded. */
    static void finish(Disk disk, int fullLength) {
        for (String name : disk.files(FOLDER)) {
            String path = LogFiles.FOLDER + "/" + name;
            long length = disk.length(path);
            if (length < 0 || length == fullLength) {
                disk.delete(path);
                copy(disk, FOLDER + "/" + name, fullLength, path, fullLength, fullLength);
            }
            disk.delete(FOLDER + "/" + name);
        }
    }

    private static void copy(Disk disk, String from, int fromLength, String to, int toLength, int bytes) {
        Segment source = disk.open(from, fromLength);
        Segment target = disk.create(to, toLength);
        try {
            target.allocateTo(bytes);
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
            for (int at = 0; at < bytes; at += CHUNK) {
                chunk.clear();
                source.get(at, Math.min(CHUNK, bytes - at), chunk);
                target.put(at, chunk.flip());
            }
            target.force();
        } finally {
            source.close();
            target.close();
        }
    }
}
