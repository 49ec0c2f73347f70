package io.vostok.store;

import io.vostok.model.QueueId;
import io.vostok.model.SysFlag;
import io.vostok.model.TopicName;
import io.vostok.store.StoreException.Kind;
import io.vostok.store.file.Segment;
import io.vostok.store.index.KeyHash;
import io.vostok.store.index.KeyIndex;
import io.vostok.store.meta.DeletedTopics;
import io.vostok.wire.record.RecordLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/** Derives the consume queues and the key index from the log. The thread of DispatchVerticle only. */
public final class Dispatcher {
    private final LogFiles files;
    private final Marks marks;
    private final ConsumeQueues queues;
    private final KeyIndex index;
    private final DelayLevels levels;
    private final DeletedTopics deletedTopics;
    private final StoreEvents events;
    /** Where recovery found damage: from its position to where the log goes on. */
    private final NavigableMap<Long, Long> damage;

    private final ByteBuffer topic = ByteBuffer.allocate(Short.MAX_VALUE);
    private final ByteBuffer properties = ByteBuffer.allocate(RecordLayout.MAX_PROPERTIES);
    private Known[] known = new Known[256];
    private int knownCount;
    /** Whether the keys of the record just passed found no room; not asked of the index, which gets room meanwhile. */
    private boolean keysRefused;

    /** A queue by the bytes of its topic, so that no name is built for a record. */
    private static final class Known {
        final byte[] topic;
        final int hash;
        final QueueId id;
        final boolean scheduled;
        final int keyHash;
        ConsumeQueue queue;
        /** Records before it belong to a deleted topic of the same name. */
        long deletedBefore;

        Known(byte[] topic, int hash, QueueId id, ConsumeQueue queue, long deletedBefore) {
            this.topic = topic;
            this.hash = hash;
            this.id = id;
            this.queue = queue;
            this.deletedBefore = deletedBefore;
            this.scheduled = id.topic().value().equals(TagsCode.SCHEDULE_TOPIC);
            this.keyHash = KeyHash.ofTopic(topic, topic.length);
        }
    }

    Dispatcher(
            LogFiles files,
            Marks marks,
            ConsumeQueues queues,
            KeyIndex index,
            DelayLevels levels,
            DeletedTopics deletedTopics,
            StoreEvents events,
            NavigableMap<Long, Long> damage) {
        this.files = files;
        this.marks = marks;
        this.queues = queues;
        this.index = index;
        this.levels = levels;
        this.deletedTopics = deletedTopics;
        this.events = events;
        this.damage = damage;
    }

    /**
     * Puts records from {@code dispatched} up to {@code confirmed} into their queues, at most {@code maxRecords} of them,
     * and their keys into the index. The index may lag behind the queues when it had to wait for room; it catches up with
     * what a call has left, and a quarter of it at least.
     *
     * @return true when records are left: call again after letting other work run
     * @throws StoreException when a queue could not be written; nothing was lost, the same records come again
     */
    public boolean dispatch(int maxRecords, Arrivals arrivals) {
        int done = dispatchQueues(maxRecords, arrivals);
        boolean indexLeft = catchUp(Math.max(maxRecords - done, Math.max(1, maxRecords / 4)));
        return behind() || indexLeft;
    }

    /** Tells whether confirmed records wait for their queues. Any thread. */
    public boolean behind() {
        return marks.dispatched() < marks.confirmed();
    }

    /** Tells whether keys wait, or soon will, for housekeeping to make room in the index. Any thread. */
    public boolean indexWantsRoom() {
        return index.wantsRoom();
    }

    /** Fills the queues, and the index where it stands at the same record. Returns how many records were passed. */
    int dispatchQueues(int maxRecords, Arrivals arrivals) {
        long limit = marks.confirmed();
        long position = marks.dispatched();
        int done = 0;
        while (position < limit && done < maxRecords) {
            long start = position;
            keysRefused = false;
            @Nullable LogSegment segment = files.find(position);
            @Nullable Long damageEnd = damage.get(position);
            if (segment == null) {
                position = skipHole(position, limit);
            } else if (damageEnd != null) {
                skipDamage(segment, position, damageEnd);
                position = Math.min(damageEnd, limit);
            } else {
                position = step(segment, position, arrivals);
            }
            if (index.indexed() == start && !keysRefused) index.indexed(Math.min(position, limit));
            marks.dispatched(Math.min(position, limit));
            done++;
        }
        return done;
    }

