package io.vostok.store.index;

import io.vostok.store.StoreEvents;
import io.vostok.store.file.Disk;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds records by {@code topic#key}, over files that Apache's store can read and go on with. Derived from the log: it may
 * lag behind it, and {@link #indexed()} says up to where it is complete.
 *
 * <p>A crash loses no keys: {@link #checkpoint} makes durable how far the files are; opening cuts them there, and what
 * follows in the log is indexed again.
 *
 * <p>Threads: the dispatching thread adds; housekeeping makes room, checkpoints and deletes; any thread may look up.
 * <p>Bytes: {@code docs/formats/key-index.md}.
 */
public final class KeyIndex {
    /** Apache's number of slots of a file. */
    public static final int DEFAULT_SLOTS = 5_000_000;
    /** Apache's number of entries of a file; the first is never used. */
    public static final int DEFAULT_ENTRIES = 20_000_000;

    static final String FOLDER = "index";
    /** Entries for which room is made ahead: 4 MiB. */
    private static final int AHEAD = (4 << 20) / IndexLayout.ENTRY_BYTES;

    private static final Pattern FILE_NAME = Pattern.compile("\\d{17}");
    private static final DateTimeFormatter NAME = new DateTimeFormatterBuilder()
            .appendPattern("yyyyMMddHHmmss")
            .appendValue(ChronoField.MILLI_OF_SECOND, 3)
            .toFormatter(java.util.Locale.ROOT);

    private final Disk disk;
    private final StoreEvents events;
    private final int slots;
    private final int entries;
    private final IndexMarks marks;
    private final RecordKeys keys = new RecordKeys();
    /** In order of age, the newest last; replaced whole. */
    private volatile IndexFile[] files = {};
    /** Below it every record's keys are in the files. */
    private volatile long indexed;
    /** Keys of the record at {@link #indexed} that are in already, when room ran out between two of them. */
    private int keysDone;
    /** Whether keys wait for room. */
    private volatile boolean starving;
    /** What was forced but must not be promised before the log below it is durable; housekeeping only. */
    private IndexMarks.@Nullable Mark pending;

    private boolean roomMissed;

    /**
     * Opens the files in {@code index}. Cheap after an orderly stop; after a crash reads at most the newest file.
     *
     * @param slots and entries of each file; {@link #problem} says which are possible
     * @param firstPosition where the log starts
     * @param endPosition where it ends; what is said to be indexed behind it is forgotten
     * @param apacheUnclean whether the store was left by a crash of Apache's broker and not by ours
     * @param apacheIndexMillis what Apache's checkpoint says of its full files
     */
    public static KeyIndex open(
            Disk disk,
            StoreEvents events,
            int slots,
            int entries,
            long firstPosition,
            long endPosition,
            boolean apacheUnclean,
            long apacheIndexMillis) {
        KeyIndex index = new KeyIndex(disk, events, slots, entries);
        index.recover(firstPosition, endPosition, apacheUnclean, apacheIndexMillis);
        return index;
    }

    private KeyIndex(Disk disk, StoreEvents events, int slots, int entries) {
        this.disk = disk;
        this.events = events;
        this.slots = slots;
        this.entries = entries;
        this.marks = new IndexMarks(disk);
    }

    /** Returns what is wrong with these sizes, or null. */
    public static @Nullable String problem(int slots, int entries) {
        if (slots < 1) return "store.indexSlots must be at least 1, was " + slots;
        if (entries < 2) return "store.indexEntries must be at least 2, was " + entries;
        long bytes = IndexLayout.fileBytes(slots, entries);
        return bytes <= Integer.MAX_VALUE - 8
                ? null
                : "store.indexSlots and store.indexEntries make a file of " + bytes + " bytes, allowed are 2147483639";
    }

    // Opening.

    private void recover(long first, long end, boolean apacheUnclean, long apacheIndexMillis) {
        boolean whole = load();
        IndexMarks.Mark mark = marks.mark();
        long from;
        if (!whole) {
            from = dropFrom(0, first, "a file has another size than store.indexSlots and store.indexEntries give");
        } else if (mark.present()) {
            from = cutTo(mark, first, end);
        } else {
            int keep = files.length;
            while (apacheUnclean && keep > 0 && files[keep - 1].endMillis() > apacheIndexMillis) keep--;
            if (keep < files.length) dropFrom(keep, first, "unclean stop of another broker");
            from = files.length == 0 ? first : Math.min(newest().endPosition(), end);
            if (files.length > 0) newest().cut(Integer.MAX_VALUE, from);
        }
        indexed = Math.max(first, Math.min(from, end));
        // The old promise must not be found again once other records lie below its position.
        if (mark.present() && indexed != mark.position()) write(indexed);
        if (indexed < end) {
            events.info("key index behind from=" + indexed + " to=" + end + " effect=\"indexed while serving\"");
        }
    }

    /** Returns false when a file has a wrong length or a count that cannot be. */
    private boolean load() {
        int bytes = (int) IndexLayout.fileBytes(slots, entries);
        List<IndexFile> found = new ArrayList<>();
        boolean whole = true;
        for (String name : disk.files(FOLDER)) {
            if (!FILE_NAME.matcher(name).matches()) continue;
            String path = FOLDER + "/" + name;
            if (disk.length(path) != bytes) {
                events.warn("index file dropped path=" + path + " length=" + disk.length(path) + " expected=" + bytes);
                disk.delete(path);
                whole = false;
                continue;
            }
            IndexFile file = new IndexFile(name, disk.open(path, bytes), slots, entries, false);
            whole &= file.plausible();
            found.add(file);
        }
        files = found.toArray(IndexFile[]::new);
        return whole;
    }

    private long cutTo(IndexMarks.Mark mark, long first, long end) {
        long position = Math.min(mark.position(), end);
        int keep = 0;
        while (keep < files.length && Long.parseLong(files[keep].name) <= mark.fileName()) keep++;
        boolean there = mark.fileName() == 0
                || (keep > 0
                        && Long.parseLong(files[keep - 1].name) == mark.fileName()
                        && files[keep - 1].count() >= mark.count());
        // All that the mark speaks of may have expired with the log.
        if (!there && mark.position() > first) return dropFrom(0, first, "the file of the checkpoint is not there");
        while (keep > 0 && files[keep - 1].beginPosition() >= position) keep--;
        if (keep < files.length) dropFrom(keep, first, "behind the checkpoint");
        if (keep > 0) {
            boolean marked = Long.parseLong(newest().name) == mark.fileName();
            newest().cut(marked ? mark.count() : Integer.MAX_VALUE, position);
        }
        return position;
    }

    /** Deletes files from number {@code keep} on; returns {@code first}. */
    private long dropFrom(int keep, long first, String reason) {
        IndexFile[] gone = Arrays.copyOfRange(files, keep, files.length);
        files = Arrays.copyOf(files, keep);
        for (IndexFile file : gone) {
            file.delete(disk);
            events.info("index file deleted path=" + FOLDER + "/" + file.name + " reason=\"" + reason + "\"");
        }
        return first;
    }

    private IndexFile newest() {
        return files[files.length - 1];
    }

    // The dispatching thread.

    /** Returns the position of the log below which all keys are in the index. Any thread. */
    public long indexed() {
        return indexed;
    }

    /** Says that the index is complete below {@code position}; the dispatching thread. */
    public void indexed(long position) {
        keysDone = 0;
        indexed = position;
    }

    /** Tells whether keys can be added: false while they wait for housekeeping to make room. */
    public boolean ready() {
        return !starving || hasRoom();
    }

    /** Tells whether housekeeping should make room now or soon. Any thread. */
    public boolean wantsRoom() {
        if (starving) return !hasRoom();
        IndexFile[] now = files;
        return now.length > 0 && now[now.length - 1].wantsRoom(AHEAD / 2);
    }

    private boolean hasRoom() {
        IndexFile[] now = files;
        return now.length > 0 && now[now.length - 1].hasRoom();
    }

    /**
     * Adds the keys of the record at {@link #indexed()}.
     *
     * @param topicHash of {@link KeyHash#ofTopic}
     * @param properties its properties text, of which the first {@code length} bytes count
     * @return false when there is no room: {@link #indexed()} must stay, and the same record come again
     */
    public boolean add(int topicHash, byte[] properties, int length, long position, long storeMillis) {
        keys.of(properties, length);
        int nr = 0;
        while (keys.next()) {
            if (nr++ < keysDone) continue;
            IndexFile[] now = files;
            @Nullable IndexFile file = now.length == 0 ? null : now[now.length - 1];
            if (file == null || !file.hasRoom()) {
                starving = true;
                return false;
            }
            file.add(KeyHash.of(topicHash, properties, keys.from(), keys.to()), position, storeMillis);
            keysDone = nr;
        }
        starving = false;
        return true;
    }

    // Housekeeping.

    /**
     * Makes a file when keys wait for one, and gives blocks to what will be written next. Blocks.
     *
     * @return true when keys that waited can be added now
     * @throws io.vostok.store.StoreException when a force failed; a disk without room is only told to the operator
     */
    public boolean makeRoom(long nowMillis) {
        if (!wantsRoom()) return false;
        try {
            if (files.length == 0 || newest().full()) addFile(nowMillis);
            newest().makeRoom(AHEAD);
        } catch (io.vostok.store.StoreException e) {
            if (e.kind() == io.vostok.store.StoreException.Kind.POISONED) throw e;
            if (!roomMissed) {
                events.warn("key index waits for room reason=\"" + e.getMessage()
                        + "\" effect=\"queries do not find messages from position " + indexed + " on\"");
            }
            roomMissed = true;
            return false;
        }
        roomMissed = false;
        return starving && hasRoom();
    }

    private void addFile(long nowMillis) {
        @Nullable IndexFile before = files.length == 0 ? null : newest();
        if (before != null) before.file.force();
        String name = NAME.format(LocalDateTime.ofInstant(Instant.ofEpochMilli(nowMillis), ZoneId.systemDefault()));
        if (before != null && name.compareTo(before.name) <= 0) {
            name = NAME.format(LocalDateTime.parse(before.name, NAME).plus(1, ChronoUnit.MILLIS));
        }
        int bytes = (int) IndexLayout.fileBytes(slots, entries);
        IndexFile file = new IndexFile(name, disk.create(FOLDER + "/" + name, bytes), slots, entries, true);
        file.makeRoom(AHEAD);
        if (before != null) file.follow(before);
        IndexFile[] more = Arrays.copyOf(files, files.length + 1);
        more[files.length] = file;
        files = more;
    }

    /**
     * Makes the index durable, and then how far it is, as far as the log below that is durable; what is not yet follows
     * with a later call.
     *
     * @param flushed below which the log is durable
     * @throws io.vostok.store.StoreException POISONED when a force failed
     */
    public void checkpoint(long flushed) {
        promise(flushed);
        if (pending != null) return;
        // The position first: what is added meanwhile is cut off again when it counts.
        long position = indexed;
        if (marks.mark().present() && position == marks.mark().position()) return;
        pending = forced(position);
        promise(flushed);
    }

    private void write(long position) {
        IndexMarks.Mark forced = forced(position);
        marks.write(forced.position(), forced.fileName(), forced.count());
    }

    private IndexMarks.Mark forced(long position) {
        IndexFile[] now = files;
        long name = 0;
        int count = 1;
        if (now.length > 0) {
            IndexFile file = now[now.length - 1];
            count = file.count();
            name = Long.parseLong(file.name);
            file.file.force();
        }
        return new IndexMarks.Mark(0, position, name, count);
    }

    private void promise(long flushed) {
        IndexMarks.@Nullable Mark forced = pending;
        if (forced == null || forced.position() > flushed) return;
        marks.write(forced.position(), forced.fileName(), forced.count());
        pending = null;
    }

    /** Returns the greatest store time in the files that are full and durable: Apache's {@code indexMsgTimestamp}. */
    public long fullFilesEndMillis() {
        IndexFile[] now = files;
        return now.length < 2 ? 0 : now[now.length - 2].endMillis();
    }

    /** Deletes files, but never the newest, whose records the log no longer has. */
    public void deleteBelow(long firstPosition) {
        while (files.length > 1 && files[0].endPosition() < firstPosition) {
            IndexFile gone = files[0];
            files = Arrays.copyOfRange(files, 1, files.length);
            gone.delete(disk);
            events.info(
                    "index file deleted path=" + FOLDER + "/" + gone.name + " reason=\"its messages have expired\"");
        }
    }

    /** Closes the files; nothing is forced. */
    public void close() {
        for (IndexFile file : files) file.file.close();
        marks.close();
    }

    // Any thread.

    /**
     * Shows positions of records that may have the key, newest first, until {@code visitor} says false. Other keys with the
     * same hash, positions that have expired, and a position more than once may be among them.
     *
     * @param hash of {@link KeyHash#of(String, String)}
     * @param beginMillis and {@code endMillis}: the store time lies between them, give or take a second
     */
    public void visit(int hash, long beginMillis, long endMillis, LongPredicate visitor) {
        IndexFile[] now = files;
        for (int i = now.length - 1; i >= 0; i--) {
            if (!now[i].file.acquire()) continue; // it expired
            try {
                if (!now[i].visit(hash, beginMillis, endMillis, visitor)) return;
            } finally {
                now[i].file.release();
            }
        }
    }

    /**
     * Returns where to begin to read all records with keys that were stored at {@code millis} or later and lie at
     * {@code position} or behind: where one of them starts, or {@link #indexed()}.
     */
    public long positionSince(long millis, long position) {
        IndexFile[] now = files;
        long limit = indexed;
        long since = limit;
        for (int i = now.length - 1; i >= 0; i--) {
            if (!now[i].file.acquire()) break; // it expired
            try {
                since = Math.min(since, now[i].positionSince(millis, position, since));
                if (now[i].hasOlderThan(millis, position)) break;
            } finally {
                now[i].file.release();
            }
        }
        return since;
    }

    /** Returns the newest store time of an indexed record, or 0. */
    public long lastStoreMillis() {
        IndexFile[] now = files;
        return now.length == 0 ? 0 : now[now.length - 1].endMillis();
    }

    /** Returns the position of the newest record with a key, or 0. */
    public long lastPosition() {
        IndexFile[] now = files;
        return now.length == 0 ? 0 : now[now.length - 1].endPosition();
    }
}
