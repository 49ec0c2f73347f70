package io.vostok.store.meta;

import io.vostok.store.StoreEvents;
import io.vostok.store.file.Disk;
import io.vostok.wire.body.SubscriptionGroupTable;
import org.jspecify.annotations.Nullable;

/** {@code config/subscriptionGroup.json} in Apache's form. One thread at a time; every call may block. */
public final class GroupsFile {
    static final String PATH = "config/subscriptionGroup.json";

    private final Disk disk;
    private final StoreEvents events;

    public GroupsFile(Disk disk, StoreEvents events) {
        this.disk = disk;
        this.events = events;
    }

    /**
     * Returns the groups of the newest valid copy, or null when there was never a file. Groups that were left out are
     * reported.
     *
     * @throws io.vostok.store.StoreException DAMAGED when neither the file nor its backup can be read
     */
    public @Nullable SubscriptionGroupTable load() {
        @Nullable SubscriptionGroupTable table = JsonCopies.load(disk, events, PATH, SubscriptionGroupTable::read);
        if (table != null) {
            for (String problem : table.problems()) events.warn("group left out file=" + PATH + " reason=" + problem);
        }
        return table;
    }

    /**
     * Saves durably; the previous content becomes the backup.
     *
     * @throws io.vostok.store.StoreException when it could not; the previous content stays
     */
    public void save(SubscriptionGroupTable table) {
        disk.replace(PATH, table.write());
    }
}
