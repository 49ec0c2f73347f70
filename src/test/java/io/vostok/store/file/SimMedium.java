package io.vostok.store.file;

import io.vostok.store.StoreException;
import io.vostok.store.StoreException.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What outlives processes: files, names and which of both are durable. Guarded by its own monitor. */
final class SimMedium {
    /** Names as processes see them. */
    final TreeMap<String, SimFile> files = new TreeMap<>();

    final TreeSet<String> folders = new TreeSet<>();
    final Set<String> forceFailures = new HashSet<>();
    final Set<String> poisoned = new HashSet<>();
    long freeBytes = 1L << 40;
    boolean readOnly;
    double pretendedRatio = Double.NaN;

    @Nullable
    SimDisk holder;

    long steps;
    long crashAt = -1;
    boolean crashed;

    /** Names as they are on the medium. */
    private final TreeMap<String, SimFile> durable = new TreeMap<>();

    /** Changes of names that no force of their folder followed yet. */
    private final List<Runnable> unforcedNames = new ArrayList<>();

    /** Files whose names nobody has made durable; a killed process leaves them so. */
    private final TreeMap<String, SimFile> unforcedFiles = new TreeMap<>();

    /** Files that are deleted as processes see it. */
    private final TreeSet<String> unforcedDeletes = new TreeSet<>();

    private @Nullable SimFile lastWritten;
    private int lastAt;
    private byte[] lastBefore = {};

    SimFile existing(String path) {
        @Nullable SimFile file = files.get(path);
        if (file == null) throw new IllegalArgumentException("no such file: " + path);
        return file;
    }

    void link(String path, SimFile file) {
        makeFolders(path);
        giveBackIfLast(files.put(path, file));
        unforcedNames.add(() -> durable.put(path, file));
    }

    void linkUnforced(String path, SimFile file) {
        makeFolders(path);
        giveBackIfLast(files.put(path, file));
        file.keepLength();
        unforcedFiles.put(path, file);
    }

    void unlinkUnforced(String path) {
        giveBackIfLast(files.remove(path));
        unforcedDeletes.add(path);
    }

    void unlink(String path) {
        giveBackIfLast(files.remove(path));
        unforcedNames.add(() -> {
            durable.remove(path);
            unforcedFiles.remove(path);
        });
    }

    void rename(String source, String target) {
        SimFile file = existing(source);
        files.remove(source);
        giveBackIfLast(files.put(target, file));
        unforcedNames.add(() -> {
            durable.remove(source);
            durable.put(target, file);
        });
    }

    /** Makes all names durable: the folder was forced. */
    void settle() {
        unforcedNames.forEach(Runnable::run);
        unforcedNames.clear();
    }

    /** Makes the name of one file durable: it and its folders were forced. */
    void settle(String path) {
        String folder = RelativePath.folderOf(path);
        for (String deleted : List.copyOf(unforcedDeletes)) {
            if (!RelativePath.folderOf(deleted).equals(folder)) continue;
            unforcedDeletes.remove(deleted);
            durable.remove(deleted);
        }
        @Nullable SimFile file = unforcedFiles.remove(path);
        if (file != null) durable.put(path, file);
    }

    void install(String path, SimFile file) {
        link(path, file);
        settle();
    }

    void cutPower(RandomGenerator random) {
        for (Runnable change : unforcedNames) {
            if (random.nextBoolean()) change.run();
        }
        unforcedNames.clear();
        // Of its own, so that a seed's history of everything else does not depend on such files.
        SplittableRandom names = new SplittableRandom(steps);
        TreeMap<String, SimFile> gone = new TreeMap<>();
        for (String deleted : unforcedDeletes) {
            if (names.nextBoolean()) durable.remove(deleted);
        }
        unforcedDeletes.clear();
        for (Map.Entry<String, SimFile> unforced : unforcedFiles.entrySet()) {
            switch (names.nextInt(4)) {
                case 0 -> durable.put(unforced.getKey(), unforced.getValue());
                case 1 -> {
                    gone.put(unforced.getKey(), unforced.getValue());
                    durable.put(unforced.getKey(), new SimFile(0, unforced.getValue().modifiedMillis));
                }
                case 2 -> {
                    gone.put(unforced.getKey(), unforced.getValue());
                    durable.remove(unforced.getKey());
                }
                default -> {
                    // What had the name before still has it.
                }
            }
        }
        unforcedFiles.clear();
        files.clear();
        files.putAll(durable);
        Set<SimFile> seen = java.util.Collections.newSetFromMap(new IdentityHashMap<>());
        TreeMap<String, SimFile> all = new TreeMap<>(files);
        all.putAll(gone);
        for (SimFile file : all.values()) {
            if (seen.add(file)) file.losePower(random);
        }
    }

    /** Takes disk blocks for a stretch of a file. */
    void takeBlocks(String path, SimFile file, int from, int to) {
        int needed = file.missingBlocks(from, to);
        long bytes = (long) needed * SimFile.PAGE;
        if (bytes > freeBytes) throw new StoreException(Kind.DISK_FULL, path + ": no room for " + bytes + " bytes");
        freeBytes -= bytes;
        file.takeBlocks(from, to);
    }

    long usedBytes() {
        Set<SimFile> seen = java.util.Collections.newSetFromMap(new IdentityHashMap<>());
        long used = 0;
        for (SimFile file : files.values()) {
            if (seen.add(file)) used += file.blockBytes();
        }
        return used;
    }

    void write(SimFile file, int at, byte[] source, int from, int length) {
        lastWritten = file;
        lastAt = at;
        lastBefore = new byte[length];
        file.read(at, lastBefore, 0, length);
        file.write(at, source, from, length);
    }

    void tearLastWrite(RandomGenerator random) {
        if (lastWritten == null || lastBefore.length == 0) return;
        int keep = random.nextInt(lastBefore.length);
        lastWritten.write(lastAt + keep, lastBefore, keep, lastBefore.length - keep);
    }

    private void makeFolders(String path) {
        for (String folder = RelativePath.folderOf(path); !folder.isEmpty(); folder = RelativePath.folderOf(folder)) {
            folders.add(folder);
        }
    }

    private void giveBackIfLast(@Nullable SimFile file) {
        if (file == null) return;
        for (Map.Entry<String, SimFile> other : files.entrySet()) {
            if (other.getValue() == file) return;
        }
        freeBytes += file.blockBytes();
    }
}
