package io.vostok.store.timer;

import io.vostok.model.MessageProperties;
import io.vostok.model.QueueId;
import io.vostok.model.TopicName;
import io.vostok.store.ConsumeQueue;
import io.vostok.store.ConsumeQueues;
import io.vostok.store.DeletionGuard;
import io.vostok.store.LogView;
import io.vostok.store.QueueUnit;
import io.vostok.store.StoreEvents;
import io.vostok.store.StoreException;
import io.vostok.store.file.Disk;
import io.vostok.store.file.Segment;
import io.vostok.store.timer.TimerMarks.Known;
import io.vostok.store.timer.TimerMarks.Mark;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The messages that wait for a time of their own: tells which is due next and keeps account of what was delivered. An index
 * of the timer queue, derived from the log: all of it in {@link TimerBlocks} on disk, sorted roughly into buckets of two
 * minutes; what is due within the next buckets also in a {@link TimerHeap}, sorted exactly. One thread, the timer's, except
 * where a method says otherwise.
 *
 * <p>Always true: an entry is noted as done only when its copy is durable, so a crash repeats deliveries but loses none. Of
 * the entries that are due, the earliest is handed out first, and nothing is handed out before the index knows all that was
 * stored before it was opened. A recalled message is done before its recall is.
 *
 * <p>Times are wall times: a message waits until the wall clock shows its time. The queue's records must outlive their
 * entries: this is the {@link DeletionGuard} that has them stored again in time.
 */
public final class Timers implements WaitingMessages<TimerDue>, DeletionGuard {
    /** Topic whose queue 0 holds what waits; Apache's. */
    public static final TopicName TOPIC = new TopicName("rmq_sys_wheel_timer");

    public static final QueueId QUEUE = new QueueId(TOPIC, 0);

    /** The wall clock may be set while we sleep; with messages pending it is looked at this often at least. */
    private static final long MOST_SLEEP_MILLIS = 5_000;

    private static final long FIRST_PAUSE_NANOS = 100_000_000;
    private static final long LONGEST_PAUSE_NANOS = 5_000_000_000L;
    private static final long STALL_NANOS = 1_000_000_000;
    /** No further bucket is loaded above this many entries: when all is late, it comes bucket by bucket. */
    private static final int MOST_LOADED = 500_000;
    /** Delivered and not durable yet: a log that is not flushed must not take all memory. */
    private static final int MOST_SETTLING = 200_000;

    private static final int MOST_ROLLING = 256;

    /**
     * How much of what.
     *
     * @param fileBytes of one file of the index, a multiple of 4096
     * @param mostUnderWay messages handed out and not yet answered at once
     */
    public record Limits(int fileBytes, int mostUnderWay) {
        public static final Limits USUAL = new Limits(4 << 20, 1_024);
    }

    private final ConsumeQueues queues;
    private final LogView view;
    private final StoreEvents events;
    private final Limits limits;
    private final TimerMarks marks;
    private final TimerBlocks blocks;
    private final TimerBuckets buckets;
    private final TimerHeap heap = new TimerHeap();
    private final QueueUnit unit = new QueueUnit();
    private final ByteBuffer properties = ByteBuffer.allocate(MessageProperties.LARGEST_BYTES);
    private final long apacheMark;
    private Known known = Known.NOTHING;

    /** Everything below is in the index, and where the newest of it ends in the log. */
    private long indexed;

    private long indexedEnd;
    /** What {@link #indexed} and its end were earlier, while the log below that end is not durable. */
    private long earlierIndexed;

    private long earlierEnd;
    private long durablyIndexed;
    /** Nothing is handed out before the index has got this far: it would come before earlier ones. */
    private long catchUpTo;

    private long stalledUntilNanos;
    private boolean stalled;

    /** Every bucket below is in the heap; of this one, the first {@link #cursor} entries. */
    private long loadedBelow = Long.MIN_VALUE;

    private int cursor;
    /** Entries of an index that was given up carry another one. */
    private int generation;

    private boolean damaged;

