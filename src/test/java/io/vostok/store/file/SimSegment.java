package io.vostok.store.file;

import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A segment of a {@link SimDisk}. Throws where the real one would harm: writing beyond what is allocated, any access out
 * of bounds, any access after the mapping is gone, and giving back a lease that nobody took.
 */
public final class SimSegment implements Segment {
    private final SimDisk disk;
    private final SimMedium medium;
    private final String path;
    private final SimFile file;
    /** Whether the file stays open beside the mapping. */
    private final boolean kept;

    private int allocated;
    private int leases;
    private boolean open = true;

    SimSegment(SimDisk disk, String path, SimFile file, boolean kept) {
        this.kept = kept;
        this.disk = disk;
        this.medium = disk.medium();
        this.path = path;
        this.file = file;
    }

    @Override
    public String name() {
        return RelativePath.nameOf(path);
    }

    @Override
    public int sizeBytes() {
        return file.length;
    }

    @Override
    public int allocatedBytes() {
        synchronized (medium) {
            return allocated;
        }
    }

    @Override
    public void allocateTo(int bytes) {
        synchronized (medium) {
            mapped();
            Objects.checkFromToIndex(0, bytes, file.length);
            if (bytes <= allocated) return;
            disk.changing(path);
            int to = (int) Math.min(file.length, (bytes + 4095L) / 4096 * 4096);
            for (int from = allocated; from < to; from = allocated) {
                int end = (int) Math.min(to, (from + 65536L) / 65536 * 65536);
                disk.step("allocate " + path);
                medium.takeBlocks(path, file, from, end);
                allocated = end;
            }
        }
    }

    @Override
    public void touch(int from, int to) {
        synchronized (medium) {
            mapped();
            Objects.checkFromToIndex(from, to, allocated);
        }
    }

    @Override
    public void assumeAllocatedTo(int bytes) {
        synchronized (medium) {
            mapped();
            Objects.checkFromToIndex(0, bytes, file.length);
            int whole = bytes == file.length ? bytes : bytes / 4096 * 4096;
            allocated = Math.max(allocated, whole);
            file.takeBlocks(0, whole);
        }
    }

    @Override
    public void assumeZeroBehind() {
        synchronized (medium) {
            mapped();
            byte[] behind = new byte[file.length - allocated];
            file.read(allocated, behind, 0, behind.length);
            for (byte each : behind) {
                if (each != 0) throw new IllegalStateException(path + ": is not zero behind " + allocated);
            }
        }
    }

    @Override
    public void put(int at, ByteBuffer source) {
        byte[] bytes = new byte[source.remaining()];
        source.get(bytes);
        write(at, bytes);
    }

    @Override
    public void putInt(int at, int value) {
        write(at, ByteBuffer.allocate(4).putInt(value).array());
    }

    @Override
    public void putIntRelease(int at, int value) {
        putInt(at, value);
    }

    @Override
    public void putLong(int at, long value) {
        write(at, ByteBuffer.allocate(8).putLong(value).array());
    }

    @Override
    public byte getByte(int at) {
        return read(at, 1)[0];
    }

    @Override
    public int getInt(int at) {
        return ByteBuffer.wrap(read(at, 4)).getInt();
    }

    @Override
    public long getLong(int at) {
        return ByteBuffer.wrap(read(at, 8)).getLong();
    }

    @Override
    public void get(int at, int length, ByteBuffer target) {
        target.put(read(at, length));
    }

    @Override
    public void zero(int from, int to) {
        synchronized (medium) {
            Objects.checkFromToIndex(from, to, file.length);
            int end = Math.min(to, allocated);
            if (from < end) write(from, new byte[end - from]);
        }
    }

    @Override
    public void force() {
        if (!kept) throw new UnsupportedOperationException(path + ": is forced by its disk");
        disk.hang();
        synchronized (medium) {
            mapped();
            disk.forceContent(path, file);
        }
    }

    @Override
    public boolean acquire() {
        synchronized (medium) {
            if (!open || disk.isDead()) return false;
            leases++;
            return true;
        }
    }

    @Override
    public void release() {
        synchronized (medium) {
            if (disk.isDead()) return;
            if (leases == 0) throw new IllegalStateException(path + ": a lease was given back that nobody took");
            leases--;
            if (!open && leases == 0) disk.unmapped();
        }
    }

    @Override
    public void close() {
        synchronized (medium) {
            if (!open) return;
            open = false;
            if (leases == 0 && !disk.isDead()) disk.unmapped();
        }
    }

    private void write(int at, byte[] bytes) {
        synchronized (medium) {
            mapped();
            Objects.checkFromIndexSize(at, bytes.length, file.length);
            if (at + bytes.length > allocated) {
                throw new IllegalStateException(
                        path + ": write to " + (at + bytes.length) + " beyond allocated " + allocated);
            }
            disk.step("write " + path);
            medium.write(file, at, bytes, 0, bytes.length);
            file.modifiedMillis = disk.nowMillis();
        }
    }

    private byte[] read(int at, int length) {
        synchronized (medium) {
            mapped();
            Objects.checkFromIndexSize(at, length, file.length);
            byte[] bytes = new byte[length];
            file.read(at, bytes, 0, length);
            return bytes;
        }
    }

    private void mapped() {
        disk.alive();
        if (!open && leases == 0) throw new IllegalStateException(path + ": is no longer mapped");
    }
}
