package io.vostok.store.meta;

import io.vostok.model.TopicName;
import io.vostok.store.StoreEvents;
import io.vostok.store.StoreException;
import io.vostok.store.file.Disk;
import io.vostok.wire.body.DeletedTopicTable;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Topics that were deleted while the log still holds records of them: what recovery derives anew must not bring them back,
 * and a topic that is created again under the name must not show them. Kept in {@code config/deletedTopics.json}.
 *
 * <p>Any thread may ask; {@link #add} belongs to the housekeeping thread.
 */
public final class DeletedTopics {
    static final String PATH = "config/deletedTopics.json";

    private final Disk disk;
    private volatile Map<String, Long> positions;

    private DeletedTopics(Disk disk, Map<String, Long> positions) {
        this.disk = disk;
        this.positions = positions;
    }

    /** Loads the table. A file that cannot be read is reported: deleted messages may come back then, none is lost. */
    public static DeletedTopics open(Disk disk, StoreEvents events) {
        try {
            @Nullable DeletedTopicTable table = JsonCopies.load(disk, events, PATH, DeletedTopicTable::read);
            return new DeletedTopics(disk, table == null ? Map.of() : table.positions());
        } catch (StoreException damaged) {
            if (damaged.kind() != StoreException.Kind.DAMAGED) throw damaged;
            events.warn("deleted topics not known effect=\"topics created again may show old messages\" reason=\""
                    + damaged.getMessage() + "\"");
            return new DeletedTopics(disk, Map.of());
        }
    }

    /** Returns the position before which records of {@code topic} belong to a deleted topic; 0 when none do. */
    public long before(TopicName topic) {
        return before(topic.value());
    }

    /** As {@link #before(TopicName)}. */
    public long before(String topic) {
        return positions.getOrDefault(topic, 0L);
    }

    /**
     * Takes notice that the log ends at {@code end}: a power cut may have taken what was behind, and what is appended now is
     * not deleted. For the opening, before anything is appended.
     *
     * @throws StoreException when it could not be written
     */
    public void cut(long end) {
        if (positions.values().stream().allMatch(before -> before <= end)) return;
        Map<String, Long> next = new HashMap<>(positions);
        next.replaceAll((topic, before) -> Math.min(before, end));
        save(next);
    }

    /**
     * Says durably that all records of {@code topic} before {@code position} are deleted, and forgets topics of which the
     * log, which starts at {@code firstPosition}, holds none any more.
     *
     * @throws StoreException when it could not be written; nothing has changed then
     */
    public void add(TopicName topic, long position, long firstPosition) {
        Map<String, Long> next = new HashMap<>(positions);
        next.values().removeIf(before -> before <= firstPosition);
        next.merge(topic.value(), position, Math::max);
        save(next);
    }

    private void save(Map<String, Long> next) {
        disk.replace(PATH, new DeletedTopicTable(next).write());
        positions = next;
    }
}