    private int waiting;
    private final ArrayDeque<TimerDue> failed = new ArrayDeque<>();
    private long pauseNanos;
    private long retryAtNanos;
    /** Delivered, or without need of it, and not noted yet. */
    private final ArrayDeque<TimerDue> settling = new ArrayDeque<>();
    /** Recalls whose messages may still be handed out, and whom they name. */
    private final List<TimerDue> recalls = new ArrayList<>();

    private final Set<String> recalled = new HashSet<>();
    /** Recalls whose time is over: done once it is durable that the messages they named are. */
    private final List<TimerDue> closedRecalls = new ArrayList<>();

    /** Entries that are stored elsewhere before their time, or soon will be. */
    private final Set<Integer> rolling = new HashSet<>();

    /** Those of them that are delivered before their time. */
    private final Set<Integer> early = new HashSet<>();

    private final ArrayDeque<TimerDue> toRoll = new ArrayDeque<>();
    private int rollBlock = -1;
    private boolean rollClean;
    private long rollTarget;
    private volatile long rollWanted;
    private volatile boolean rollAsked;
    private volatile long rolledBelow;

    private List<Integer> freed = new ArrayList<>();
    private boolean saving;

    /** What is to be made durable: {@link #run} blocks and may run on any thread, {@link Timers#saved} hears of it. */
    public final class Save {
        private final List<Segment> files;
        private final Mark mark;
        private final List<Integer> freeing;
        private final List<TimerDue> closing;

        private Save(List<Segment> files, Mark mark, List<Integer> freeing, List<TimerDue> closing) {
            this.files = files;
            this.mark = mark;
            this.freeing = freeing;
            this.closing = closing;
        }

        /**
         * Forces the index and then records how far it is.
         *
         * @throws StoreException when a force failed: what was delivered since the last time may come again
         */
        public void run() {
            for (Segment file : files) file.force();
            marks.write(mark);
        }
    }

    /** Returns until when, in wall time, an Apache broker ran the timers of this store; 0 when none did. */
    public static long apacheRanMillis(Disk disk) {
        @Nullable ApacheTimers apache = ApacheTimers.read(disk);
        return apache == null ? 0 : apache.readMillis();
    }

    private Timers(Disk disk, ConsumeQueues queues, LogView view, StoreEvents events, Limits limits) {
        this.queues = queues;
        this.view = view;
        this.events = events;
        this.limits = limits;
        marks = new TimerMarks(disk);
        blocks = new TimerBlocks(disk, limits.fileBytes());
        buckets = new TimerBuckets(blocks);
        Mark before = marks.mark();
        @Nullable ApacheTimers apache = ApacheTimers.read(disk);
        apacheMark = apache == null ? before.apacheMark() : apache.mark();
        open(before, apache);
    }

    /**
     * Opens the index and takes up where it left off; makes it anew when it is damaged or when Apache's broker had the store
     * last. Blocks; reads the whole index once, but nothing of the log: that is {@link #work}'s part.
     *
     * @throws StoreException when the disk refuses
     */
    public static Timers open(Disk disk, ConsumeQueues queues, LogView view, StoreEvents events, Limits limits) {
        return new Timers(disk, queues, view, events, limits);
    }

    private void open(Mark before, @Nullable ApacheTimers apache) {
        long max = max();
        catchUpTo = max;
        if (apache != null && before.apacheMark() != apacheMark) {
            events.info("timers taken over read=" + apache.readMillis() + " offset=" + apache.queueOffset());
            startAnew(new Known(apache.queueOffset(), apache.readMillis(), true));
            return;
        }
        long until = Math.min(before.indexed(), max);
        if (!before.present() || !blocks.open(before.files()) || !buckets.recover(until)) {
            if (before.present()) events.warn("timer index made anew reason=\"it is damaged\" indexed=" + until);
            startAnew(knownOf(before));
            return;
        }
        if (until < before.indexed()) {
            events.warn("timer index set back offset=" + before.indexed() + " to=" + until
                    + " reason=\"its queue ends there\"");
        }
        known = before.known();
        indexed = until;
        durablyIndexed = until;
        if (buckets.pending() == 0) {
            buckets.clear();
            blocks.clear();
        }
        // What a kill left unforced may lie in blocks that are used again from now on.
        for (int i = 0; i < blocks.files(); i++) blocks.force(i);
        blocks.takeDirty();
        marks.write(mark());
        if (buckets.pending() > 0) {
            events.info("timers opened pending=" + buckets.pending() + " indexed=" + indexed + " of=" + max);
        }
    }

