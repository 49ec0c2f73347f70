package io.vostok.store.dedupe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RecentIdsTest {
    /** Ages are kept in 64 ms. */
    private static final long STEP = 64;

    /** Keys are told apart by their high bits; {@link RepeatKeys} spreads ids over all of them. */
    private static long key(int number) {
        return (long) number << 40;
    }

    @Test
    void findsTheNewestPositionOfAKeyUntilItLeavesTheWindow() {
        RecentIds ids = new RecentIds(10, 10 * STEP);

        ids.put(key(7), 100, 0);
        ids.put(key(7), 200, STEP);

        assertThat(ids.find(key(7), 10 * STEP)).isEqualTo(200);
        assertThat(ids.find(key(7), 11 * STEP)).isEqualTo(RecentIds.NOT_FOUND);
        assertThat(ids.find(key(8), STEP)).isEqualTo(RecentIds.NOT_FOUND);
    }

    @Test
    void letsTheOldestGiveWayToTheNewestWhenFull() {
        RecentIds ids = new RecentIds(3, 1_000 * STEP);

        for (int key = 1; key <= 5; key++) ids.put(key(key), key, 0);

        assertThat(ids.size()).isEqualTo(3);
        assertThat(ids.find(key(2), 0)).isEqualTo(RecentIds.NOT_FOUND);
        for (int key = 3; key <= 5; key++) assertThat(ids.find(key(key), 0)).isEqualTo(key);
    }

    @Test
    void ofManyAFewGiveWayAtOnce() {
        RecentIds ids = new RecentIds(RecentIds.MANY, 1_000 * STEP);

        for (int key = 1; key <= RecentIds.MANY + 1; key++) ids.put(key(key), key, 0);

        int gone = RecentIds.FORGOTTEN_AT_ONCE;
        assertThat(ids.size()).isEqualTo(RecentIds.MANY + 1 - gone);
        assertThat(ids.find(key(gone), 0)).isEqualTo(RecentIds.NOT_FOUND);
        for (int key = gone + 1; key <= RecentIds.MANY + 1; key++)
            assertThat(ids.find(key(key), 0)).isEqualTo(key);
    }

    @Test
    void ofManyNoneGivesWayBeforeItLeftTheWindowWhileThereIsRoom() {
        RecentIds ids = new RecentIds(4 * RecentIds.MANY, 10 * STEP);
        for (int key = 1; key <= RecentIds.MANY; key++) ids.put(key(key), key, key <= 5 ? 0 : STEP);

        ids.put(key(RecentIds.MANY + 1), 1, 10 * STEP);

        assertThat(ids.size()).isEqualTo(RecentIds.MANY - 4);
        for (int key = 6; key <= RecentIds.MANY; key++)
            assertThat(ids.find(key(key), 10 * STEP)).isEqualTo(key);
    }

    @Test
    void keepsTimesBelowZeroApart() {
        RecentIds ids = new RecentIds(10, 10 * STEP);

        ids.put(key(1), 100, -9 * STEP);
        ids.put(key(2), 200, -11 * STEP);

        assertThat(ids.find(key(1), 0)).isEqualTo(100);
        assertThat(ids.find(key(2), 0)).isEqualTo(RecentIds.NOT_FOUND);
    }

    /** Against a map and a queue that do the same in the plainest way. */
    @Test
    void doesWhatAPlainModelDoes() {
        for (long seed = 1; seed <= 300; seed++) compareWithModel(seed);
    }

    private static void compareWithModel(long seed) {
        Random random = new Random(seed);
        int most = 1 + random.nextInt(3_000);
        long window = STEP * (1 + random.nextInt(500));
        // Few keys, and such that differ in low bits only, so that searches are long.
        int distinct = 1 + random.nextInt(2 * most);
        boolean crowded = random.nextBoolean();
        RecentIds ids = new RecentIds(most, window);
        Map<Long, long[]> newest = new HashMap<>();
        ArrayDeque<long[]> ring = new ArrayDeque<>();
        long now = -STEP * random.nextInt(1_000);
        for (int step = 0; step < 4_000; step++) {
            if (random.nextInt(4) == 0) now += STEP * random.nextInt(3);
            long key = keyOf(random.nextInt(distinct), crowded);
            long[] known = newest.get(key);
            long expected = known != null && now - known[1] < window ? known[2] : RecentIds.NOT_FOUND;
            assertThat(ids.find(key, now)).as("seed %d step %d", seed, step).isEqualTo(expected);
            if (random.nextInt(3) > 0) {
                ids.put(key, step, now);
                long[] entry = {key, now, step};
                newest.put(key, entry);
                ring.add(entry);
                while (ring.size() > ids.size()) {
                    long[] gone = ring.remove();
                    // It gave way because it was too old, or because there were too many.
                    assertThat(now - gone[1] >= window || ring.size() == most)
                            .as("seed %d step %d", seed, step)
                            .isTrue();
                    newest.remove(gone[0], gone);
                }
                assertThat(ids.size()).isEqualTo(ring.size());
            }
        }
    }

    private static long keyOf(int number, boolean crowded) {
        long key = new SplittableRandom(number).nextLong();
        return crowded ? (key & 0x0000_00FF_FFF0_0000L) | 0x7000_0000_0000_0000L : key;
    }

    /** The question of idempotent producers: a tenth of what is promised, so that a busy machine does not matter. */
    @Test
    void answersAMillionKeysInFarLessThanAMillisecond() {
        int most = 1_000_000;
        RecentIds ids = new RecentIds(most, Long.MAX_VALUE >> 8);
        SplittableRandom random = new SplittableRandom(1);
        long[] keys = new long[most];
        for (int i = 0; i < most; i++) {
            keys[i] = random.nextLong();
            ids.put(keys[i], i, 0);
        }
        int asked = 20_000;
        long[] nanos = new long[asked];
        for (int i = 0; i < asked; i++) {
            int which = random.nextInt(most);
            long start = System.nanoTime();
            long found = ids.find(keys[which], 0);
            nanos[i] = System.nanoTime() - start;
            assertThat(found).isEqualTo(which);
        }
        Arrays.sort(nanos);
        assertThat(nanos[asked * 9 / 10]).isLessThan(100_000);
    }
}
