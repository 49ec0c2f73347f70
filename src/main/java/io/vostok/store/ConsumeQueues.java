package io.vostok.store;

import io.vostok.model.QueueId;
import io.vostok.model.TopicName;
import io.vostok.store.file.Disk;
import io.vostok.store.meta.DeletedTopics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** All consume queues of the store. Any thread may look up. */
public final class ConsumeQueues {
    /** Enough queues to find a record near any place of the log, few enough to look at before a start. */
    private static final int LOOKED_AT = 64;

    private static final Pattern FILE_NAME = Pattern.compile("\\d{20}");
    private static final Pattern QUEUE_NAME = Pattern.compile("\\d{1,9}");

    private final Disk disk;
    private final LogView log;
    private final StoreEvents events;
    private final QueueMappings mappings;
    private final ConcurrentHashMap<QueueId, ConsumeQueue> queues = new ConcurrentHashMap<>();

    /** @param most queue files that are mapped at a time */
    ConsumeQueues(Disk disk, LogView log, StoreEvents events, int fileUnits, int most) {
        this.disk = disk;
        this.log = log;
        this.events = events;
        this.mappings = new QueueMappings(disk, fileUnits, most);
    }

    /** Returns the queue, or null when no message was ever dispatched to it. */
    public @Nullable ConsumeQueue find(QueueId queue) {
        return queues.get(queue);
    }

    /** Returns the offset that the next message of a queue gets once it is dispatched: 0 when it has none yet. */
    public long maxOffset(QueueId queue) {
        @Nullable ConsumeQueue present = queues.get(queue);
        return present == null ? 0 : present.maxOffset();
    }

    /** Returns the queues that exist. */
    public Set<QueueId> all() {
        return Set.copyOf(queues.keySet());
    }

    /**
     * Forgets a deleted topic's queues and deletes their files. Housekeeping thread; nothing of the topic may be dispatched
     * meanwhile, and {@link CommitLog#forget} comes first.
     */
    public void delete(TopicName topic) {
        for (ConsumeQueue queue : queues.values()) {
            if (!queue.id().topic().equals(topic)) continue;
            queues.remove(queue.id());
            queue.delete();
        }
        String folder = ConsumeQueue.FOLDER + "/" + topic.value();
        if (disk.files(folder).isEmpty() && disk.folders(folder).isEmpty()) disk.delete(folder);
    }

    /** Returns the position of a message before {@code position} of the log, the nearest of those in some of the queues; or -1. */
    long recordBefore(long position) {
        long nearest = -1;
        int left = LOOKED_AT;
        for (ConsumeQueue queue : queues.values()) {
            long before = queue.position(queue.firstPointingFrom(queue.minOffset(), position) - 1);
            if (before < position) nearest = Math.max(nearest, before);
            if (--left == 0) break;
        }
        return nearest;
    }

    Collection<ConsumeQueue> values() {
        return queues.values();
    }

    /** Returns the queue, which is made (without files) when there is none. The dispatching thread. */
    ConsumeQueue findOrMake(QueueId id) {
        @Nullable ConsumeQueue present = queues.get(id);
        if (present != null) return present;
        ConsumeQueue fresh = new ConsumeQueue(id, mappings, log, new QueueFile[0]);
        queues.put(id, fresh);
        return fresh;
    }

    /**
     * Lists the queue files that exist; none is mapped yet.
     *
     * @return false when a file was missing in between or had a wrong size, so that the queues must be derived anew
     */
    boolean list() {
        boolean whole = true;
        for (String topic : disk.folders(ConsumeQueue.FOLDER)) {
            @Nullable String problem = TopicName.problem(topic);
            if (problem != null) {
                events.warn("folder ignored path=" + ConsumeQueue.FOLDER + "/" + topic + " reason=\"" + problem + "\"");
                continue;
            }
            TopicName name = new TopicName(topic);
            for (String index : disk.folders(ConsumeQueue.FOLDER + "/" + topic)) {
                if (!QUEUE_NAME.matcher(index).matches()) continue;
                whole &= list(new QueueId(name, Integer.parseInt(index)));
            }
        }
        return whole;
    }

    private boolean list(QueueId id) {
        String folder = ConsumeQueue.folder(id);
        long fileBytes = mappings.fileBytes();
        List<QueueFile> files = new ArrayList<>();
        boolean whole = true;
        for (String name : disk.files(folder)) {
            if (!FILE_NAME.matcher(name).matches()) continue;
            long start = Long.parseLong(name);
            String path = folder + "/" + name;
            long length = disk.length(path);
            boolean follows = files.isEmpty() || files.get(files.size() - 1).endUnit() * QueueFile.UNIT == start;
            if (length != fileBytes || start % fileBytes != 0 || !follows) {
                events.warn("queue file dropped path=" + path + " length=" + length + " expected=" + fileBytes
                        + " effect=\"the queues are derived from the log anew\"");
                whole = whole && length == 0;
                disk.delete(path);
                continue;
            }
            files.add(new QueueFile(mappings, id, start / QueueFile.UNIT));
        }
        queues.put(id, new ConsumeQueue(id, mappings, log, files.toArray(QueueFile[]::new)));
        return whole;
    }

    /** Finds the end of every queue: see {@link ConsumeQueue#open}. */
    void open(long limit, boolean verify, QueueStarts starts) {
        for (ConsumeQueue queue : queues.values()) queue.open(limit, verify, starts);
    }

    /** Forgets queues to which nothing was derived after {@link #open}. */
    void dropEmpty() {
        for (ConsumeQueue queue : queues.values()) {
            if (queue.maxOffset() > 0) continue;
            queues.remove(queue.id());
            queue.abandon();
        }
    }

    /** Deletes queues of topics whose deletion a crash cut short. */
    void dropDeleted(DeletedTopics deleted) {
        for (ConsumeQueue queue : queues.values()) {
            long before = deleted.before(queue.id().topic());
            if (before == 0 || !queue.endsBefore(before)) continue;
            queues.remove(queue.id());
            queue.delete();
        }
    }

    /** Keeps the offsets of messages that the log lost: see {@link ConsumeQueue#fillBehind}. */
    void fillBehind(long position) {
        queues.values().forEach(queue -> queue.fillBehind(position));
    }

    /** Returns the end of the record that the furthest unit of all queues points to, or -1. Maps the last files. */
    long furthestEnd(QueueStarts starts) {
        long furthest = -1;
        for (ConsumeQueue queue : queues.values()) {
            queue.open(Long.MAX_VALUE, true, starts);
            furthest = Math.max(furthest, queue.endPosition());
        }
        return furthest;
    }

    void close() {
        queues.values().forEach(ConsumeQueue::close);
    }
}
