package io.vostok.store.file;

import io.vostok.store.StoreException;
import io.vostok.store.StoreException.Kind;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A folder of the real file system; its segments are mapped. Any thread; one thread at a time for one path. */
public final class MappedDisk implements Disk {
    private static final String LOCK = "lock";
    private static final String RESERVE = "reserve";

    /**
     * The locks of this process. A lock of the system belongs to a process and goes when any channel of the file is
     * closed, so a second disk of this process must not even open the file; only a fact of the process can tell it.
     */
    private static final ConcurrentHashMap<Path, MappedDisk> LOCKED_HERE = new ConcurrentHashMap<>();

    private final Path root;
    private final Set<String> poisoned = ConcurrentHashMap.newKeySet();
    /** Folders whose names are known to be durable. */
    private final Set<Path> named = ConcurrentHashMap.newKeySet();

    private final AtomicInteger mapped = new AtomicInteger();
    /** Written to every new block; shared, because a buffer of its own per step would wait for the collector. */
    private final ByteBuffer zeros =
            ByteBuffer.allocateDirect(MappedSegment.CHUNK_BYTES).asReadOnlyBuffer();

    private @Nullable FileChannel lockChannel;
    private @Nullable Path lockedRoot;

    /** @param root the store's folder; made by {@link #lock} or the first file when it is absent */
    public MappedDisk(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    /** Returns a view of {@link MappedSegment#CHUNK_BYTES} zeros. */
    ByteBuffer zeros() {
        return zeros.duplicate();
    }

    /** Returns how many segments are mapped; closed ones with leases count. */
    public int mappedSegments() {
        return mapped.get();
    }

    @Override
    public synchronized void lock() {
        if (lockChannel != null) throw new StoreException(Kind.IN_USE, root + ": this process has the store already");
        try {
            makeFolders(root);
            Path real = root.toRealPath();
            if (LOCKED_HERE.putIfAbsent(real, this) != null) {
                throw new StoreException(
                        Kind.IN_USE,
                        root + ": in use by this process itself (pid "
                                + ProcessHandle.current().pid() + ")");
            }
            boolean done = false;
            try {
                lockChannel = lockFile(real.resolve(LOCK));
                lockedRoot = real;
                done = true;
            } finally {
                if (!done) LOCKED_HERE.remove(real);
            }
        } catch (IOException e) {
            throw DiskFailure.of(LOCK, "locking " + root, existing(root), e);
        }
    }

    @Override
    public synchronized void unlock() {
        if (lockChannel == null || lockedRoot == null) return;
        try {
            lockChannel.close();
        } catch (IOException e) {
            throw DiskFailure.of(LOCK, "unlocking", root, e);
        } finally {
            LOCKED_HERE.remove(lockedRoot);
            lockChannel = null;
            lockedRoot = null;
        }
    }

    @Override
    public List<String> files(String folder) {
        return names(folder, path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS));
    }

