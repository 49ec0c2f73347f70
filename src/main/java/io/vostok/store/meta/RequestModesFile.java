package io.vostok.store.meta;

import io.vostok.store.StoreEvents;
import io.vostok.store.StoreException;
import io.vostok.store.file.Disk;
import io.vostok.wire.body.RequestModeTable;
import org.jspecify.annotations.Nullable;

/** {@code config/messageRequestMode.json} in Apache's form. One thread at a time; every call may block. */
public final class RequestModesFile {
    static final String PATH = "config/messageRequestMode.json";

    private final Disk disk;
    private final StoreEvents events;

    public RequestModesFile(Disk disk, StoreEvents events) {
        this.disk = disk;
        this.events = events;
    }

    /**
     * Returns what was saved last, an empty table when nothing ever was.
     *
     * @throws StoreException DAMAGED when there are copies and none can be read
     */
    public RequestModeTable load() {
        @Nullable RequestModeTable found = JsonCopies.load(disk, events, PATH, RequestModeTable::read);
        return found == null ? RequestModeTable.EMPTY : found;
    }

    /**
     * Saves durably; the previous content becomes the backup.
     *
     * @throws StoreException when it could not; the previous content stays
     */
    public void save(RequestModeTable table) {
        disk.replace(PATH, table.write());
    }
}