    private static Known knownOf(Mark before) {
        return before.indexed() < before.known().offset()
                ? before.known()
                : new Known(before.indexed(), before.doneBefore(), false);
    }

    private void startAnew(Known nowKnown) {
        generation++;
        damaged = false;
        heap.clear();
        buckets.clear();
        blocks.clear();
        failed.clear();
        settling.clear();
        recalls.clear();
        recalled.clear();
        closedRecalls.clear();
        rolling.clear();
        early.clear();
        toRoll.clear();
        freed.clear();
        rollBlock = -1;
        known = nowKnown;
        indexed = 0;
        indexedEnd = 0;
        earlierEnd = 0;
        durablyIndexed = 0;
        catchUpTo = max();
        loadedBelow = Long.MIN_VALUE;
        cursor = 0;
        marks.write(mark());
    }

    private Mark mark() {
        return new Mark(0, durablyIndexed, blocks.files(), buckets.firstMillis(), known, apacheMark);
    }

    private long max() {
        @Nullable ConsumeQueue queue = queues.find(QUEUE);
        return queue == null ? 0 : queue.maxOffset();
    }

    // The index.

    /**
     * Does some of what is to be done before messages can be handed out: indexes what has arrived, loads what will be due
     * soon, looks for what the log wants to delete.
     *
     * @param most entries looked at, roughly
     * @return true when more could be done at once
     */
    public boolean work(int most, long nowMillis, long nowNanos) {
        if (damaged) {
            if (saving) return false;
            events.warn("timer index made anew reason=\"it is damaged\" indexed=" + durablyIndexed);
            startAnew(knownOf(marks.mark()));
        }
        boolean more = index(most, nowNanos);
        more |= load(most, nowMillis);
        more |= lookForRolls(Math.max(1, most / TimerBlocks.ENTRIES));
        return more;
    }

    private boolean index(int most, long nowNanos) {
        @Nullable ConsumeQueue queue = queues.find(QUEUE);
        if (queue == null || (stalled && nowNanos - stalledUntilNanos < 0)) return false;
        long max = queue.maxOffset();
        long min = queue.minOffset();
        if (indexed < min) {
            if (indexed > 0) {
                events.warn("timers expired from=" + indexed + " to=" + min
                        + " reason=\"the log deleted them before they were indexed\"");
            }
            indexed = min;
        }
        long end = Math.min(max, indexed + most);
        try {
            while (indexed < end) {
                if (queue.read(indexed, unit)) index(indexed, unit.position(), unit.sizeBytes());
                indexed++;
            }
            stalled = false;
        } catch (StoreException noRoom) {
            if (!stalled) {
                events.warn("timers wait to be indexed offset=" + indexed + " reason=\"" + noRoom.getMessage() + "\"");
            }
            stalled = true;
            stalledUntilNanos = nowNanos + STALL_NANOS;
            return false;
        }
        return indexed < max;
    }

    private void index(long offset, long position, int sizeBytes) {
        indexedEnd = position + sizeBytes;
        properties.clear();
        if (!view.properties(position, sizeBytes, properties)) {
            events.warn("timer passed over offset=" + offset + " position=" + position
                    + " reason=\"its record cannot be read\"");
            return;
        }
        byte[] text = properties.array();
        int length = properties.position();
        @Nullable String time = MessageProperties.get(text, 0, length, MessageProperties.TIMER_OUT_MS);
        long due;
        try {
            due = time == null ? -1 : Long.parseLong(time);
        } catch (NumberFormatException e) {
            due = -1;
        }
        if (due < 0) {
            events.warn("timer passed over offset=" + offset + " position=" + position + " reason=\"its time is `"
                    + time + "`\"");
            return;
        }
        if (isDone(offset, position, due)) return;
        boolean recall = MessageProperties.get(text, 0, length, MessageProperties.TIMER_DEL_UNIQKEY) != null;
        int entry = buckets.add(due, recall, offset, position, sizeBytes);
        if (TimerBuckets.of(due) < loadedBelow) heap.add(due, recall, offset, entry);
    }