    @Override
    public List<String> folders(String folder) {
        return names(folder, path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS));
    }

    @Override
    public long length(String path) {
        try {
            return Files.size(at(path));
        } catch (NoSuchFileException absent) {
            return -1;
        } catch (IOException e) {
            throw DiskFailure.of(path, "reading the length", root, e);
        }
    }

    @Override
    public long modifiedMillis(String path) {
        try {
            return Files.getLastModifiedTime(at(path)).toMillis();
        } catch (NoSuchFileException absent) {
            return 0;
        } catch (IOException e) {
            throw DiskFailure.of(path, "reading the time of change", root, e);
        }
    }

    @Override
    public Segment create(String path, int sizeBytes) {
        Path place = at(path);
        try {
            makeFolders(folderOf(place));
            MappedSegment segment = MappedSegment.create(this, path, place, sizeBytes);
            mapped.incrementAndGet();
            boolean done = false;
            try {
                forceFolder(folderOf(place));
                done = true;
            } finally {
                if (!done) segment.close();
            }
            return segment;
        } catch (FileAlreadyExistsException e) {
            throw new StoreException(Kind.FAILED, path + ": exists already", e);
        } catch (IOException e) {
            throw DiskFailure.of(path, "creating", existing(root), e);
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

    private Segment map(String path, int sizeBytes, boolean keep) {
        Path place = at(path);
        @Nullable FileChannel channel = null;
        boolean kept = false;
        try {
            channel = reopen(place);
            if (channel.size() != sizeBytes) {
                throw new StoreException(
                        Kind.DAMAGED, path + ": is " + channel.size() + " bytes long, must be " + sizeBytes);
            }
            MappedSegment segment = new MappedSegment(this, path, place, channel, keep, sizeBytes, false);
            mapped.incrementAndGet();
            kept = keep;
            return segment;
        } catch (NoSuchFileException e) {
            throw new StoreException(Kind.FAILED, path + ": no such file", e);
        } catch (IOException e) {
            throw DiskFailure.of(path, "opening", existing(root), e);
        } finally {
            if (!kept) closeQuietly(channel);
        }
    }

    @Override
    public Segment mapNew(String path, int sizeBytes) {
        Path place = at(path);
        boolean done = false;
        try {
            // One look at a folder that is there costs less than an attempt to make it.
            if (!Files.isDirectory(folderOf(place))) Files.createDirectories(folderOf(place));
            if (Files.exists(place)) throw new FileAlreadyExistsException(place.toString());
            // No write at the end, as for others: it would take a block of each of very many files.
            try (RandomAccessFile file = new RandomAccessFile(place.toFile(), "rw")) {
                file.setLength(sizeBytes);
                MappedSegment segment = new MappedSegment(this, path, place, file.getChannel(), false, sizeBytes, true);
                mapped.incrementAndGet();
                done = true;
                return segment;
            } finally {
                if (!done) deleteQuietly(place);
            }
        } catch (FileAlreadyExistsException e) {
            throw new StoreException(Kind.FAILED, path + ": exists already", e);
        } catch (IOException e) {
            throw DiskFailure.of(path, "creating", existing(root), e);
        }
    }

    @Override
    public boolean force(String path) {
        return force(path, false);
    }

    @Override
    public boolean forceNew(String path) {
        return force(path, true);
    }

    private boolean force(String path, boolean withItsName) {
        refusePoisoned(path);
        Path place = at(path);
        if (!Files.exists(place)) return false;
        // Not by a channel: an interrupt closes those, and that would look like a force that failed.
        try (RandomAccessFile file = new RandomAccessFile(place.toFile(), "rw")) {
            file.getFD().sync();
            if (withItsName) {
                forceFolder(folderOf(place));
                forceNameOf(folderOf(place), false);
            }
            return true;
        } catch (IOException e) {
            if (!Files.exists(place)) return false; // deleted meanwhile
            throw poison(path, e);
        }
    }

    @Override
    public byte @Nullable [] read(String path) {
        try {
            return Files.readAllBytes(at(path));
        } catch (NoSuchFileException absent) {
            return null;
        } catch (IOException e) {
            throw DiskFailure.of(path, "reading", existing(root), e);
        }
    }

    @Override
    public void replace(String path, byte[] content) {
        Path place = at(path);
        Path folder = folderOf(place);
        Path temporary = sibling(place, ".tmp");
        try {
            makeFolders(folder);
            writeForced(temporary, content);
            if (Files.exists(place)) keepAsBackup(place);
            Files.move(temporary, place, StandardCopyOption.ATOMIC_MOVE);
            forceFolder(folder);
        } catch (IOException e) {
            deleteQuietly(temporary); // its blocks matter when the disk is full
            throw DiskFailure.of(path, "replacing", existing(root), e);
        }
    }

    @Override
    public void delete(String path) {
        Path place = at(path);
        try {
            named.remove(place);
            if (Files.deleteIfExists(place)) forceFolder(folderOf(place));
            poisoned.remove(path);
        } catch (IOException e) {
            throw DiskFailure.of(path, "deleting", existing(root), e);
        }
    }

    @Override
    public void deleteUnforced(String path) {
        try {
            Files.deleteIfExists(at(path));
            poisoned.remove(path);
        } catch (IOException e) {
            throw DiskFailure.of(path, "deleting", existing(root), e);
        }
    }

    @Override
    public double usedRatio() {
        try {
            FileStore store = Files.getFileStore(existing(root));
            long total = store.getTotalSpace();
            // What is kept for the superuser counts as used: we shall not get it.
            return total <= 0 ? 1 : 1 - (double) store.getUsableSpace() / total;
        } catch (IOException e) {
            throw DiskFailure.of("", "reading the use of the disk", existing(root), e);
        }
    }

    @Override
    public long freeBytes() {
        try {
            return Files.getFileStore(existing(root)).getUsableSpace();
        } catch (IOException e) {
            throw DiskFailure.of("", "reading the free bytes of the disk", existing(root), e);
        }
    }

    @Override
    public void keepReserve(int bytes) {
        if (length(RESERVE) == bytes) return;
        freeReserve();
        Path place = at(RESERVE);
        Path temporary = sibling(place, ".tmp");
        try {
            makeFolders(root);
            writeForced(temporary, new byte[bytes]);
            Files.move(temporary, place, StandardCopyOption.ATOMIC_MOVE);
            forceFolder(root);
        } catch (IOException e) {
            deleteQuietly(temporary);
            throw DiskFailure.of(RESERVE, "making", existing(root), e);
        }
    }

    @Override
    public boolean freeReserve() {
        boolean had = length(RESERVE) >= 0;
        delete(RESERVE);
        return had;
    }

    // What segments use.

    void unmapped() {
        mapped.decrementAndGet();
    }

    void refusePoisoned(String path) {
        if (poisoned.contains(path)) {
            throw new StoreException(
                    Kind.POISONED, path + ": an earlier force failed; start the process anew once the disk is sound");
        }
    }

    StoreException poison(String path, IOException cause) {
        poisoned.add(path);
        return new StoreException(
                Kind.POISONED, path + ": force failed, what was written may be lost: " + cause.getMessage(), cause);
    }

    /** Creates a file of zeros without blocks; its length is durable. */
    static FileChannel createSparse(Path place, int sizeBytes) throws IOException {
        FileChannel channel = FileChannel.open(
                place,
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.SPARSE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        boolean done = false;
        try {
            channel.write(ByteBuffer.allocate(1), sizeBytes - 1L);
            channel.force(true);
            done = true;
            return channel;
        } finally {
            if (!done) {
                channel.close();
                Files.deleteIfExists(place);
            }
        }
    }

    /** Makes durable the names of {@code folder} and of those above it. */
    private void forceNameOf(Path folder, boolean shared) throws IOException {
        if (folder.equals(root) || named.contains(folder)) return;
        forceFolder(folderOf(folder));
        forceNameOf(folderOf(folder), true);
        // Of folders of folders only: the others are very many, and each is asked about once.
        if (shared) named.add(folder);
    }

    static FileChannel reopen(Path place) throws IOException {
        return FileChannel.open(place, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    private FileChannel lockFile(Path place) throws IOException {
        FileChannel channel =
                FileChannel.open(place, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        boolean done = false;
        try {
            @Nullable FileLock lock = channel.tryLock(0, 1, false); // the byte that Apache's broker locks too
            if (lock == null) {
                throw new StoreException(Kind.IN_USE, root + ": in use by another process" + holder(channel));
            }
            byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(pid), 0);
            done = true;
            return channel;
        } catch (OverlappingFileLockException e) {
            throw new StoreException(Kind.IN_USE, root + ": in use by this process itself", e);
        } finally {
            if (!done) channel.close();
        }
    }

    private static String holder(FileChannel channel) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(20);
        channel.read(text, 0);
        String pid = new String(text.array(), 0, text.position(), StandardCharsets.US_ASCII).strip();
        return pid.isEmpty() ? "" : " (" + (Character.isDigit(pid.charAt(0)) ? "pid " + pid : "it says: " + pid) + ")";
    }

    /** Makes {@code <name>.bak} a second name of the present content, without a moment in which the name is absent. */
    private static void keepAsBackup(Path place) throws IOException {
        Path next = sibling(place, ".bak.tmp");
        Files.deleteIfExists(next);
        try {
            Files.createLink(next, place);
        } catch (UnsupportedOperationException | java.nio.file.FileSystemException noLinks) {
            // A file system without hard links: a copy costs a little more and does the same.
            writeForced(next, Files.readAllBytes(place));
        }
        Files.move(next, sibling(place, ".bak"), StandardCopyOption.ATOMIC_MOVE);
    }

    private static void writeForced(Path place, byte[] content) throws IOException {
        try (FileChannel channel = FileChannel.open(
                place, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer left = ByteBuffer.wrap(content);
            while (left.hasRemaining()) channel.write(left);
            channel.force(true);
        }
    }

    private static void makeFolders(Path folder) throws IOException {
        if (Files.isDirectory(folder)) return;
        @Nullable Path parent = folder.getParent();
        if (parent != null) makeFolders(parent);
        try {
            Files.createDirectory(folder);
        } catch (FileAlreadyExistsException race) {
            if (!Files.isDirectory(folder)) throw race;
        }
        if (parent != null) forceFolder(parent);
    }

    private static void forceFolder(Path folder) throws IOException {
        if (File.separatorChar == '\\') return; // Windows opens no folders; its journal keeps names by itself
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private List<String> names(String folder, Predicate<Path> kind) {
        Path place = folder.isEmpty() ? root : root.resolve(RelativePath.check(folder));
        List<String> names = new ArrayList<>();
        if (!Files.isDirectory(place)) return names;
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(place, kind::test)) {
            for (Path entry : entries) names.add(String.valueOf(entry.getFileName()));
        } catch (IOException e) {
            throw DiskFailure.of(folder, "listing", existing(root), e);
        }
        names.sort(null);
        return List.copyOf(names);
    }

    private Path at(String path) {
        if (path.equals(LOCK)) throw new IllegalArgumentException("the lock file is reached by lock() only");
        return root.resolve(RelativePath.check(path));
    }

    private static Path sibling(Path place, String suffix) {
        return place.resolveSibling(place.getFileName() + suffix);
    }

    private Path folderOf(Path place) {
        @Nullable Path parent = place.getParent();
        return parent == null ? root : parent;
    }

    private static Path existing(Path place) {
        Path at = place;
        while (!Files.exists(at)) {
            @Nullable Path parent = at.getParent();
            if (parent == null) return at;
            at = parent;
        }
        return at;
    }

    private static void closeQuietly(@Nullable FileChannel channel) {
        try {
            if (channel != null) channel.close();
        } catch (IOException e) {
            // The failure that led here is the one to report.
            return;
        }
    }

    private static void deleteQuietly(Path place) {
        try {
            Files.deleteIfExists(place);
        } catch (IOException e) {
            // As above; a leftover is overwritten by the next attempt.
            return;
        }
    }
}
