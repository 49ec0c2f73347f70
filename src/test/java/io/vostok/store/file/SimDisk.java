package io.vostok.store.file;

import io.vostok.store.StoreException;
import io.vostok.store.StoreException.Kind;
import io.vostok.time.Clock;
import io.vostok.time.ManualClock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that can lose what was not forced, as a process sees it. Any thread; every call is serialised.
 *
 * <p>One object is one life of one process: {@link #crashProcess} and {@link #powerCut} end it and return the next one on
 * the same medium. The dead one refuses everything but giving back, so that a thread of the old process can do no harm.
 *
 * <p>What a power cut takes: each sector (512 bytes) written since the last force of its file is kept or lost by chance,
 * each by itself; and the namespace operations (create, rename, delete) of a call that had not returned. After a failed
 * force the unforced pages of that file are readable, but a later force does not make them durable.
 */
public final class SimDisk implements Disk {
    private final SimMedium medium;
    private volatile Runnable hanging = () -> {};
    private final Clock clock;
    private boolean dead;
    private int mapped;
    private int mostMapped;

    /** An empty disk whose clock stands still. */
    public SimDisk() {
        this(new ManualClock(1_700_000_000_000L));
    }

    public SimDisk(Clock clock) {
        this(new SimMedium(), clock);
    }

    private SimDisk(SimMedium medium, Clock clock) {
        this.medium = medium;
        this.clock = clock;
    }

    // What happens to the disk.

    /** Kills the process: everything written stays, leases and the lock are gone. Returns the disk of the next process. */
    public SimDisk crashProcess() {
        synchronized (medium) {
            die();
            medium.settle();
            return new SimDisk(medium, clock);
        }
    }

    /** Cuts the power: what was not forced is kept or lost by {@code random}. Returns the disk of the next process. */
    public SimDisk powerCut(RandomGenerator random) {
        synchronized (medium) {
            die();
            medium.cutPower(random);
            return new SimDisk(medium, clock);
        }
    }

    /** Returns the disk as a second process on the same machine sees it. */
    public SimDisk anotherProcess() {
        return new SimDisk(medium, clock);
    }

    /** Undoes the last part of the last write, from a byte chosen by {@code random}; before {@link #crashProcess}. */
    public void tearLastWrite(RandomGenerator random) {
        synchronized (medium) {
            medium.tearLastWrite(random);
        }
    }

    /** Turns one bit of a file over, on the medium and for readers. Bit 0 is the lowest bit of the first byte. */
    public void flipBit(String path, long bit) {
        synchronized (medium) {
            medium.existing(path).flip(bit);
        }
    }

    /** Makes this process' next force of {@code path} fail; its unforced pages will never be durable. */
    public void failNextForce(String path) {
        synchronized (medium) {
            medium.forceFailures.add(path);
        }
    }

    /** Lets forces hang until {@code answer}; returns what the first of them counts down when it begins to. */
    public CountDownLatch hangForces(CountDownLatch answer) {
        CountDownLatch asked = new CountDownLatch(1);
        hanging = () -> {
            asked.countDown();
            try {
                answer.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        return asked;
    }

    /** Called before each force, outside of every lock. */
    void hang() {
        hanging.run();
    }

    /** Leaves {@code bytesFree} bytes of the disk free. */
    public void fillUp(long bytesFree) {
        synchronized (medium) {
            medium.freeBytes = bytesFree;
        }
    }

    /** Makes the disk refuse every change, or take them again. A force of changed pages fails meanwhile. */
    public void readOnly(boolean on) {
        synchronized (medium) {
            medium.readOnly = on;
        }
    }

    /** Makes {@link #usedRatio} answer {@code ratio}, or the truth again when it is NaN. */
    public void pretendUsedRatio(double ratio) {
        synchronized (medium) {
            medium.pretendedRatio = ratio;
        }
    }

    /**
     * Ends the process with {@link SimCrash} before the {@code step}-th step from now (1 is the very next one) is done.
     * Every write, force, create, rename and delete is a step. Then call {@link #crashProcess} or {@link #powerCut}.
     */
    public void crashAtStep(long step) {
        synchronized (medium) {
            medium.crashAt = medium.steps + step;
        }
    }

    /** Returns how many steps were done on this medium. */
    public long steps() {
        synchronized (medium) {
            return medium.steps;
        }
    }

    /** Puts a file there, durably, as if it had been copied in; for stores that others wrote. */
    public void write(String path, byte[] content) {
        synchronized (medium) {
            SimFile file = new SimFile(content.length, clock.wallMillis());
            file.write(0, content, 0, content.length);
            file.markForced();
            medium.install(RelativePath.check(path), file);
        }
    }

    /** Cuts a file, or makes it longer by zeros, durably. */
    public void truncate(String path, int sizeBytes) {
        synchronized (medium) {
            byte[] content = medium.existing(path).content();
            write(path, java.util.Arrays.copyOf(content, sizeBytes));
        }
    }

    public void setModified(String path, long millis) {
        synchronized (medium) {
            medium.existing(path).modifiedMillis = millis;
        }
    }

    /** Returns how many segments of this process are mapped: closed ones with leases count. */
    public int mappedSegments() {
        synchronized (medium) {
            return mapped;
        }
    }

    /** Returns how many segments of this process were mapped at the same time at most. */
    public int mostMappedSegments() {
        synchronized (medium) {
            return mostMapped;
        }
    }

    // The disk.

    @Override
    public void lock() {
        synchronized (medium) {
            alive();
            if (medium.holder != null) {
                throw new StoreException(Kind.IN_USE, "lock: another process has this store");
            }
            changing("lock");
            medium.holder = this;
        }
    }

    @Override
    public void unlock() {
        synchronized (medium) {
            if (medium.holder == this) medium.holder = null;
        }
    }

    @Override
    public List<String> files(String folder) {
        return names(folder, false);
    }

    @Override
    public List<String> folders(String folder) {
        return names(folder, true);
    }

    @Override
    public long length(String path) {
        return lookUp(path, file -> file.length, -1);
    }

    @Override
    public long modifiedMillis(String path) {
        return lookUp(path, file -> file.modifiedMillis, 0);
    }

    @Override
    public Segment create(String path, int sizeBytes) {
        synchronized (medium) {
            alive();
            RelativePath.check(path);
            changing(path);
            if (medium.files.containsKey(path)) throw new StoreException(Kind.FAILED, path + ": exists already");
            step("create " + path);
            SimFile file = new SimFile(sizeBytes, clock.wallMillis());
            medium.link(path, file);
            step("force new " + path);
            file.markForced();
            step("force folder of " + path);
            medium.settle();
            return map(path, file, true);
        }
    }

    @Override
    public Segment mapNew(String path, int sizeBytes) {
        synchronized (medium) {
            alive();
            RelativePath.check(path);
            changing(path);
            if (medium.files.containsKey(path)) throw new StoreException(Kind.FAILED, path + ": exists already");
            step("create unforced " + path);
            SimFile file = new SimFile(sizeBytes, clock.wallMillis());
            medium.linkUnforced(path, file);
            return map(path, file, false);
        }
    }

    @Override
    public Segment open(String path, int sizeBytes) {
        return map(path, sizeBytes, true);
    }

    @Override
    public Segment map(String path, int sizeBytes) {
        return map(path, sizeBytes, false);
    }

    private Segment map(String path, int sizeBytes, boolean kept) {
        synchronized (medium) {
            alive();
            @Nullable SimFile file = medium.files.get(RelativePath.check(path));
            if (file == null) throw new StoreException(Kind.FAILED, path + ": no such file");
            if (file.length != sizeBytes) {
                throw new StoreException(
                        Kind.DAMAGED, path + ": is " + file.length + " bytes long, must be " + sizeBytes);
            }
            return map(path, file, kept);
        }
    }

    @Override
    public boolean force(String path) {
        hang();
        synchronized (medium) {
            alive();
            @Nullable SimFile file = medium.files.get(RelativePath.check(path));
            if (file == null) return false;
            forceContent(path, file);
            return true;
        }
    }

    @Override
    public boolean forceNew(String path) {
        synchronized (medium) {
            if (!force(path)) return false;
            step("force folders of " + path);
            medium.settle(path);
            return true;
        }
    }

    /** The caller holds the medium. */
    void forceContent(String path, SimFile file) {
        if (medium.poisoned.contains(path)) throw poisoned(path, "an earlier force failed");
        step("force " + path);
        if (medium.forceFailures.remove(path)) {
            medium.poisoned.add(path);
            file.markLost();
            throw poisoned(path, "Input/output error");
        }
        if (medium.readOnly && file.changed()) {
            medium.poisoned.add(path);
            file.markLost();
            throw poisoned(path, "Read-only file system");
        }
        file.markForced();
    }

    private static StoreException poisoned(String path, String cause) {
        return new StoreException(Kind.POISONED, path + ": force failed: " + cause);
    }

    @Override
    public byte @Nullable [] read(String path) {
        synchronized (medium) {
            alive();
            @Nullable SimFile file = medium.files.get(RelativePath.check(path));
            return file == null ? null : file.content();
        }
    }

    @Override
    public void replace(String path, byte[] content) {
        synchronized (medium) {
            alive();
            RelativePath.check(path);
            changing(path);
            step("create temporary " + path);
            SimFile fresh = new SimFile(content.length, clock.wallMillis());
            medium.link(path + ".tmp", fresh);
            step("write temporary " + path);
            medium.takeBlocks(path, fresh, 0, content.length);
            fresh.write(0, content, 0, content.length);
            step("force temporary " + path);
            if (medium.forceFailures.remove(path)) {
                throw new StoreException(Kind.FAILED, path + ": force failed, the old content stays");
            }
            fresh.markForced();
            @Nullable SimFile previous = medium.files.get(path);
            if (previous != null) {
                step("link backup of " + path);
                medium.link(path + ".bak", previous);
            }
            step("rename " + path);
            medium.rename(path + ".tmp", path);
            step("force folder of " + path);
            medium.settle();
        }
    }

    @Override
    public void delete(String path) {
        synchronized (medium) {
            alive();
            RelativePath.check(path);
            boolean folder = medium.folders.contains(path);
            if (!folder && !medium.files.containsKey(path)) return;
            changing(path);
            if (folder && !(files(path).isEmpty() && folders(path).isEmpty())) {
                throw new StoreException(Kind.FAILED, path + ": folder is not empty");
            }
            step("delete " + path);
            if (folder) {
                medium.folders.remove(path);
                return;
            }
            medium.unlink(path);
            medium.poisoned.remove(path);
            step("force folder of " + path);
            medium.settle();
        }
    }

    @Override
    public void deleteUnforced(String path) {
        synchronized (medium) {
            alive();
            if (!medium.files.containsKey(RelativePath.check(path))) return;
            changing(path);
            step("delete unforced " + path);
            medium.unlinkUnforced(path);
            medium.poisoned.remove(path);
        }
    }

    @Override
    public double usedRatio() {
        synchronized (medium) {
            alive();
            if (!Double.isNaN(medium.pretendedRatio)) return medium.pretendedRatio;
            double used = medium.usedBytes();
            return used / (used + medium.freeBytes);
        }
    }

    @Override
    public long freeBytes() {
        return locked(() -> medium.freeBytes);
    }

    @Override
    public void keepReserve(int bytes) {
        synchronized (medium) {
            alive();
            if (length("reserve") == bytes) return;
            changing("reserve");
            freeReserve();
            SimFile file = new SimFile(bytes, clock.wallMillis());
            step("write reserve");
            medium.takeBlocks("reserve", file, 0, bytes);
            file.markForced();
            medium.install("reserve", file);
        }
    }

    @Override
    public boolean freeReserve() {
        boolean had = length("reserve") >= 0;
        delete("reserve");
        return had;
    }

    // What segments use; the caller holds the medium.

    SimMedium medium() {
        return medium;
    }

    void alive() {
        if (dead) throw new IllegalStateException("the process of this disk has ended");
        if (medium.crashed) throw new SimCrash("the process has crashed already");
    }

    boolean isDead() {
        return dead || medium.crashed;
    }

    void step(String what) {
        medium.steps++;
        if (medium.steps == medium.crashAt) {
            medium.crashed = true;
            throw new SimCrash("crashed before: " + what);
        }
    }

    void changing(String path) {
        if (medium.readOnly) throw new StoreException(Kind.READ_ONLY, path + ": the disk is read-only");
    }

    void unmapped() {
        mapped--;
    }

    long nowMillis() {
        return clock.wallMillis();
    }

    private Segment map(String path, SimFile file, boolean kept) {
        mapped++;
        mostMapped = Math.max(mostMapped, mapped);
        return new SimSegment(this, path, file, kept);
    }

    private void die() {
        dead = true;
        mapped = 0;
        medium.holder = null;
        medium.crashed = false;
        medium.crashAt = -1;
        medium.poisoned.clear();
        medium.forceFailures.clear();
    }

    private List<String> names(String folder, boolean ofFolders) {
        synchronized (medium) {
            alive();
            String prefix = RelativePath.checkFolder(folder).isEmpty() ? "" : folder + "/";
            TreeSet<String> names = new TreeSet<>();
            for (String path : ofFolders ? medium.folders : medium.files.keySet()) {
                if (!path.startsWith(prefix) || path.length() == prefix.length()) continue;
                String rest = path.substring(prefix.length());
                if (rest.indexOf('/') < 0) names.add(rest);
            }
            return List.copyOf(new ArrayList<>(names));
        }
    }

    private long lookUp(String path, java.util.function.ToLongFunction<SimFile> fact, long absent) {
        synchronized (medium) {
            alive();
            Map<String, SimFile> files = medium.files;
            @Nullable SimFile file = files.get(RelativePath.check(path));
            return file == null ? absent : fact.applyAsLong(file);
        }
    }

    private long locked(LongSupplier fact) {
        synchronized (medium) {
            alive();
            return fact.getAsLong();
        }
    }
}
