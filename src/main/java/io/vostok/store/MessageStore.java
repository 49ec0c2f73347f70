package io.vostok.store;

import io.vostok.store.StoreException.Kind;
import io.vostok.store.file.Disk;
import io.vostok.store.index.KeyIndex;
import io.vostok.store.meta.DeletedTopics;
import io.vostok.time.Clock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One open store: its log, its queues and the work that keeps them. Opening locks the store, loads and recovers it.
 *
 * <p>Threads: each face says who may use it. The store has no thread of its own.
 */
public final class MessageStore implements AutoCloseable {
    private static final Pattern SEGMENT_NAME = Pattern.compile("\\d{20}");
    private static final String ABORT = "abort";
    private static final int FIRST_ROOM_BYTES = 64 * 1024;
    private static final int DISPATCH_BATCH = 10_000;
    /** An orderly stop has some seconds; what the queues lack after it is derived from the log at the next start. */
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(4);
    /** The rest of the queues that were derived anew is forced while the store serves. */
    private static final Duration OPEN_PATIENCE = Duration.ofMillis(500);

    private static final Arrivals NOBODY = (queue, nextOffset, tagsCode) -> {};

    private final Disk disk;
    private final StoreEvents events;
    private final LogFiles files;
    private final Marks marks;
    private final Health health;
    private final LogView view;
    private final ConsumeQueues queues;
    private final DeletedTopics deletedTopics;
    private final Checkpoint checkpoint;
    private final CommitLog log;
    private final Dispatcher dispatcher;
    private final QueueReader reader;
    private final KeyIndex index;
    private final KeyReader keys;
    private final Flusher flusher;
    private final Housekeeping housekeeping;
    private final Clock clock;
    private final NavigableMap<Long, Long> damage;
    /** Where the segment starts that was found cut short and was lengthened, or -1. */
    private long shortSegment = -1;

    private boolean closed;

    /** As {@link #open(StoreSettings, Disk, Clock, StoreEvents, DelayLevels)} with Apache's delay levels. */
    public static MessageStore open(StoreSettings settings, Disk disk, Clock clock, StoreEvents events) {
        return open(settings, disk, clock, events, DelayLevels.defaults());
    }

    /**
     * Locks, loads and recovers the store on {@code disk}; an empty disk becomes an empty store. Blocks.
     *
     * @param levels what the delay levels of messages in the schedule topic mean
     * @throws StoreException when another process has it, or when it cannot be opened without losing what it holds
     */
    public static MessageStore open(
            StoreSettings settings, Disk disk, Clock clock, StoreEvents events, DelayLevels levels) {
        try {
            return openOnce(settings, disk, clock, events, levels);
        } catch (StoreException e) {
            // A broker that was stopped by a full disk must come up to serve reads: that is what the reserve is for.
            if (e.kind() != Kind.DISK_FULL || !disk.freeReserve()) throw e;
            events.warn("reserve given up reason=\"" + e.getMessage() + "\"");
            return openOnce(settings, disk, clock, events, levels);
        }
    }

    private static MessageStore openOnce(
            StoreSettings settings, Disk disk, Clock clock, StoreEvents events, DelayLevels levels) {
        disk.lock();
        LogFiles files = new LogFiles(disk, settings.segmentBytes());
        try {
            return new MessageStore(settings, disk, files, clock, events, levels);
        } catch (RuntimeException e) {
            files.close();
            disk.unlock();
            throw e;
        }
    }