    /** Indexes records that are in their queues already. Returns true when more could be done at once. */
    private boolean catchUp(int maxRecords) {
        long limit = marks.dispatched();
        long position = index.indexed();
        int done = 0;
        while (position < limit && index.ready() && done < maxRecords) {
            @Nullable LogSegment segment = files.find(position);
            @Nullable Long damageEnd = damage.get(position);
            if (segment == null) {
                position = skipHole(position, limit);
            } else if (damageEnd != null) {
                position = damageEnd;
            } else {
                keysRefused = false;
                long next = step(segment, position, null);
                if (keysRefused) return false;
                position = next;
            }
            position = Math.min(position, limit);
            index.indexed(position);
            done++;
        }
        return position < limit && index.ready();
    }

    private long skipHole(long position, long limit) {
        @Nullable LogSegment next = files.next(position);
        return next == null ? limit : Math.min(limit, next.start);
    }

    /** @param arrivals null when the record is in its queue and only its keys are wanted */
    private long step(LogSegment segment, long position, @Nullable Arrivals arrivals) {
        if (!segment.file.acquire()) return segment.end();
        try {
            Segment file = segment.file;
            int at = segment.at(position);
            int left = file.sizeBytes() - at;
            if (left < RecordLayout.BLANK_BYTES) return segment.end();
            int size = file.getInt(at);
            int magic = file.getInt(at + RecordLayout.MAGIC);
            if (magic == RecordLayout.MAGIC_BLANK && size == left) return segment.end();
            if (size < RecordLayout.SMALLEST
                    || size > left
                    || !RecordLayout.isMessage(magic)
                    || file.getLong(at + RecordLayout.PHYSICAL_OFFSET) != position) {
                throw new StoreException(
                        Kind.DAMAGED,
                        LogFiles.path(segment.start) + ": no record at position " + position + ", size word " + size);
            }
            derive(file, at, size, magic, position, arrivals);
            return position + size;
        } finally {
            segment.file.release();
        }
    }

    private void derive(Segment file, int at, int size, int magic, long position, @Nullable Arrivals arrivals) {
        int sysFlag = file.getInt(at + RecordLayout.SYS_FLAG);
        boolean rolledBack = (sysFlag & SysFlag.TRANSACTION_MASK) == SysFlag.TRANSACTION_MASK;
        boolean hidden = SysFlag.hiddenFromQueues(sysFlag);
        if (rolledBack || (hidden && index.indexed() != position)) return;
        @Nullable Known target = readTopic(file, at, size, magic, sysFlag);
        if (target == null) {
            if (arrivals == null) return; // said when it was dispatched
            events.warn("record without queue position=" + position + " reason=\"its topic or queue is not valid\"");
            return;
        }
        if (position < target.deletedBefore) return;
        int topicEnd = topicAt(file, at, magic, sysFlag) + topic.limit();
        int propertiesLength = shortAt(file, topicEnd);
        properties.clear();
        if (propertiesLength > 0 && topicEnd + 2 + propertiesLength <= at + size) {
            file.get(topicEnd + 2, propertiesLength, properties);
        }
        long storeMillis = file.getLong(at + RecordLayout.storeTimestamp(sysFlag));
        if (index.indexed() == position && properties.position() > 0) {
            keysRefused = !index.add(target.keyHash, properties.array(), properties.position(), position, storeMillis);
        }
        if (arrivals == null || hidden) return;
        long tagsCode = TagsCode.of(properties.array(), properties.position(), target.scheduled, storeMillis, levels);
        long offset = file.getLong(at + RecordLayout.QUEUE_OFFSET);
        if (target.queue.append(offset, position, size, tagsCode, events)) {
            arrivals.arrived(target.id, offset + 1, tagsCode);
        }
    }

