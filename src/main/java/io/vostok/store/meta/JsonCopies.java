package io.vostok.store.meta;

import io.vostok.store.StoreEvents;
import io.vostok.store.StoreException;
import io.vostok.store.StoreException.Kind;
import io.vostok.store.file.Disk;
import io.vostok.wire.body.BadBodyException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A JSON file with its {@code .bak}, read the way Apache's broker reads it: the file, or its backup when the file is
 * absent, empty or damaged; but an empty table is never what damage looks like.
 */
final class JsonCopies {
    private JsonCopies() {}

    /**
     * Returns what the newest valid copy holds, or null when there is neither file.
     *
     * <p>A damaged file is set aside as {@code <path>.damaged}, for the next save would make it the backup.
     *
     * @throws StoreException DAMAGED when there are copies and none can be read
     */
    static <T> @Nullable T load(Disk disk, StoreEvents events, String path, Function<byte[], T> parser) {
        byte @Nullable [] main = disk.read(path);
        byte @Nullable [] backup = disk.read(path + ".bak");
        if (main == null && backup == null) return null;
        @Nullable String wrong = "absent";
        if (main != null) {
            try {
                return parse(main, parser);
            } catch (BadBodyException e) {
                wrong = "damaged (" + e.getMessage() + ")";
            }
        }
        if (backup == null) throw unreadable(path, wrong, "absent");
        T loaded;
        try {
            loaded = parse(backup, parser);
        } catch (BadBodyException e) {
            throw unreadable(path, wrong, "damaged (" + e.getMessage() + ")");
        }
        events.warn("file read from backup file=" + path + ".bak reason=" + path + " is " + wrong);
        if (main != null) setAside(disk, events, path, main);
        return loaded;
    }

    /** @throws BadBodyException when {@code content} is empty or no such table */
    static <T> T parse(byte[] content, Function<byte[], T> parser) {
        if (content.length == 0) throw new BadBodyException("it is empty");
        return parser.apply(content);
    }

    private static void setAside(Disk disk, StoreEvents events, String path, byte[] damaged) {
        try {
            disk.replace(path + ".damaged", damaged);
            disk.delete(path);
        } catch (StoreException e) {
            if (e.kind() != Kind.DISK_FULL && e.kind() != Kind.READ_ONLY) throw e;
            // What was loaded is good; a disk that takes no files takes no save either, so the backup is safe.
            events.warn("damaged file not set aside file=" + path + " reason=" + e.getMessage());
        }
    }

    private static StoreException unreadable(String path, String wrong, String wrongBackup) {
        return new StoreException(
                Kind.DAMAGED,
                path + " is " + wrong + " and " + path + ".bak is " + wrongBackup
                        + "; put back one of them from a backup, or move both away to start without what they held");
    }
}
