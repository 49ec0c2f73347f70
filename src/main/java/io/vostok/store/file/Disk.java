package io.vostok.store.file;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files of one store, named by paths relative to its root with {@code /} between parts; a seam of the tests.
 *
 * <p>Every call may block: not for event loops. Failures are {@link io.vostok.store.StoreException} naming the file.
 */
public interface Disk {
    /** Takes the store for this process. @throws StoreException naming the holder when another process has it */
    void lock();

    /** Returns the names of files (not folders) in {@code folder}, sorted; empty when there is no such folder. */
    List<String> files(String folder);

    /** Returns the names of folders in {@code folder}, sorted; empty when there is no such folder. */
    List<String> folders(String folder);

    /** Returns the length of a file, or -1 when there is none. */
    long length(String path);

    /** Returns milliseconds since 1970 of the last change, or 0 when there is no such file. */
    long modifiedMillis(String path);

    /**
     * Creates a file of {@code sizeBytes} zeros without disk blocks and maps it; missing folders are made. The file, its
     * length and the folders are durable when this returns.
     *
     * @throws io.vostok.store.StoreException FAILED when the file exists; DISK_FULL, READ_ONLY
     */
    Segment create(String path, int sizeBytes);

    /**
     * Maps an existing file. Nothing of it counts as allocated at first, for nobody can tell holes from zeros: see
     * {@link Segment#assumeAllocatedTo} and {@link Segment#allocateTo}.
     *
     * @throws io.vostok.store.StoreException DAMAGED when its length is not {@code sizeBytes}; FAILED when there is none
     */
    Segment open(String path, int sizeBytes);

    /**
     * Creates a file of {@code sizeBytes} zeros without disk blocks and maps it, for files of which there are very many: no
     * descriptor stays open, and neither the file nor its folders are durable before {@link #forceNew}. After a power cut
     * it may be there whole, empty, or not at all.
     *
     * @throws io.vostok.store.StoreException FAILED when the file exists; DISK_FULL, READ_ONLY
     */
    Segment mapNew(String path, int sizeBytes);

    /** As {@link #open}, but no descriptor stays open: {@link Segment#force} is for {@link #force} to do. */
    Segment map(String path, int sizeBytes);

    /**
     * Makes durable whatever was written to a file before this call, through mappings that are gone too.
     *
     * @return false when there is no such file
     * @throws io.vostok.store.StoreException POISONED as {@link Segment#force}
     */
    boolean force(String path);

    /** As {@link #force}, and the file itself, its length and its folders become durable. */
    boolean forceNew(String path);

    /** Returns the whole content of a small file, or null when there is none. */
    byte @Nullable [] read(String path);

    /**
     * Replaces a small file so that a crash at any moment leaves the old or the new content, and what was there before
     * stays as {@code <path>.bak}. Durable when this returns. Leftovers of a crash are named {@code <path>.tmp}.
     *
     * @throws io.vostok.store.StoreException DISK_FULL, READ_ONLY or FAILED; the old content stays
     */
    void replace(String path, byte[] content);

    /** Deletes a file, or an empty folder, durably; nothing happens when it is absent. */
    void delete(String path);

    /** As {@link #delete} of a file, but a power cut may bring it back as it was, until its folder is forced. */
    void deleteUnforced(String path);

    /** Returns the share of the disk that is used, 0 to 1. */
    double usedRatio();

    /** Returns free bytes of the disk. */
    long freeBytes();

    /**
     * Keeps {@code bytes} of real disk blocks in the file {@code reserve}, to be given up by {@link #freeReserve} when
     * the disk is full. Nothing happens when the file already has that length.
     *
     * @throws io.vostok.store.StoreException DISK_FULL or READ_ONLY; there is no reserve then
     */
    void keepReserve(int bytes);

    /** Gives the reserve's blocks back to the disk; false when there was no reserve. */
    boolean freeReserve();

    /** Gives the store back. Idempotent. */
    void unlock();
}