    private boolean isDone(long offset, long position, long due) {
        if (offset >= known.offset()) return false;
        long time = known.rolled() ? ApacheTimers.slotMillis(due, view.storeMillis(position)) : due;
        return time < known.beforeMillis();
    }

    /** Puts what is due in this and the next bucket into the heap, bucket by bucket. */
    private boolean load(int most, long nowMillis) {
        long limit = TimerBuckets.of(nowMillis) + 2;
        int left = most;
        while (left > 0) {
            if (cursor == 0) {
                loadedBelow = Math.max(loadedBelow, Math.min(buckets.next(loadedBelow), limit));
                if (loadedBelow >= limit || heap.size() >= MOST_LOADED) return false;
            }
            TimerBuckets.@Nullable Bucket bucket = buckets.find(loadedBelow);
            if (bucket == null) throw new IllegalStateException("bucket " + loadedBelow + " went while it was loaded");
            int end = (bucket.count - 1) * TimerBlocks.ENTRIES + bucket.usedOfLast;
            while (cursor < end && left > 0) {
                int entry = bucket.blocks[cursor / TimerBlocks.ENTRIES] * TimerBlocks.ENTRIES
                        + cursor % TimerBlocks.ENTRIES;
                cursor++;
                left--;
                if (!load(entry)) return false;
            }
            if (cursor == end) {
                cursor = 0;
                loadedBelow++;
                if (bucket.pending == 0) free(loadedBelow - 1);
            }
        }
        return true;
    }

    private boolean load(int entry) {
        if (!blocks.pending(entry)) return true;
        // What is not yet on its way into the timer queue again need not go there any more.
        if (rolling.contains(entry) && !toRoll.removeIf(each -> each.entry == entry)) return true;
        rolling.remove(entry);
        if (!blocks.intact(entry)) {
            damaged = true;
            return false;
        }
        heap.add(buckets.dueMillis(entry), blocks.recall(entry), blocks.offset(entry), entry);
        return true;
    }

    // Handing out.

    /**
     * Returns when the message was due that {@link #take} would hand out now, {@code Long.MAX_VALUE} when it would hand out
     * none.
     */
    public long nextDueMillis(long nowMillis, long nowNanos) {
        if (!failed.isEmpty()) return mayRetry(nowNanos) ? failed.element().dueMillis() : Long.MAX_VALUE;
        if (full() || catchingUp() || damaged) return Long.MAX_VALUE;
        long due = heap.firstDueMillis();
        return due <= nowMillis && TimerBuckets.of(due) < loadedBelow ? due : Long.MAX_VALUE;
    }

    private boolean catchingUp() {
        return indexed < catchUpTo && !stalled;
    }

    private boolean full() {
        return waiting >= limits.mostUnderWay() || settling.size() >= MOST_SETTLING;
    }

    /**
     * Hands out the next message that is due, or null when none is or too many are under way. After a failure the failed
     * ones come again, one at a time, before any other.
     */
    public @Nullable TimerDue take(long nowMillis, long nowNanos) {
        if (nextDueMillis(nowMillis, nowNanos) == Long.MAX_VALUE) return null;
        waiting++;
        if (!failed.isEmpty()) return failed.remove();
        long dueMillis = heap.firstDueMillis();
        closeRecalls(dueMillis);
        int entry = heap.firstEntry();
        heap.removeFirst();
        return due(entry, dueMillis, blocks.recall(entry) ? TimerDue.Kind.RECALL : TimerDue.Kind.DELIVER);
    }

    private TimerDue due(int entry, long dueMillis, TimerDue.Kind kind) {
        return new TimerDue(
                entry,
                generation,
                dueMillis,
                blocks.offset(entry),
                blocks.position(entry),
                blocks.sizeBytes(entry),
                kind);
    }

    private boolean mayRetry(long nowNanos) {
        return waiting == 0 && nowNanos - retryAtNanos >= 0;
    }

