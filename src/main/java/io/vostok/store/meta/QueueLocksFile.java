package io.vostok.store.meta;

import io.vostok.store.StoreEvents;
import io.vostok.store.StoreException;
import io.vostok.store.file.Disk;
import io.vostok.wire.body.BadBodyException;
import io.vostok.wire.body.QueueLockTable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code config/queueLocks.json}: who held which queue when the broker ended. One thread at a time; every call may block. */
public final class QueueLocksFile {
    static final String PATH = "config/queueLocks.json";

    private static final QueueLockTable NONE = new QueueLockTable(List.of());

    private final Disk disk;
    private final StoreEvents events;

    public QueueLocksFile(Disk disk, StoreEvents events) {
        this.disk = disk;
        this.events = events;
    }

    /**
     * Returns the locks that were saved last, none when there was never a file; or null when there is a file that cannot be
     * read: then nobody knows who holds what. A backup is older than what clients were told, so it counts only where a save
     * was interrupted between the two renames.
     */
    public @Nullable QueueLockTable load() {
        byte @Nullable [] main = disk.read(PATH);
        byte @Nullable [] content = main != null ? main : disk.read(PATH + ".bak");
        if (content == null) return NONE;
        try {
            return JsonCopies.parse(content, QueueLockTable::read);
        } catch (BadBodyException damaged) {
            events.warn("queue locks lost file=" + PATH + " reason=\"" + damaged.getMessage()
                    + "\" effect=\"no queue is locked for a minute\"");
            return null;
        }
    }

    /**
     * Saves durably.
     *
     * @throws StoreException when it could not; the previous content stays
     */
    public void save(QueueLockTable table) {
        disk.replace(PATH, table.write());
    }
}
