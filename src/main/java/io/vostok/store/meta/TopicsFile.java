package io.vostok.store.meta;

import io.vostok.store.StoreEvents;
import io.vostok.store.file.Disk;
import io.vostok.wire.body.TopicConfigTable;
import org.jspecify.annotations.Nullable;

/** {@code config/topics.json} in Apache's form. One thread at a time; every call may block. */
public final class TopicsFile {
    static final String PATH = "config/topics.json";

    private final Disk disk;
    private final StoreEvents events;

    public TopicsFile(Disk disk, StoreEvents events) {
        this.disk = disk;
        this.events = events;
    }

    /**
     * Returns the topics of the newest valid copy, or null when there was never a file. Topics that were left out are
     * reported.
     *
     * @throws io.vostok.store.StoreException DAMAGED when neither the file nor its backup can be read
     */
    public @Nullable TopicConfigTable load() {
        @Nullable TopicConfigTable table = JsonCopies.load(disk, events, PATH, TopicConfigTable::read);
        if (table != null) {
            for (String problem : table.problems()) events.warn("topic left out file=" + PATH + " reason=" + problem);
        }
        return table;
    }

    /**
     * Saves durably; the previous content becomes the backup.
     *
     * @throws io.vostok.store.StoreException when it could not; the previous content stays
     */
    public void save(TopicConfigTable table) {
        disk.replace(PATH, table.write());
    }
}
