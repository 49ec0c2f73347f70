package io.vostok.store.file;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The bytes of one file, in pages, with what the medium still holds of pages that were not forced. */
final class SimFile {
    static final int PAGE = 4096;
    private static final int SECTOR = 512;

    final int length;
    long modifiedMillis;

    /** Pages that are not all zeros since ever. */
    private final Map<Integer, byte[]> pages = new HashMap<>();

    /** Pages changed since the last force: what the medium has. */
    private final TreeMap<Integer, byte[]> unforced = new TreeMap<>();

    /** Pages whose force failed: what the medium has, whatever later forces say. */
    private final TreeMap<Integer, byte[]> lost = new TreeMap<>();

    private final BitSet blocks = new BitSet();
    private boolean lengthDurable;

    SimFile(int length, long nowMillis) {
        this.length = length;
        this.modifiedMillis = nowMillis;
    }

    void write(int at, byte[] source, int from, int count) {
        int done = 0;
        while (done < count) {
            int page = (at + done) / PAGE;
            int inPage = (at + done) % PAGE;
            int part = Math.min(PAGE - inPage, count - done);
            System.arraycopy(source, from + done, forWriting(page), inPage, part);
            done += part;
        }
    }

    void read(int at, byte[] target, int to, int count) {
        int done = 0;
        while (done < count) {
            int inPage = (at + done) % PAGE;
            int part = Math.min(PAGE - inPage, count - done);
            byte @Nullable [] page = pages.get((at + done) / PAGE);
            if (page == null) {
                java.util.Arrays.fill(target, to + done, to + done + part, (byte) 0);
            } else {
                System.arraycopy(page, inPage, target, to + done, part);
            }
            done += part;
        }
    }

    byte[] content() {
        byte[] content = new byte[length];
        read(0, content, 0, length);
        return content;
    }

    void flip(long bit) {
        int at = (int) (bit / 8);
        int page = at / PAGE;
        byte mask = (byte) (1 << (bit % 8));
        byte @Nullable [] onMedium = unforced.containsKey(page) ? unforced.get(page) : lost.get(page);
        if (onMedium != null) onMedium[at % PAGE] ^= mask;
        pages.computeIfAbsent(page, none -> new byte[PAGE])[at % PAGE] ^= mask;
    }

    /** Says that whether the file has its length is not its own question. */
    void keepLength() {
        lengthDurable = true;
    }

    boolean changed() {
        return !unforced.isEmpty();
    }

    void markForced() {
        unforced.clear();
        lengthDurable = true;
    }

    /** A force failed: the system forgets that these pages are not on the medium. */
    void markLost() {
        unforced.forEach(lost::putIfAbsent);
        unforced.clear();
    }

    void losePower(RandomGenerator random) {
        boolean empty = !lengthDurable && random.nextBoolean();
        for (Map.Entry<Integer, byte[]> page : unforced.entrySet()) {
            for (int sector = 0; sector < PAGE; sector += SECTOR) {
                boolean kept = !empty && random.nextBoolean();
                if (!kept) restore(page.getKey(), page.getValue(), sector, SECTOR);
            }
        }
        lost.forEach((page, onMedium) -> restore(page, onMedium, 0, PAGE));
        unforced.clear();
        lost.clear();
        lengthDurable = true;
    }

    int missingBlocks(int from, int to) {
        int missing = 0;
        for (int page = from / PAGE; page < pagesOf(to); page++) {
            if (!blocks.get(page)) missing++;
        }
        return missing;
    }

    void takeBlocks(int from, int to) {
        blocks.set(from / PAGE, pagesOf(to));
    }

    long blockBytes() {
        return (long) blocks.cardinality() * PAGE;
    }

    private byte[] forWriting(int page) {
        byte[] now = pages.computeIfAbsent(page, none -> new byte[PAGE]);
        if (!unforced.containsKey(page)) {
            byte @Nullable [] lostPage = lost.remove(page);
            unforced.put(page, lostPage != null ? lostPage : now.clone());
        }
        return now;
    }

    private void restore(int page, byte[] onMedium, int from, int count) {
        byte @Nullable [] now = pages.get(page);
        if (now != null) System.arraycopy(onMedium, from, now, from, count);
    }

    private static int pagesOf(int bytes) {
        return (int) (((long) bytes + PAGE - 1) / PAGE);
    }
}