    /** Returns how long there is nothing to do, as {@link DelayQueues#sleepMillis}; 0 also when {@link #work} is left. */
    public long sleepMillis(long nowMillis, long nowNanos) {
        if (!failed.isEmpty()) return waiting > 0 ? Long.MAX_VALUE : Math.max(0, millis(retryAtNanos - nowNanos));
        if (full()) return Long.MAX_VALUE;
        long sleep = stalled ? Math.max(1, millis(stalledUntilNanos - nowNanos)) : Long.MAX_VALUE;
        long first = heap.firstDueMillis();
        if (first != Long.MAX_VALUE && !catchingUp()) sleep = Math.min(sleep, Math.max(0, first - nowMillis));
        long bucket = buckets.next(loadedBelow);
        if (bucket != Long.MAX_VALUE && heap.size() < MOST_LOADED) {
            long load = TimerBuckets.startMillis(bucket - 1) - nowMillis;
            sleep = Math.min(sleep, Math.max(0, load));
        }
        return sleep == Long.MAX_VALUE ? sleep : Math.min(sleep, MOST_SLEEP_MILLIS);
    }

    private static long millis(long nanos) {
        return (nanos + 999_999) / 1_000_000;
    }

    @Override
    public void delivered(TimerDue due, long endPosition) {
        pauseNanos = 0;
        due.copyEnd = endPosition;
        settle(due);
    }

    @Override
    public void passedOver(TimerDue due) {
        settle(due);
    }

    private void settle(TimerDue due) {
        waiting--;
        if (due.generation == generation) settling.add(due);
    }

    @Override
    public void failed(TimerDue due, long nowNanos) {
        waiting--;
        if (due.generation != generation) return;
        if (due.isBeforeItsTime() && giveUpRolling(due)) return;
        failed.add(due);
        pauseNanos = pauseNanos == 0 ? FIRST_PAUSE_NANOS : Math.min(LONGEST_PAUSE_NANOS, pauseNanos * 2);
        retryAtNanos = nowNanos + pauseNanos;
    }

    /** The log asks again; until then the message waits where it is. Returns false while its bucket is being loaded. */
    private boolean giveUpRolling(TimerDue due) {
        long bucket = TimerBuckets.of(due.dueMillis());
        if (isLoading(bucket)) return false;
        noLongerBeforeItsTime(due);
        if (bucket < loadedBelow) heap.add(due.dueMillis(), blocks.recall(due.entry), due.offset(), due.entry);
        return true;
    }

    /** The recall {@code due} names the message with {@code key}: see {@link #recalled}. */
    public void recall(TimerDue due, String key) {
        waiting--;
        if (due.generation != generation) return;
        due.recalled = nameOf(due, key);
        recalls.add(due);
        recalled.add(due.recalled);
    }

    /** Tells whether a message must not be delivered. Its recall, if there is one, was handed out before it. */
    public boolean recalled(TimerDue due, String key) {
        return recalled.contains(nameOf(due, key));
    }

    /** Tells whether anything may be recalled; when not, there is no need for a key. */
    public boolean recalling() {
        return !recalls.isEmpty();
    }

    private static String nameOf(TimerDue due, String key) {
        return due.dueMillis() + " " + key;
    }

    /** Forgets recalls of messages that were due before: these were all handed out, or are not there. */
    private void closeRecalls(long beforeMillis) {
        for (Iterator<TimerDue> all = recalls.iterator(); all.hasNext(); ) {
            TimerDue recall = all.next();
            if (recall.dueMillis() >= beforeMillis) continue;
            all.remove();
            recalled.remove(recall.recalled);
            closedRecalls.add(recall);
        }
    }

    /** Returns how many messages were handed out and not yet answered. */
    public int waiting() {
        return waiting;
    }

    /** Returns how many messages wait, those under way and not yet durable included. */
    public long pending() {
        return buckets.pending();
    }

    // What administrators see and do.

