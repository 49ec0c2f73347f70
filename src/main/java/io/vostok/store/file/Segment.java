package io.vostok.store.file;

import java.nio.ByteBuffer;

/**
 * One file of fixed size, mapped for reading and writing; a seam of the tests. Numbers are big-endian.
 *
 * <p>One writer; any thread may read what the writer has published by a watermark. Bytes never written are zero.
 * Writing beyond {@link #allocatedBytes()} is a bug: those bytes have no disk blocks yet, and a full disk would kill
 * the process (reliability fault 17).
 *
 * <p>Whoever reads from a thread that does not own the segment's life holds a lease: {@link #acquire()} before,
 * {@link #release()} after. The mapping goes away when the segment is closed and the last lease is back.
 */
public interface Segment {
    /** Returns the file's name within its folder. */
    String name();

    /** Returns the length of the file, which never changes. */
    int sizeBytes();

    /** Returns how many bytes from the start have real disk blocks. */
    int allocatedBytes();

    /**
     * Gives the bytes below {@code bytes} real disk blocks; rounds up to whole pages. In a file
     * just created it writes zeros through the file system. In a file that was opened it writes back what it reads there
     * (so that holes become blocks and data stays), from {@link #allocatedBytes()} on. What others write below
     * {@link #allocatedBytes()} meanwhile is safe. Blocks: not for event loops, except as the last resort in small
     * steps. One caller at a time.
     *
     * @throws io.vostok.store.StoreException DISK_FULL, READ_ONLY or FAILED; no content changed, and what got blocks
     *     before the failure is counted by {@link #allocatedBytes()}
     */
    void allocateTo(int bytes);

    /**
     * Brings the allocated pages of a stretch into this process' memory, where they count as resident, so that writing to them
     * needs no help of the system. What others write there meanwhile is safe.
     */
    void touch(int from, int to);

    /**
     * Counts the whole pages below {@code bytes} as allocated without looking, in a file that was opened; for content
     * that will not be written again, such as the records before the end of the log. Spares {@link #allocateTo} the
     * reading of it. The caller answers for it: a write into a hole of a full disk ends the process.
     */
    void assumeAllocatedTo(int bytes);

    /**
     * Says that everything which does not count as allocated is zero, as in a file just created. Spares {@link #allocateTo}
     * the reading of it.
     */
    void assumeZeroBehind();

    /** Copies what remains of {@code source} to {@code at}; the source's position moves to its limit. */
    void put(int at, ByteBuffer source);

    void putInt(int at, int value);

    /** As {@link #putInt}, but every earlier write of this thread is visible to whoever reads the value. */
    void putIntRelease(int at, int value);

    void putLong(int at, long value);

    byte getByte(int at);

    int getInt(int at);

    long getLong(int at);

    /** Copies {@code length} bytes from {@code at} to the position of {@code target}, which moves on. */
    void get(int at, int length, ByteBuffer target);

    /** Fills {@code from} to {@code to} with zeros, as far as it is allocated; no more is needed only in a created file. */
    void zero(int from, int to);

    /**
     * Makes everything written before this call durable. Blocks: never on an event loop.
     *
     * @throws io.vostok.store.StoreException POISONED when the system could not; every later force of this file fails
     *     too, also after it was closed and opened again (promise P1)
     */
    void force();

    /** Takes a lease; false when the segment is closed. */
    boolean acquire();

    /** Gives a lease back. */
    void release();

    /** Closes; the mapping ends with the last lease. Idempotent. */
    void close();
}