    /** Keeps the offset of a record that cannot be read, if its head still says which one that was. */
    private void skipDamage(LogSegment segment, long position, long end) {
        int at = segment.at(position);
        int left = segment.file.sizeBytes() - at;
        int size = (int) Math.min(left, end - position);
        if (size < RecordLayout.SMALLEST) return;
        int magic = segment.file.getInt(at + RecordLayout.MAGIC);
        int sysFlag = segment.file.getInt(at + RecordLayout.SYS_FLAG);
        if (!RecordLayout.isMessage(magic) || SysFlag.hiddenFromQueues(sysFlag)) return;
        @Nullable Known target = readTopic(segment.file, at, size, magic, sysFlag);
        if (target == null || position < target.deletedBefore) return;
        target.queue.fillerFor(segment.file.getLong(at + RecordLayout.QUEUE_OFFSET), end);
    }

    private static int topicAt(Segment file, int at, int magic, int sysFlag) {
        return at
                + RecordLayout.body(sysFlag)
                + file.getInt(at + RecordLayout.bodyLength(sysFlag))
                + RecordLayout.topicLengthBytes(magic);
    }

    /** Returns the queue of the record, or null when topic or queue id cannot be one. */
    private @Nullable Known readTopic(Segment file, int at, int size, int magic, int sysFlag) {
        int bodyLength = file.getInt(at + RecordLayout.bodyLength(sysFlag));
        if (bodyLength < 0 || bodyLength > size - RecordLayout.SMALLEST) return null;
        int from = topicAt(file, at, magic, sysFlag);
        int length = magic == RecordLayout.MAGIC_V2 ? shortAt(file, from - 2) : file.getByte(from - 1);
        if (length <= 0 || from + length + 2 > at + size) return null;
        topic.clear();
        file.get(from, length, topic);
        topic.flip();
        return find(file.getInt(at + RecordLayout.QUEUE_ID));
    }

    private static int shortAt(Segment file, int at) {
        return (short) ((file.getByte(at) << 8) | (file.getByte(at + 1) & 0xFF));
    }

    private @Nullable Known find(int queueId) {
        int hash = queueId;
        byte[] name = topic.array();
        int length = topic.limit();
        for (int i = 0; i < length; i++) hash = 31 * hash + name[i];
        int mask = known.length - 1;
        for (int slot = hash & mask; ; slot = (slot + 1) & mask) {
            @Nullable Known candidate = known[slot];
            if (candidate == null) return learn(hash, queueId);
            if (candidate.hash == hash
                    && candidate.id.index() == queueId
                    && Arrays.equals(candidate.topic, 0, candidate.topic.length, name, 0, length)) {
                if (candidate.queue.deleted()) {
                    candidate.queue = queues.findOrMake(candidate.id);
                    candidate.deletedBefore = deletedTopics.before(candidate.id.topic());
                }
                return candidate;
            }
        }
    }

    private @Nullable Known learn(int hash, int queueId) {
        String name = new String(topic.array(), 0, topic.limit(), StandardCharsets.UTF_8);
        if (queueId < 0 || TopicName.problem(name) != null) return null;
        byte[] bytes = Arrays.copyOf(topic.array(), topic.limit());
        if (++knownCount * 2 > known.length) grow();
        ConsumeQueue queue = queues.findOrMake(new QueueId(new TopicName(name), queueId));
        Known fresh = new Known(
                bytes, hash, queue.id(), queue, deletedTopics.before(queue.id().topic()));
        place(known, fresh);
        return fresh;
    }

    private void grow() {
        Known[] larger = new Known[known.length * 2];
        for (Known entry : known) {
            if (entry != null) place(larger, entry);
        }
        known = larger;
    }

    private static void place(Known[] table, Known entry) {
        int slot = entry.hash & (table.length - 1);
        while (table[slot] != null) slot = (slot + 1) & (table.length - 1);
        table[slot] = entry;
    }
}