    /**
     * Returns what waits from a place in the index on: bucket by bucket, within one in the order of arrival.
     *
     * @param index within the bucket
     * @param mostLookedAt entries, which bounds the time this takes
     */
    public PendingTimers pending(long bucket, int index, int mostLookedAt) {
        List<PendingTimers.Each> found = new ArrayList<>();
        long at = buckets.next(bucket);
        int from = at == bucket ? index : 0;
        for (int left = mostLookedAt; at != Long.MAX_VALUE; at = buckets.next(at + 1), from = 0) {
            TimerBuckets.@Nullable Bucket each = buckets.find(at);
            int end = each == null ? 0 : (each.count - 1) * TimerBlocks.ENTRIES + each.usedOfLast;
            for (; each != null && from < end; from++, left--) {
                if (left == 0) return new PendingTimers(found, at, from);
                int entry = each.blocks[from / TimerBlocks.ENTRIES] * TimerBlocks.ENTRIES + from % TimerBlocks.ENTRIES;
                if (waits(entry, at)) found.add(each(entry, at, from));
            }
            left--;
            if (left <= 0) return new PendingTimers(found, at + 1, 0);
        }
        return new PendingTimers(found, PendingTimers.END, 0);
    }

    /** Of what is loaded everything before the first of the heap was handed out. */
    private boolean waits(int entry, long bucket) {
        if (!blocks.pending(entry) || early.contains(entry)) return false;
        return bucket >= loadedBelow || buckets.dueMillis(entry) >= heap.firstDueMillis();
    }

    private PendingTimers.Each each(int entry, long bucket, int index) {
        return new PendingTimers.Each(
                entry,
                bucket,
                index,
                buckets.dueMillis(entry),
                blocks.recall(entry),
                blocks.offset(entry),
                blocks.position(entry),
                blocks.sizeBytes(entry));
    }

    /** Returns what waits under this number, if it is still the one at {@code offset} and {@code position}. */
    public PendingTimers.@Nullable Each find(int entry, long offset, long position) {
        if (entry < 0 || entry / TimerBlocks.ENTRIES >= blocks.blocks() || damaged) return null;
        if (!blocks.pending(entry) || blocks.offset(entry) != offset || blocks.position(entry) != position) return null;
        long bucket = blocks.bucket(entry / TimerBlocks.ENTRIES);
        return waits(entry, bucket) ? each(entry, bucket, 0) : null;
    }

    /** Tells whether a bucket, or what is left of it, is all in the heap: it is due within minutes. */
    private boolean isLoading(long bucket) {
        return bucket == loadedBelow && cursor > 0;
    }

    /**
     * Hands out a message before its time.
     *
     * @param wanted as {@link #find} returned it in the same turn
     * @return null when it cannot be had in this moment
     */
    public @Nullable TimerDue takeEarly(PendingTimers.Each wanted) {
        int entry = wanted.entry();
        if (full() || !failed.isEmpty() || isLoading(wanted.bucket())) return null;
        if (wanted.bucket() < loadedBelow) {
            if (!heap.remove(entry)) return null;
        } else if (rolling.contains(entry) && !toRoll.removeIf(each -> each.entry == entry)) {
            return null; // On its way into the timer queue again.
        }
        rolling.add(entry);
        early.add(entry);
        waiting++;
        return due(entry, wanted.dueMillis(), TimerDue.Kind.EARLY);
    }

    // Making durable.

    /** Tells whether {@link #toSave} would, now or later, return something. */
    public boolean unsaved() {
        return !settling.isEmpty() || !closedRecalls.isEmpty() || recallsOver() || indexed != durablyIndexed;
    }

    private boolean recallsOver() {
        if (!failed.isEmpty() || waiting > 0) return false;
        for (TimerDue recall : recalls) {
            if (recall.dueMillis() < heap.firstDueMillis()) return true;
        }
        return false;
    }

    /**
     * Notes as done what is, as far as the log is durable, and returns what must be written for it; null when there is
     * nothing, or when a save is under way.
     *
     * @param flushed the log's flushed mark
     */
    public @Nullable Save toSave(long flushed) {
        if (saving || damaged) return null;
        if (recallsOver()) closeRecalls(heap.firstDueMillis());
        for (Iterator<TimerDue> all = settling.iterator(); all.hasNext(); ) {
            TimerDue due = all.next();
            if (due.copyEnd > flushed) continue;
            all.remove();
            done(due);
        }
        long before = durablyIndexed;
        durablyIndexed = indexedBelow(flushed);
        List<Segment> files = blocks.takeDirty();
        if (files.isEmpty() && before == durablyIndexed && closedRecalls.isEmpty() && freed.isEmpty()) return null;
        if (durablyIndexed >= known.offset()) known = Known.NOTHING;
        saving = true;
        Save save = new Save(files, mark(), freed, List.copyOf(closedRecalls));
        freed = new ArrayList<>();
        closedRecalls.clear();
        return save;
    }

