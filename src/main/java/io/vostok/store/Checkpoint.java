package io.vostok.store;

import io.vostok.store.file.Disk;
import io.vostok.store.file.Segment;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * The durable marks of the store: two slots with checksums, written in turn, so that a torn write leaves the older one.
 * Beside it lives Apache's {@code checkpoint}, kept so that the store can be taken back.
 *
 * <p>The flush thread; while opening and closing, the thread that does it.
 * <p>Bytes: {@code docs/formats/checkpoint.md}.
 */
final class Checkpoint {
    static final String PATH = "vostok-checkpoint";
    static final String APACHE_PATH = "checkpoint";
    static final int FILE_BYTES = 4096;
    static final int SLOT_BYTES = 2048;

    private static final long MAGIC = 0x564F_5354_4F4B_4350L; // "VOSTOKCP"
    private static final int CHECKED_BYTES = 48;

    private final Segment file;
    private final Segment apache;
    private volatile State state = State.NONE;

    /**
     * What a slot says.
     *
     * @param flushed below which the log is durable
     * @param derived below which every record is durably in its queue; never beyond flushed
     * @param clean whether the store was closed orderly right after
     * @param storeMillis of the newest record, 0 when there is none
     */
    record State(long sequence, long flushed, long derived, boolean clean, long storeMillis) {
        static final State NONE = new State(0, 0, 0, false, 0);

        boolean present() {
            return sequence > 0;
        }
    }

    Checkpoint(Disk disk, StoreEvents events) {
        file = openOrMake(disk, PATH, events);
        apache = openOrMake(disk, APACHE_PATH, events);
        State first = read(0);
        State second = read(SLOT_BYTES);
        state = first.sequence > second.sequence ? first : second;
    }

    private static Segment openOrMake(Disk disk, String path, StoreEvents events) {
        long length = disk.length(path);
        if (length >= 0 && length != FILE_BYTES) {
            events.warn("checkpoint dropped path=" + path + " length=" + length + " expected=" + FILE_BYTES);
            disk.delete(path);
            length = -1;
        }
        Segment made = length < 0 ? disk.create(path, FILE_BYTES) : disk.open(path, FILE_BYTES);
        made.allocateTo(FILE_BYTES);
        return made;
    }

    /** Returns what was written last, {@link State#NONE} when no slot is intact. Any thread. */
    State state() {
        return state;
    }

    /** Tells whether just this was written last, of a store that is open. Any thread. */
    boolean says(long flushed, long derived, long storeMillis) {
        State last = state;
        return last.flushed == flushed
                && last.derived == derived
                && last.storeMillis == storeMillis
                && !last.clean
                && last.present();
    }

    /** Returns Apache's {@code min(physic, logics) - 3000}: what was stored before it is in the queues. */
    long apacheSafeMillis() {
        return Math.max(0, Math.min(apache.getLong(0), apache.getLong(8)) - 3_000);
    }

    long apachePhysicMillis() {
        return Math.max(0, apache.getLong(0));
    }

    /** Returns up to which store time the full index files of Apache's store are durable. */
    long apacheIndexMillis() {
        return Math.max(0, apache.getLong(16));
    }

    /** Says so, with the next {@link #write}; never goes back. */
    void apacheIndexMillis(long millis) {
        if (millis > apacheIndexMillis()) apache.putLong(16, millis);
    }

    /**
     * Writes the marks and makes them durable.
     *
     * @param physicMillis store time up to which the log is durable
     * @param logicsMillis store time up to which the queues are durable
     */
    void write(long flushed, long derived, boolean clean, long storeMillis, long physicMillis, long logicsMillis) {
        State next = new State(state.sequence + 1, flushed, derived, clean, storeMillis);
        ByteBuffer slot = ByteBuffer.allocate(CHECKED_BYTES + 4);
        slot.putLong(MAGIC).putLong(next.sequence).putLong(flushed).putLong(derived);
        slot.putLong(clean ? 1 : 0).putLong(storeMillis);
        slot.putInt(crc(slot)).flip();
        file.put((int) (next.sequence % 2) * SLOT_BYTES, slot);
        file.force();
        state = next;
        apache.putLong(0, physicMillis);
        apache.putLong(8, logicsMillis);
        apache.force();
    }

    private State read(int at) {
        ByteBuffer slot = ByteBuffer.allocate(CHECKED_BYTES + 4);
        file.get(at, CHECKED_BYTES + 4, slot);
        slot.flip();
        long magic = slot.getLong();
        State found = new State(slot.getLong(), slot.getLong(), slot.getLong(), slot.getLong() == 1, slot.getLong());
        boolean intact = magic == MAGIC && slot.getInt(CHECKED_BYTES) == crc(slot);
        return intact && found.flushed >= found.derived && found.derived >= 0 && found.sequence > 0
                ? found
                : State.NONE;
    }

    private static int crc(ByteBuffer slot) {
        CRC32 crc = new CRC32();
        for (int i = 0; i < CHECKED_BYTES; i++) crc.update(slot.get(i));
        return (int) crc.getValue();
    }

    void close() {
        file.close();
        apache.close();
    }
}