    private MessageStore(
            StoreSettings settings, Disk disk, LogFiles files, Clock clock, StoreEvents events, DelayLevels levels) {
        long startNanos = clock.monotonicNanos();
        this.disk = disk;
        this.events = events;
        this.files = files;
        this.clock = clock;
        marks = new Marks(settings.syncFlush());
        health = new Health(events);
        view = new LogView(files, marks);
        queues = new ConsumeQueues(disk, view, events, settings.queueFileUnits(), settings.mappedQueueFiles());
        QueueStarts starts = new QueueStarts(disk, events);

        boolean aborted = disk.length(ABORT) >= 0;
        loadSegments();
        checkpoint = new Checkpoint(disk, events);
        Checkpoint.State before = checkpoint.state();
        boolean unclean = aborted || (before.present() && !before.clean());
        if (files.all().length == 0 && before.flushed() > 0) throw Recovery.logMissing(before.flushed());
        disk.replace(ABORT, Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8));

        deletedTopics = DeletedTopics.open(disk, events);
        boolean queuesWhole = queues.list();
        Recovery recovery = new Recovery(files, events, settings.maxMessageBytes());
        marks.recovering(lastSegmentEnd());
        long flushed = before.present() ? before.flushed() : startOfNewestRecords(recovery);
        long derived = derivedTo(recovery, before, unclean, queuesWhole, starts);
        long end = recovery.scan(derived, flushed);
        long newest = Math.max(before.storeMillis(), recovery.lastStoreMillis());
        if (!before.present() && recovery.records() == 0) newest = checkpoint.apachePhysicMillis();

        cutBehind(end, before.present() ? Math.min(flushed, end) : derived);
        marks.recovered(end, Math.min(derived, end));
        boolean lost = before.present() && end < flushed;
        if (!lost && derived < before.derived()) {
            // Said before the queues are touched: a crash while they are derived again must not find the old promise.
            checkpoint.write(before.flushed(), derived, false, before.storeMillis(), 0, 0);
        }
        // What the checkpoint vouches for need not agree with a log that lost its end.
        queues.open(lost ? Math.max(derived, before.derived()) : derived, !lost, starts);
        if (lost) queues.fillBehind(end);
        // Before anything is appended: a message of ours must not lie before the end of a log that was longer once.
        deletedTopics.cut(end);
        queues.dropDeleted(deletedTopics);

        log = new CommitLog(files, marks, queues, health, events, newest);
        index = KeyIndex.open(
                disk,
                events,
                settings.indexSlots(),
                settings.indexEntries(),
                files.first(),
                end,
                aborted,
                checkpoint.apacheIndexMillis());
        keys = new KeyReader(index, view, marks, deletedTopics, Recovery.largestRecord(settings.maxMessageBytes()));
        damage = recovery.damage();
        dispatcher = new Dispatcher(files, marks, queues, index, levels, deletedTopics, events, damage);
        reader = new QueueReader(queues, files, view);
        flusher = new Flusher(files, view, marks, queues, index, log, checkpoint, health, clock);
        housekeeping = new Housekeeping(
                settings, disk, files, view, marks, queues, starts, index, deletedTopics, checkpoint, health, events);
        dispatchAll();
        queues.dropEmpty();
        flusher.checkpointWithin(OPEN_PATIENCE, false);

