package io.vostok.store.timer;

import io.vostok.store.file.Disk;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * How far an Apache broker got with the timers of this store (storage reference 9.7 to 9.9).
 *
 * @param readMillis wheel time before which it has delivered everything
 * @param queueOffset of the timer queue below which everything is in its wheel, or was delivered
 * @param mark changes with every run of an Apache broker
 */
record ApacheTimers(long readMillis, long queueOffset, long mark) {
    private static final String PATH = "config/timercheck";
    private static final int BYTES = 56;
    private static final int QUEUE_OFFSET = 16;
    private static final long PRECISION_MILLIS = 1_000;
    private static final long WINDOW_MILLIS = 2 * 86_400_000L;
    /** How much later than a message was stored it may have been put into the wheel. */
    private static final long LAG_MILLIS = 300_000;

    /** Returns what its file says, or null when there is none. */
    static @Nullable ApacheTimers read(Disk disk) {
        byte @Nullable [] content = disk.read(PATH);
        if (content == null || content.length < BYTES) return null;
        CRC32 crc = new CRC32();
        crc.update(Arrays.copyOf(content, BYTES));
        ByteBuffer bytes = ByteBuffer.wrap(content);
        return new ApacheTimers(
                Math.max(0, bytes.getLong(0)), Math.max(0, bytes.getLong(QUEUE_OFFSET)), crc.getValue() | 1L << 32);
    }

    /**
     * Returns the time of the wheel's slot into which Apache put a message, or a later one where that cannot be known: a far
     * message was not put at its due time but into a slot in which it was stored again.
     *
     * @param dueMillis its {@code TIMER_OUT_MS}
     */
    static long slotMillis(long dueMillis, long storeMillis) {
        long excess = dueMillis - storeMillis - WINDOW_MILLIS;
        long slot = dueMillis;
        if (excess >= LAG_MILLIS) {
            slot = storeMillis + (excess < WINDOW_MILLIS / 3 ? WINDOW_MILLIS / 2 : WINDOW_MILLIS) + LAG_MILLIS;
        }
        return slot / PRECISION_MILLIS * PRECISION_MILLIS;
    }
}
