package io.vostok.store.meta;

import io.vostok.model.DataVersion;
import io.vostok.model.GroupName;
import io.vostok.model.QueueId;
import io.vostok.model.TopicName;
import io.vostok.store.StoreEvents;
import io.vostok.store.StoreException;
import io.vostok.store.StoreException.Kind;
import io.vostok.store.file.Disk;
import io.vostok.store.file.Segment;
import io.vostok.time.Clock;
import io.vostok.wire.body.BadBodyException;
import io.vostok.wire.body.ConsumerOffsetTable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * How far each group has consumed each queue: the next offset it wants.
 *
 * <p>Any thread may read and commit; {@link #force} belongs to one thread. A commit is a store into a mapped file: it
 * survives the end of the process at once and a power cut after the next force. No lock is taken to read, or to commit
 * what was committed before; the first commit of a group to a queue takes one.
 *
 * <p>Apache's {@code config/consumerOffset.json} is written beside the table. When the file was not written by us
 * (Apache's broker had the store meanwhile), opening takes its offsets over. Bytes: {@code docs/formats/consumer-offsets.md}.
 */
public final class ConsumerOffsets implements AutoCloseable {
    /** The largest offset that can be committed: 2<sup>48</sup> - 2. */
    public static final long MAX_OFFSET = OffsetsLayout.MAX_OFFSET;

    static final String JSON = "config/consumerOffset.json";

    private final Disk disk;
    private final StoreEvents events;
    private final Clock clock;
    private final int maxEntries;
    private final OffsetsTable table;
    private final ConcurrentHashMap<
                    GroupName, ConcurrentHashMap<TopicName, ConcurrentHashMap<Integer, OffsetsTable.Slot>>>
            groups = new ConcurrentHashMap<>();
    /** True from the start: a life before this one may have ended between its commits and its force. */
    private final AtomicBoolean changed = new AtomicBoolean(true);

    private final AtomicInteger entries = new AtomicInteger();

    /** The forcing thread's: what the JSON file is known by, as in the header. */
    private final long[] exports = new long[OffsetsLayout.EXPORTS];

    private long lastExport;
    private long exportBefore;
    private volatile DataVersion version;
    private boolean exportFails;

    private ConsumerOffsets(
            Disk disk, StoreEvents events, Clock clock, int maxEntries, OffsetsTable table, DataVersion version) {
        this.disk = disk;
        this.events = events;
        this.clock = clock;
        this.maxEntries = maxEntries;
        this.table = table;
        this.version = version;
    }

    /**
     * Opens the table, or makes it from Apache's JSON, or makes an empty one. Blocks.
     *
     * @param segmentBytes size of a file of the table, a multiple of 4096; a changed size takes effect here
     * @param maxEntries how many offsets there may be
     * @throws StoreException DAMAGED when there is no table and Apache's files cannot be read; DISK_FULL and others when
     *     the table cannot be made
     */
    public static ConsumerOffsets open(Disk disk, StoreEvents events, Clock clock, int segmentBytes, int maxEntries) {
        if (segmentBytes < 4096 || segmentBytes % 4096 != 0) {
            throw new IllegalArgumentException(
                    "size of the offset table's files must be a multiple of 4096 and at least 4096, was "
                            + segmentBytes);
        }
        return new Opening(disk, events, clock, segmentBytes, maxEntries).open();
    }

    /** Returns the offset that {@code group} wants next from {@code queue}, or -1 when it never committed one. */
    public long find(GroupName group, QueueId queue) {
        OffsetsTable.@Nullable Slot slot = slot(group, queue);
        return slot == null ? -1 : slot.offset();
    }

    /**
     * Commits the offset that {@code group} wants next; it may be lower than before.
     *
     * @throws IllegalArgumentException when it is below zero or above {@link #MAX_OFFSET}
     * @throws StoreException when this is the first commit to the queue and there is no room for it: FAILED when the
     *     table has as many entries as it may have, otherwise what the disk said
     */
    public void commit(GroupName group, QueueId queue, long offset) {
        if (offset < 0 || offset > MAX_OFFSET) {
            throw new IllegalArgumentException("offset must be between 0 and " + MAX_OFFSET + ", was " + offset);
        }
        OffsetsTable.@Nullable Slot slot = slot(group, queue);
        if (slot == null) {
            add(group, queue, offset);
        } else {
            slot.set(offset);
        }
        changed.setRelease(true); // after the offset: a force that misses the mark misses only the mark
    }

    /** Forgets what all groups committed to a topic. */
    public void removeTopic(TopicName topic) {
        groups.values().forEach(topics -> remove(topics.get(topic)));
    }

    /** Forgets what a group committed. */
    public void removeGroup(GroupName group) {
        @Nullable Map<TopicName, ConcurrentHashMap<Integer, OffsetsTable.Slot>> topics = groups.get(group);
        if (topics != null) topics.values().forEach(this::remove);
    }

    /** Returns a copy of what a group committed to a topic, by queue index. */
    public Map<Integer, Long> offsets(GroupName group, TopicName topic) {
        @Nullable Map<TopicName, ConcurrentHashMap<Integer, OffsetsTable.Slot>> topics = groups.get(group);
        @Nullable Map<Integer, OffsetsTable.Slot> queues = topics == null ? null : topics.get(topic);
        return queues == null ? Map.of() : Collections.unmodifiableMap(committed(queues));
    }

    /** Returns the topics to which a group has committed. */
    public Set<TopicName> topicsOf(GroupName group) {
        @Nullable Map<TopicName, ConcurrentHashMap<Integer, OffsetsTable.Slot>> topics = groups.get(group);
        Set<TopicName> found = new TreeSet<>();
        if (topics != null) {
            topics.forEach((topic, queues) -> {
                if (!committed(queues).isEmpty()) found.add(topic);
            });
        }
        return Collections.unmodifiableSet(found);
    }

    /** Returns the groups that have committed to a topic. */
    public Set<GroupName> groupsOf(TopicName topic) {
        Set<GroupName> found = new TreeSet<>();
        groups.forEach((group, topics) -> {
            @Nullable Map<Integer, OffsetsTable.Slot> queues = topics.get(topic);
            if (queues != null && !committed(queues).isEmpty()) found.add(group);
        });
        return Collections.unmodifiableSet(found);
    }

    /**
     * Lowers every group's offset that is beyond the end of its queue to that end, and reports each (promise P6). For the
     * start, before anybody commits.
     *
     * @param end of a queue: the offset that its next message gets, 0 for a queue that does not exist
     * @return how many were lowered
     */
    public int clamp(ToLongFunction<QueueId> end) {
        AtomicInteger count = new AtomicInteger();
        groups.forEach((group, topics) -> topics.forEach((topic, queues) -> queues.forEach((index, slot) -> {
            QueueId queue = new QueueId(topic, index);
            long max = end.applyAsLong(queue);
            long was = slot.offset();
            if (was <= max) return;
            slot.set(max);
            changed.setRelease(true);
            count.incrementAndGet();
            events.warn("consumer offset lowered to=" + max + " was=" + was + " group=" + group + " queue=" + queue
                    + " reason=beyond the end of the queue");
        })));
        return count.get();
    }

    /**
     * Makes every commit before this call durable, and writes Apache's JSON when something changed. One thread; blocks.
     *
     * <p>A JSON file that cannot be written is reported and tried again next time: it is a copy.
     *
     * @throws StoreException POISONED when the table could not be forced
     */
    public void force() {
        boolean hasChanged = changed.getAndSet(false);
        if (hasChanged || exportFails) {
            boolean forced = false;
            try {
                table.force();
                forced = true;
            } finally {
                if (!forced) changed.set(true); // so that the next call fails too
            }
            export();
        }
        try {
            table.growAhead();
        } catch (StoreException e) {
            events.warn("consumer offset table not enlarged ahead reason=" + e.getMessage());
        }
    }

    /** Forces and gives the files back; nobody may use this any more. */
    @Override
    public void close() {
        try {
            force();
        } finally {
            table.close();
        }
    }

    private OffsetsTable.@Nullable Slot slot(GroupName group, QueueId queue) {
        @Nullable Map<TopicName, ConcurrentHashMap<Integer, OffsetsTable.Slot>> topics = groups.get(group);
        if (topics == null) return null;
        @Nullable Map<Integer, OffsetsTable.Slot> queues = topics.get(queue.topic());
        return queues == null ? null : queues.get(queue.index());
    }

    private void add(GroupName group, QueueId queue, long offset) {
        OffsetsTable.Slot slot = queuesOf(group, queue.topic()).computeIfAbsent(queue.index(), none -> {
            if (entries.incrementAndGet() > maxEntries) {
                entries.decrementAndGet();
                throw new StoreException(
                        Kind.FAILED,
                        "the table of consumer offsets is full: it has " + maxEntries
                                + " entries; delete groups that nobody uses and start anew, or allow more");
            }
            boolean done = false;
            try {
                OffsetsTable.Slot added = table.add(group, queue, offset);
                done = true;
                return added;
            } finally {
                if (!done) entries.decrementAndGet();
            }
        });
        slot.set(offset); // somebody else may have been first
    }

    private ConcurrentHashMap<Integer, OffsetsTable.Slot> queuesOf(GroupName group, TopicName topic) {
        return groups.computeIfAbsent(group, none -> new ConcurrentHashMap<>())
                .computeIfAbsent(topic, none -> new ConcurrentHashMap<>());
    }

    private void remove(@Nullable Map<Integer, OffsetsTable.Slot> queues) {
        if (queues == null) return;
        queues.values().forEach(slot -> slot.set(-1));
        changed.setRelease(true);
    }

    private static Map<Integer, Long> committed(Map<Integer, OffsetsTable.Slot> queues) {
        TreeMap<Integer, Long> offsets = new TreeMap<>();
        queues.forEach((index, slot) -> {
            long offset = slot.offset();
            if (offset >= 0) offsets.put(index, offset);
        });
        return offsets;
    }

    /** Returns all offsets in Apache's form, with the version of the last exported file. */
    public ConsumerOffsetTable table() {
        return table(version);
    }

    private ConsumerOffsetTable table(DataVersion withVersion) {
        Map<String, Map<Integer, Long>> all = new TreeMap<>();
        groups.forEach((group, topics) -> topics.forEach((topic, queues) -> {
            Map<Integer, Long> offsets = committed(queues);
            if (!offsets.isEmpty()) all.put(ConsumerOffsetTable.key(topic.value(), group.value()), offsets);
        }));
        return new ConsumerOffsetTable(all, withVersion);
    }

    private void export() {
        DataVersion next = version.next(clock.wallMillis());
        byte[] content = table(next).write();
        // First the header, durably, then the file: whenever we stop, the file is known to be ours.
        long fingerprint = OffsetsLayout.fingerprint(content);
        announce(fingerprint);
        try {
            disk.replace(JSON, content);
            isThere(fingerprint);
            version = next;
            exportFails = false;
        } catch (StoreException e) {
            // It may have failed behind the renaming.
            byte @Nullable [] there = disk.read(JSON);
            if (there != null && OffsetsLayout.fingerprint(there) == fingerprint) isThere(fingerprint);
            if (!exportFails) events.warn("consumer offsets not exported file=" + JSON + " reason=" + e.getMessage());
            exportFails = true;
        }
    }

    /**
     * Makes durable that a file with this fingerprint is ours. Overwrites neither the fingerprint of the file that is there nor
     * the one of its backup: only {@link #isThere} changes which those are, so that a full disk, where one export fails after the
     * other, does not make us take our own file for another broker's.
     */
    private void announce(long fingerprint) {
        if (fingerprint != exports[0] && fingerprint != exports[1] && fingerprint != exports[2]) {
            int index = 0;
            while (exports[index] != 0 && (exports[index] == lastExport || exports[index] == exportBefore)) index++;
            exports[index] = fingerprint;
            table.rememberExport(index, fingerprint);
        }
    }

    private void isThere(long fingerprint) {
        exportBefore = lastExport;
        lastExport = fingerprint;
    }

    /** One opening: what was found, and what it becomes. */
    private static final class Opening {
        private final Disk disk;
        private final StoreEvents events;
        private final Clock clock;
        private final int segmentBytes;
        private final int maxEntries;
        private DataVersion version;

        Opening(Disk disk, StoreEvents events, Clock clock, int segmentBytes, int maxEntries) {
            this.disk = disk;
            this.events = events;
            this.clock = clock;
            this.segmentBytes = segmentBytes;
            this.maxEntries = maxEntries;
            this.version = new DataVersion(0, clock.wallMillis(), 0);
        }

        ConsumerOffsets open() {
            List<OffsetsLoader.Generation> generations = new OffsetsLoader(disk, events, segmentBytes).load();
            OffsetsLoader.@Nullable Generation found = null;
            for (OffsetsLoader.Generation generation : generations) {
                if (generation.complete) found = generation;
            }
            @Nullable ConsumerOffsetTable imported = found == null ? fromApacheAlone() : newerThan(found);
            ConsumerOffsets offsets = found != null && imported == null && isGood(found)
                    ? attached(found)
                    : rewritten(
                            found,
                            imported,
                            generations.isEmpty() ? 0 : generations.get(generations.size() - 1).number);
            for (OffsetsLoader.Generation generation : generations) {
                if (generation.number != offsets.table.generation()) delete(generation);
            }
            return offsets;
        }

        private @Nullable ConsumerOffsetTable fromApacheAlone() {
            return JsonCopies.load(disk, events, JSON, ConsumerOffsetTable::read);
        }

        /** Returns what Apache wrote after us, or null when the files are ours, absent or unreadable. */
        private @Nullable ConsumerOffsetTable newerThan(OffsetsLoader.Generation found) {
            for (String path : List.of(JSON, JSON + ".bak")) {
                byte @Nullable [] content = disk.read(path);
                if (content == null) continue;
                try {
                    ConsumerOffsetTable table = JsonCopies.parse(content, ConsumerOffsetTable::read);
                    version = table.version();
                    if (isOurs(found, content)) return null;
                    if (isDamagedCopy(found, content)) {
                        events.warn("file damaged file=" + path + " reason=as long as what we wrote, but not the same"
                                + " follows=the table holds the offsets");
                        continue;
                    }
                    events.info("consumer offsets taken over file=" + path + " reason=written by another broker");
                    return table;
                } catch (BadBodyException e) {
                    events.warn("file damaged file=" + path + " reason=" + e.getMessage()
                            + " follows=the table holds the offsets");
                }
            }
            return null;
        }

        private static boolean isOurs(OffsetsLoader.Generation found, byte[] content) {
            long fingerprint = OffsetsLayout.fingerprint(content);
            for (long known : found.exports) {
                if (known == fingerprint) return true;
            }
            return false;
        }

        /**
         * A turned bit can leave valid JSON with a higher offset, which would skip messages. Should another broker have
         * written a file of just our length, we hold older offsets, which deliver some messages twice.
         */
        private static boolean isDamagedCopy(OffsetsLoader.Generation found, byte[] content) {
            for (long known : found.exports) {
                if (known != 0 && (int) known == content.length) return true;
            }
            return false;
        }

        private static boolean isGood(OffsetsLoader.Generation found) {
            return !found.damaged && found.wastedBytes * 4 <= found.usedBytes;
        }

        private ConsumerOffsets attached(OffsetsLoader.Generation found) {
            OffsetsTable table = new OffsetsTable(disk, segmentBytes, found.number);
            boolean done = false;
            try {
                List<Segment> segments = new ArrayList<>();
                for (int usedTo : found.usedTo) segments.add(table.attach(usedTo));
                ConsumerOffsets offsets = new ConsumerOffsets(disk, events, clock, maxEntries, table, version);
                found.entries.forEach((key, entry) -> offsets.put(
                        key, new OffsetsTable.Slot(segments.get(entry.segment()), entry.cellAt(), entry.keyCrc())));
                offsets.knowExports(found.exports);
                done = true;
                return offsets;
            } finally {
                if (!done) table.close();
            }
        }

        /** Writes a new generation; the old one stays the table until the new one is complete. */
        private ConsumerOffsets rewritten(
                OffsetsLoader.@Nullable Generation found, @Nullable ConsumerOffsetTable imported, int newest) {
            Map<OffsetsLoader.Key, Long> all = new HashMap<>();
            if (found != null) mergeFound(found, all);
            if (imported != null) mergeImported(imported, all);
            OffsetsTable table = new OffsetsTable(disk, segmentBytes, newest + 1);
            boolean done = false;
            try {
                ConsumerOffsets offsets = new ConsumerOffsets(disk, events, clock, maxEntries, table, version);
                new TreeMap<>(sorted(all))
                        .forEach((text, key) ->
                                offsets.put(key, table.add(key.group(), key.queue(), all.getOrDefault(key, 0L))));
                if (found != null) offsets.knowExports(found.exports);
                for (String path : List.of(JSON + ".bak", JSON)) {
                    byte @Nullable [] content = disk.read(path);
                    // Taken over now, or older than what was: never again.
                    if (content == null) continue;
                    offsets.announce(OffsetsLayout.fingerprint(content));
                    offsets.isThere(OffsetsLayout.fingerprint(content));
                }
                for (int i = 0; i < OffsetsLayout.EXPORTS; i++) {
                    if (offsets.exports[i] != 0) table.rememberExport(i, offsets.exports[i]);
                }
                table.complete();
                done = true;
                return offsets;
            } finally {
                if (!done) table.close();
            }
        }

        private static Map<String, OffsetsLoader.Key> sorted(Map<OffsetsLoader.Key, Long> all) {
            Map<String, OffsetsLoader.Key> keys = new TreeMap<>();
            for (OffsetsLoader.Key key : all.keySet()) keys.put(key.group() + "@" + key.queue(), key);
            return keys;
        }

        private void mergeFound(OffsetsLoader.Generation found, Map<OffsetsLoader.Key, Long> all) {
            Map<OffsetsLoader.Key, Long> exported = new HashMap<>();
            if (found.entries.values().stream().anyMatch(entry -> entry.offset() == null)) lastExported(exported);
            found.entries.forEach((key, entry) -> {
                @Nullable Long offset = entry.offset() != null ? entry.offset() : exported.get(key);
                if (offset != null && offset >= 0) all.put(key, offset);
            });
        }

        /** For damaged cells: an older offset delivers some messages twice, none not at all. */
        private void lastExported(Map<OffsetsLoader.Key, Long> exported) {
            try {
                @Nullable ConsumerOffsetTable copy = JsonCopies.load(disk, events, JSON, ConsumerOffsetTable::read);
                if (copy != null) mergeImported(copy, exported);
            } catch (StoreException e) {
                if (e.kind() != Kind.DAMAGED) throw e;
                events.warn("damaged consumer offsets are lost reason=" + e.getMessage());
            }
        }

        private void mergeImported(ConsumerOffsetTable imported, Map<OffsetsLoader.Key, Long> all) {
            version = imported.version();
            imported.offsets().forEach((text, queues) -> {
                int mark = text.indexOf('@');
                String topic = mark < 0 ? "" : text.substring(0, mark);
                String group = text.substring(mark + 1);
                if (TopicName.problem(topic) != null || GroupName.problem(group) != null) {
                    events.warn("consumer offsets left out key=" + text + " file=" + JSON
                            + " reason=no valid topic and group");
                    return;
                }
                queues.forEach((index, offset) -> {
                    if (index < 0 || offset < 0 || offset > MAX_OFFSET) {
                        events.warn("consumer offset left out key=" + text + " queue=" + index + " offset=" + offset
                                + " file=" + JSON + " reason=out of range");
                        return;
                    }
                    all.put(
                            new OffsetsLoader.Key(new GroupName(group), new QueueId(new TopicName(topic), index)),
                            offset);
                });
            });
        }

        private void delete(OffsetsLoader.Generation generation) {
            // The first file last: it says that the generation is complete, should we be stopped in between.
            for (int i = generation.files.size() - 1; i >= 0; i--) disk.delete(generation.files.get(i));
        }
    }

    private void put(OffsetsLoader.Key key, OffsetsTable.Slot slot) {
        queuesOf(key.group(), key.queue().topic()).put(key.queue().index(), slot);
        entries.incrementAndGet();
    }

    private void knowExports(long[] known) {
        System.arraycopy(known, 0, exports, 0, exports.length);
        byte @Nullable [] main = disk.read(JSON);
        byte @Nullable [] backup = disk.read(JSON + ".bak");
        if (main != null) lastExport = OffsetsLayout.fingerprint(main);
        if (backup != null) exportBefore = OffsetsLayout.fingerprint(backup);
    }
}
