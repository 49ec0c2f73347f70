package io.vostok.store.file;

import io.vostok.model.Check;
import io.vostok.store.StoreException;
import io.vostok.store.StoreException.Kind;
import java.io.IOException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A file mapped whole. Bounds are checked once a call, then memory is reached by raw address.
 *
 * <p>Threads as {@link Segment} says; {@link #force} and {@link #allocateTo} may run beside the writer and the readers.
 */
final class MappedSegment implements Segment {
    private static final int PAGE_BYTES = 4096;
    static final int CHUNK_BYTES = 1 << 20;
    private static final int SMALL_CHUNK_BYTES = 1 << 16;

    /** The sign bit of {@link #holders}; the other bits count leases. */
    private static final int CLOSED = 1 << 31;

    private final MappedDisk disk;
    private final String path;
    private final Path place;
    /** Null when the file is opened for each use: a mapping needs no descriptor, and of these files there are many. */
    private final @Nullable FileChannel channel;

    private final int sizeBytes;
    private volatile boolean zeroBehind;
    private final AtomicInteger holders = new AtomicInteger();

    /** Zero once the mapping is gone: then a read without a lease is an exception, mostly, instead of the process' end. */
    private long address;

    private volatile int allocated;

    /**
     * @param channel for the mapping; kept, and closed with it, when {@code keep} says so
     * @param zeroBehind whether everything not yet allocated is known to be zero
     */
    MappedSegment(
            MappedDisk disk,
            String path,
            Path place,
            FileChannel channel,
            boolean keep,
            int sizeBytes,
            boolean zeroBehind)
            throws IOException {
        this.disk = disk;
        this.path = path;
        this.place = place;
        this.channel = keep ? channel : null;
        this.sizeBytes = sizeBytes;
        this.zeroBehind = zeroBehind;
        this.address = RawMemory.map(channel, sizeBytes);
    }

    @Override
    public String name() {
        return RelativePath.nameOf(path);
    }

    @Override
    public int sizeBytes() {
        return sizeBytes;
    }

    @Override
    public int allocatedBytes() {
        return allocated;
    }

    @Override
    public void allocateTo(int bytes) {
        Objects.checkFromToIndex(0, bytes, sizeBytes);
        if (bytes <= allocated) return;
        int to = roundedUp(bytes);
        @Nullable FileChannel kept = channel;
        try {
            if (kept != null) {
                allocate(kept, to);
            } else {
                try (FileChannel briefly = MappedDisk.reopen(place)) {
                    allocate(briefly, to);
                }
            }
        } catch (IOException e) {
            throw DiskFailure.of(path, "allocating blocks at " + allocated, place, e);
        }
    }

    private void allocate(FileChannel file, int to) throws IOException {
        boolean zeros = zeroBehind;
        int from = allocated;
        ByteBuffer chunk = zeros ? disk.zeros() : chunk(Math.min(CHUNK_BYTES, to - from));
        while (from < to) {
            chunk.clear().limit(Math.min(chunk.capacity(), to - from));
            if (!zeros) readFully(file, chunk, from);
            int end = from + chunk.limit();
            for (int at = from; at < end; ) at += file.write(chunk, at);
            allocated = end;
            from = end;
        }
    }

    /** Small ones from the heap: after a restart there is one for every queue, and only the collector frees the others. */
    private static ByteBuffer chunk(int bytes) {
        return bytes <= SMALL_CHUNK_BYTES ? ByteBuffer.allocate(bytes) : ByteBuffer.allocateDirect(bytes);
    }

    @Override
    public void touch(int from, int to) {
        Objects.checkFromToIndex(from, to, allocated);
        RawMemory.touch(base(from, to - from) + from, to - from, PAGE_BYTES);
    }

    @Override
    public void assumeAllocatedTo(int bytes) {
        Objects.checkFromToIndex(0, bytes, sizeBytes);
        int whole = bytes == sizeBytes ? bytes : bytes / PAGE_BYTES * PAGE_BYTES;
        if (whole > allocated) allocated = whole;
    }

    @Override
    public void assumeZeroBehind() {
        zeroBehind = true;
    }

    @Override
    public void put(int at, ByteBuffer source) {
        RawMemory.put(baseForWriting(at, source.remaining()) + at, source);
    }

    @Override
    public void putInt(int at, int value) {
        RawMemory.putInt(baseForWriting(at, Integer.BYTES) + at, value);
    }

    @Override
    public void putIntRelease(int at, int value) {
        RawMemory.putIntRelease(baseForWriting(at, Integer.BYTES) + at, value);
    }

    @Override
    public void putLong(int at, long value) {
        RawMemory.putLong(baseForWriting(at, Long.BYTES) + at, value);
    }

    @Override
    public byte getByte(int at) {
        return RawMemory.getByte(base(at, Byte.BYTES) + at);
    }

    @Override
    public int getInt(int at) {
        return RawMemory.getInt(base(at, Integer.BYTES) + at);
    }

    @Override
    public long getLong(int at) {
        return RawMemory.getLong(base(at, Long.BYTES) + at);
    }

    @Override
    public void get(int at, int length, ByteBuffer target) {
        if (target.remaining() < length) throw new BufferOverflowException();
        RawMemory.get(base(at, length) + at, length, target);
    }

    @Override
    public void zero(int from, int to) {
        Objects.checkFromToIndex(from, to, sizeBytes);
        int end = Math.min(to, allocated);
        if (from < end) RawMemory.zero(base(from, end - from) + from, end - from);
    }

    @Override
    public void force() {
        @Nullable FileChannel kept = channel;
        if (kept == null) throw new UnsupportedOperationException(path + ": is forced by its disk");
        disk.refusePoisoned(path);
        try {
            kept.force(false);
        } catch (IOException e) {
            throw disk.poison(path, e);
        }
    }

    @Override
    public boolean acquire() {
        int now = holders.get();
        while (now >= 0) {
            if (holders.compareAndSet(now, now + 1)) return true;
            now = holders.get();
        }
        return false;
    }

    @Override
    public void release() {
        int now = holders.get();
        while (true) {
            if ((now & ~CLOSED) == 0) {
                throw new IllegalStateException(path + ": a lease was given back that nobody took");
            }
            if (holders.compareAndSet(now, now - 1)) break;
            now = holders.get();
        }
        if (now - 1 == CLOSED) unmap();
    }

    @Override
    public void close() {
        int before = holders.getAndUpdate(now -> now | CLOSED);
        if (before == 0) unmap();
    }

    /** Runs once: for the one who turned {@link #holders} into closed and nobody left. */
    private void unmap() {
        long mappedAt = address;
        address = 0;
        try {
            RawMemory.unmap(mappedAt, sizeBytes);
            if (channel != null) channel.close();
        } catch (IOException e) {
            throw new StoreException(Kind.FAILED, path + ": unmapping failed: " + e.getMessage(), e);
        } finally {
            disk.unmapped();
        }
    }

    private long base(int at, int length) {
        Objects.checkFromIndexSize(at, /* size= */ length, /* length= */ sizeBytes);
        long mappedAt = address;
        if (mappedAt == 0) throw new IllegalStateException(path + ": is no longer mapped");
        return mappedAt;
    }

    private long baseForWriting(int at, int length) {
        long mappedAt = base(at, length);
        Check.that(at + length <= allocated, "write to {} beyond allocated {}", at + length, allocated);
        return mappedAt;
    }

    private static void readFully(FileChannel file, ByteBuffer chunk, int from) throws IOException {
        int at = from;
        while (chunk.hasRemaining()) {
            int count = file.read(chunk, at);
            if (count < 0) throw new IOException("the file ends at " + at);
            at += count;
        }
        chunk.flip();
    }

    private int roundedUp(int bytes) {
        return (int) Math.min(sizeBytes, ((long) bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES);
    }

    /** Creates the file with its full length and no blocks, maps it, and takes it away again when that fails. */
    static MappedSegment create(MappedDisk disk, String path, Path place, int sizeBytes) throws IOException {
        @Nullable FileChannel channel = null;
        boolean done = false;
        try {
            channel = MappedDisk.createSparse(place, sizeBytes);
            MappedSegment segment = new MappedSegment(disk, path, place, channel, true, sizeBytes, true);
            done = true;
            return segment;
        } finally {
            if (!done && channel != null) {
                channel.close();
                java.nio.file.Files.deleteIfExists(place);
            }
        }
    }
}
