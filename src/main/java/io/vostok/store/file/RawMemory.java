package io.vostok.store.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import net.openhft.chronicle.core.Jvm;
import net.openhft.chronicle.core.Memory;
import net.openhft.chronicle.core.OS;

/**
 * Mapped memory by raw address, through chronicle: the one place without bounds. Any thread.
 *
 * <p>Chronicle's own {@code MappedFile} rounds the length of a file up to whole pages, and a consume queue of 6,000,000
 * bytes must stay one; so we map with what lies beneath it.
 */
final class RawMemory {
    private static final Memory MEMORY;
    private static final boolean SWAP = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    static {
        // Read once when chronicle's classes load; whoever starts the process may have set them already.
        setUnlessSet("mappedFile.retain", "true");
        setUnlessSet("mappedFile.defaultSyncMode", "NONE");
        setUnlessSet("background.releaser", "false");
        setUnlessSet("disable.perf.info", "true");
        MEMORY = OS.memory();
    }

    private RawMemory() {}

    static long map(FileChannel channel, int sizeBytes) throws IOException {
        return OS.map(channel, FileChannel.MapMode.READ_WRITE, 0, sizeBytes);
    }

    static void unmap(long address, int sizeBytes) throws IOException {
        OS.unmap(address, sizeBytes);
    }

    static byte getByte(long address) {
        return MEMORY.readByte(address);
    }

    static int getInt(long address) {
        int value = MEMORY.readInt(address);
        return SWAP ? Integer.reverseBytes(value) : value;
    }

    static long getLong(long address) {
        long value = MEMORY.readLong(address);
        return SWAP ? Long.reverseBytes(value) : value;
    }

    static void putInt(long address, int value) {
        MEMORY.writeInt(address, SWAP ? Integer.reverseBytes(value) : value);
    }

    static void putIntRelease(long address, int value) {
        MEMORY.writeOrderedInt(address, SWAP ? Integer.reverseBytes(value) : value);
    }

    static void putLong(long address, long value) {
        MEMORY.writeLong(address, SWAP ? Long.reverseBytes(value) : value);
    }

    static void zero(long address, long bytes) {
        MEMORY.setMemory(address, bytes, (byte) 0);
    }

    /**
     * Writes to each page, so that it is in memory and writable without a fault. Adds zero atomically: the writer may have caught up,
     * and a value that is read and written back undoes what it wrote in between.
     */
    static void touch(long address, int bytes, int pageBytes) {
        long end = address + bytes;
        for (long page = address & -pageBytes; page < end; page += pageBytes) MEMORY.addInt(page, 0);
    }

    /** Copies what remains of {@code source} and moves its position to its limit. */
    static void put(long address, ByteBuffer source) {
        int length = source.remaining();
        if (source.hasArray()) {
            MEMORY.copyMemory(source.array(), source.arrayOffset() + source.position(), address, length);
        } else if (source.isDirect()) {
            MEMORY.copyMemory(Jvm.address(source) + source.position(), address, (long) length);
        } else {
            for (int i = 0; i < length; i++) MEMORY.writeByte(address + i, source.get(source.position() + i));
        }
        source.position(source.limit());
    }

    /** Copies to the position of {@code target}, which moves on; the room was checked. */
    static void get(long address, int length, ByteBuffer target) {
        int position = target.position();
        if (target.hasArray()) {
            MEMORY.readBytes(address, target.array(), (long) target.arrayOffset() + position, length);
        } else {
            MEMORY.copyMemory(address, Jvm.address(target) + position, (long) length);
        }
        target.position(position + length);
    }

    private static void setUnlessSet(String name, String value) {
        if (System.getProperty(name) == null) System.setProperty(name, value);
    }
}
