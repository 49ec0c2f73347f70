package io.vostok.store.meta;

import io.vostok.store.StoreEvents;
import io.vostok.store.StoreException;
import io.vostok.store.file.Disk;
import io.vostok.wire.body.DelayOffsetTable;
import org.jspecify.annotations.Nullable;

/** {@code config/delayOffset.json} in Apache's form. One thread at a time; every call may block. */
public final class DelayOffsetsFile {
    static final String PATH = "config/delayOffset.json";

    private final Disk disk;
    private final StoreEvents events;

    public DelayOffsetsFile(Disk disk, StoreEvents events) {
        this.disk = disk;
        this.events = events;
    }

    /**
     * Returns how far each level was delivered, or null when there was never a file.
     *
     * <p>Also null when no copy can be read: what was delivered is then delivered again, but nothing is lost. That is
     * reported.
     */
    public @Nullable DelayOffsetTable load() {
        try {
            return JsonCopies.load(disk, events, PATH, DelayOffsetTable::read);
        } catch (StoreException damaged) {
            if (damaged.kind() != StoreException.Kind.DAMAGED) throw damaged;
            events.warn("delay offsets lost effect=\"delayed messages still in the log come again\" reason=\""
                    + damaged.getMessage() + "\"");
            return null;
        }
    }

    /**
     * Saves durably; the previous content becomes the backup.
     *
     * @throws StoreException when it could not; the previous content stays
     */
    public void save(DelayOffsetTable table) {
        disk.replace(PATH, table.write());
    }
}