        long millis = (clock.monotonicNanos() - startNanos) / 1_000_000;
        String line = "store opened stop=" + (unclean ? "unclean" : "clean") + " from=" + derived + " to=" + end
                + " records=" + recovery.records() + " damaged="
                + recovery.damage().size() + " end=" + recovery.reason() + " segments=" + files.all().length
                + " queues=" + queues.values().size() + " millis=" + millis;
        if (lost) {
            events.warn("log lost from=" + end + " to=" + flushed
                    + " reason=\"nothing valid follows\" effect=\"flushed messages are gone\"");
        }
        events.info(line);
    }

    private void loadSegments() {
        ShortSegment.finish(disk, files.segmentBytes());
        List<String> names = new ArrayList<>(disk.files(LogFiles.FOLDER));
        names.removeIf(name -> !SEGMENT_NAME.matcher(name).matches());
        for (int i = 0; i < names.size(); i++) {
            long start = Long.parseLong(names.get(i));
            String path = LogFiles.path(start);
            long length = disk.length(path);
            boolean last = i == names.size() - 1;
            if (last && length == 0) {
                disk.delete(path);
            } else if (last && length < files.segmentBytes()) {
                ShortSegment.lengthen(disk, names.get(i), (int) length, files.segmentBytes());
                events.warn("log segment lengthened path=" + path + " was=" + length + " to=" + files.segmentBytes());
                files.open(start);
                shortSegment = start;
            } else if (length != files.segmentBytes() || start % files.segmentBytes() != 0) {
                throw new StoreException(
                        Kind.DAMAGED,
                        path + ": has " + length + " bytes, must have " + files.segmentBytes()
                                + " (store.segmentBytes) and start at a multiple of it");
            } else {
                files.open(start);
            }
        }
    }

    private long lastSegmentEnd() {
        LogSegment[] all = files.all();
        return all.length == 0 ? 0 : all[all.length - 1].end();
    }

    /** Without a checkpoint of ours: segments before the newest that starts with a record count as flushed. */
    private long startOfNewestRecords(Recovery recovery) {
        LogSegment[] all = files.all();
        for (int i = all.length - 1; i > 0; i--) {
            if (recovery.startsWithRecord(all[i])) return all[i].start;
        }
        return 0;
    }

    /** Returns from where the queues must be derived: everything before it is in them. */
    private long derivedTo(
            Recovery recovery, Checkpoint.State before, boolean unclean, boolean queuesWhole, QueueStarts starts) {
        long first = files.first();
        if (!queuesWhole || queues.values().isEmpty()) return first;
        long derived;
        if (before.present()) {
            derived = before.derived();
        } else if (unclean) {
            derived = first;
            for (LogSegment segment : files.all()) {
                long millis = recovery.firstStoreMillis(segment);
                if (millis > 0 && millis <= checkpoint.apacheSafeMillis()) derived = segment.start;
            }
        } else {
            derived = queues.furthestEnd(starts);
        }
        if (shortSegment >= 0) derived = Math.min(derived, shortSegment);
        if (derived <= first) return first;
        if (derived > lastSegmentEnd()) return startOfLastSegment(first);
        // Where the flushed part ends anything may follow; before it a record must start, or the mark is not of this
        // log.
        if (derived == before.flushed() || derived == lastSegmentEnd() || recovery.isBoundary(derived)) return derived;
        if (isZero(derived)) return derived;
        @Nullable LogSegment segment = files.find(derived);
        return segment == null ? derived : segment.start;
    }

    private long startOfLastSegment(long first) {
        LogSegment[] all = files.all();
        return all.length == 0 ? first : all[all.length - 1].start;
    }

    private boolean isZero(long position) {
        @Nullable LogSegment segment = files.find(position);
        return segment != null && segment.file.getInt(segment.at(position)) == 0;
    }

    /**
     * Makes the log durable from {@code from} to its end and what is behind it zero. It is written again and not only
     * forced: after a failed force the system may have pages that it takes for clean, though the disk does not have them. Segments behind the one that holds the end go, but an
     * unused next one stays.
     */
    private void cutBehind(long end, long from) {
        @Nullable LogSegment holder = files.find(end);
        for (LogSegment segment : files.all()) {
            boolean next = holder != null && segment.start == holder.end() && segment.file.getInt(0) == 0;
            if (segment.start > end && !next) {
                files.remove(segment);
                events.info("log segment deleted start=" + segment.start + " reason=\"behind the end " + end + "\"");
            }
        }
        try {
            if (holder != null) {
                int at = holder.at(end);
                holder.holdsRecordsTo(at);
                holder.makeRoom(at, (int) Math.min(holder.file.sizeBytes(), (long) at + FIRST_ROOM_BYTES));
            }
        } catch (StoreException e) {
            if (e.kind() == Kind.POISONED) throw e;
            health.noRoom(e); // nothing is appended before there is room
        }
        for (LogSegment segment : files.all()) {
            if (segment.end() <= from || segment.start >= end) continue;
            int to = segment.at(Math.min(end, segment.end()));
            segment.writeAgain(segment.at(Math.max(from, segment.start)), to);
        }
    }

    private void dispatchAll() {
        while (dispatcher.dispatchQueues(DISPATCH_BATCH, NOBODY) > 0) {
            // Each call takes a bounded part; the rest comes with the next. What the index lacks comes while serving.
        }
    }

    /** Returns the writing face of the log: the thread of CommitLogVerticle only. */
    public CommitLog log() {
        return log;
    }

    /**
     * Returns what knows sends that come a second time, with those of the last {@code window} that the log holds: the thread
     * of CommitLogVerticle only. Blocks while it reads the end of the log.
     *
     * @param most sends remembered at a time
     * @param seed chosen anew by each process
     */
    public RecentSends recentSends(Duration window, int most, long seed) {
        RecentSends recent = new RecentSends(files, marks, deletedTopics, window, most, seed);
        long wallMillis = clock.wallMillis();
        long atMost = marks.appended() - RecentReplay.MOST_BYTES;
        long from = index.positionSince(wallMillis - window.toMillis(), Math.max(files.first(), atMost));
        if (from < atMost) from = Math.max(from, recordBefore(atMost));
        long startNanos = clock.monotonicNanos();
        new RecentReplay(files, damage, recent, wallMillis, startNanos).learn(from, marks.appended());
        events.info("recent sends learned from=" + from + " to=" + marks.appended() + " sends=" + recent.size()
                + " millis=" + (clock.monotonicNanos() - startNanos) / 1_000_000);
        return recent;
    }

    /** Returns where a record starts, not far before {@code position}, as the queues tell; -1 when they do not. */
    private long recordBefore(long position) {
        long start = queues.recordBefore(position);
        return start >= 0 && view.sizeBytes(start) > 0 ? start : -1;
    }

    /** Returns the reading face of the log: any thread. */
    public LogView view() {
        return view;
    }

    /** Returns the queues: any thread may read, the dispatching thread writes. */
    public ConsumeQueues queues() {
        return queues;
    }

    /** Returns what fills the queues from the log: the thread of DispatchVerticle only. */
    public Dispatcher dispatcher() {
        return dispatcher;
    }

    /** Returns what reads messages of a queue: any thread. */
    public QueueReader reader() {
        return reader;
    }

    /** Returns the key index itself, which tests look into. */
    KeyIndex index() {
        return index;
    }

    /** Returns what finds messages by key: any thread that may block. */
    public KeyReader keys() {
        return keys;
    }

    /** Returns what makes the log and its checkpoints durable: the flush thread only. */
    public Flusher flusher() {
        return flusher;
    }

    /** Returns what makes room ahead and takes away what is too old: the housekeeping thread only. */
    public Housekeeping housekeeping() {
        return housekeeping;
    }

    /** Returns why nothing can be appended now, or null. Any thread. */
    public @Nullable StoreException refusal() {
        return health.refusal();
    }

    /** Returns which records belong to topics that were deleted. */
    public DeletedTopics deletedTopics() {
        return deletedTopics;
    }

    public Watermarks watermarks() {
        return marks;
    }

    /**
     * Makes everything durable, leaves the marks of a clean stop and gives the store back. No other thread may use it any
     * more. When something fails the store is given back all the same, and the stop counts as unclean.
     */
    @Override
    public void close() {
        if (closed) return;
        closed = true;
        try {
            flusher.flush();
            dispatchAll();
            flusher.checkpointWithin(CLOSE_PATIENCE, true);
            disk.delete(ABORT);
        } catch (StoreException e) {
            events.warn("store closed stop=unclean reason=\"" + e.getMessage() + "\"");
        } finally {
            queues.close();
            index.close();
            files.close();
            checkpoint.close();
            disk.unlock();
        }
    }
}
