package io.vostok.store.meta;

import io.vostok.store.StoreEvents;
import io.vostok.store.StoreException;
import io.vostok.store.file.Disk;
import io.vostok.wire.body.RedrivenTable;
import org.jspecify.annotations.Nullable;

/** {@code config/redriven.json}: which dead letters were sent again. One thread at a time; every call may block. */
public final class RedrivenFile {
    static final String PATH = "config/redriven.json";

    private final Disk disk;
    private final StoreEvents events;

    public RedrivenFile(Disk disk, StoreEvents events) {
        this.disk = disk;
        this.events = events;
    }

    /** Returns what was saved last; nothing, with a warning, when that cannot be read: dead letters may be sent twice then. */
    public RedrivenTable load() {
        try {
            @Nullable RedrivenTable found = JsonCopies.load(disk, events, PATH, RedrivenTable::read);
            return found == null ? RedrivenTable.EMPTY : found;
        } catch (StoreException damaged) {
            if (damaged.kind() != StoreException.Kind.DAMAGED) throw damaged;
            events.warn("redriven dead letters not known effect=\"a redrive sends them again\" reason=\""
                    + damaged.getMessage() + "\"");
            return RedrivenTable.EMPTY;
        }
    }

    /**
     * Saves durably; the previous content becomes the backup.
     *
     * @throws StoreException when it could not; the previous content stays
     */
    public void save(RedrivenTable table) {
        disk.replace(PATH, table.write());
    }
}