    private void done(TimerDue due) {
        long bucket = buckets.done(due.entry);
        noLongerBeforeItsTime(due);
        TimerBuckets.@Nullable Bucket left = buckets.find(bucket);
        if (bucket < loadedBelow && left != null && left.pending == 0) free(bucket);
    }

    private void noLongerBeforeItsTime(TimerDue due) {
        if (!due.isBeforeItsTime()) return;
        rolling.remove(due.entry);
        early.remove(due.entry);
    }

    private void free(long bucket) {
        for (int block : buckets.remove(bucket)) freed.add(block);
    }

    /** Entries count only when the records they were made from are durable: else others may get their offsets. */
    private long indexedBelow(long flushed) {
        if (indexedEnd <= flushed) {
            earlierEnd = 0;
            return indexed;
        }
        long below = durablyIndexed;
        if (earlierEnd > 0 && earlierEnd <= flushed) {
            below = earlierIndexed;
            earlierEnd = 0;
        }
        if (earlierEnd == 0) {
            earlierIndexed = indexed;
            earlierEnd = indexedEnd;
        }
        return below;
    }

    /** {@link Save#run} has returned. */
    public void saved(Save save) {
        saving = false;
        for (int block : save.freeing) blocks.release(block);
        settling.addAll(save.closing);
    }

    /** {@link Save#run} has thrown: the same is offered again. */
    public void notSaved(Save save) {
        saving = false;
        blocks.stillDirty(save.files);
        freed.addAll(save.freeing);
        closedRecalls.addAll(save.closing);
    }

    /** Closes the files; nothing is forced. */
    public void close() {
        blocks.close();
        marks.close();
    }

    // Records that the log wants to delete.

    /** Asks for everything below {@code endPosition} to be stored again. Any thread; the timer must look then. */
    @Override
    public boolean letsGo(long endPosition) {
        if (endPosition <= rolledBelow) return true;
        if (endPosition > rollWanted) rollWanted = endPosition;
        rollAsked = true;
        return false;
    }

    private boolean lookForRolls(int mostBlocks) {
        if (rollBlock < 0) {
            if (!rollAsked || !toRoll.isEmpty()) return false;
            rollAsked = false;
            rollTarget = rollWanted;
            rollBlock = 0;
            rollClean = true;
        }
        int end = Math.min(blocks.blocks(), rollBlock + mostBlocks);
        for (; rollBlock < end; rollBlock++) {
            if (toRoll.size() >= MOST_ROLLING) return false;
            lookAt(rollBlock);
        }
        if (rollBlock < blocks.blocks()) return true;
        rollBlock = -1;
        if (rollClean && (indexed >= max() || startsBehind(rollTarget))) rolledBelow = rollTarget;
        return false;
    }

    private boolean startsBehind(long position) {
        @Nullable ConsumeQueue queue = queues.find(QUEUE);
        return queue != null && queue.read(indexed, unit) && unit.position() >= position;
    }

    private void lookAt(int block) {
        for (int slot = 0; slot < TimerBlocks.ENTRIES; slot++) {
            int entry = block * TimerBlocks.ENTRIES + slot;
            if (!blocks.pending(entry) || blocks.position(entry) >= rollTarget) continue;
            rollClean = false;
            long bucket = blocks.bucket(block);
            // What is in the heap, or about to be, is delivered before long: it must not wait in two places.
            if (bucket < loadedBelow || (bucket == loadedBelow && cursor > 0) || !rolling.add(entry)) continue;
            toRoll.add(due(entry, buckets.dueMillis(entry), TimerDue.Kind.ROLL));
        }
    }

    /** Hands out a message that must be stored again, or null when none must or too many are under way. */
    public @Nullable TimerDue takeRoll() {
        if (toRoll.isEmpty() || full() || !failed.isEmpty() || damaged) return null;
        waiting++;
        return toRoll.remove();
    }
}
