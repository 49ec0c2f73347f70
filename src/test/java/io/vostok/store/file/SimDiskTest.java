package io.vostok.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vostok.store.StoreException;
import io.vostok.store.StoreException.Kind;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What only the simulated disk can do. */
class SimDiskTest {
    private static final int SIZE = 64 * 1024;

    private SimDisk disk = new SimDisk();

    @Test
    void keepsUnforcedBytesWhenTheProcessDies() {
        aSegment("a").putLong(8000, 42);

        disk = disk.crashProcess();

        assertThat(disk.open("a", SIZE).getLong(8000)).isEqualTo(42);
    }

    @Test
    void losesSomeUnforcedSectorsAndKeepsOthersAfterAPowerCut() {
        Segment segment = aSegment("a");
        for (int at = 0; at < SIZE; at += 512) segment.putLong(at, 7);

        disk = disk.powerCut(new Random(1));

        Segment after = disk.open("a", SIZE);
        int kept = 0;
        for (int at = 0; at < SIZE; at += 512) {
            if (after.getLong(at) == 7) kept++;
        }
        assertThat(kept).isBetween(1, SIZE / 512 - 1);
    }

    @Test
    void losesTheSameSectorsForTheSameSeed() {
        assertThat(contentAfterPowerCut(5)).isEqualTo(contentAfterPowerCut(5)).isNotEqualTo(contentAfterPowerCut(6));
    }

    @Test
    void keepsForcedBytesAfterAPowerCut() {
        Segment segment = aSegment("a");
        for (int at = 0; at < SIZE; at += 8) segment.putLong(at, at);
        segment.force();
        segment.putLong(512, -1);

        disk = disk.powerCut(new Random(3));

        Segment after = disk.open("a", SIZE);
        for (int at = 0; at < SIZE; at += 8) {
            if (at != 512) assertThat(after.getLong(at)).isEqualTo(at);
        }
        assertThat(after.getLong(512)).isIn(512L, -1L);
    }

    @Test
    void neverMakesPagesDurableWhoseForceFailed() {
        Segment segment = aSegment("a");
        segment.putLong(0, 1);
        disk.failNextForce("a");
        assertThatThrownBy(segment::force).isInstanceOf(StoreException.class);
        assertThatThrownBy(segment::force)
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.kind()).isEqualTo(Kind.POISONED));
        assertThat(segment.getLong(0)).isEqualTo(1);

        disk = disk.crashProcess();
        disk.open("a", SIZE).force();
        disk = disk.powerCut(new Random(0));

        assertThat(disk.open("a", SIZE).getLong(0)).isZero();
    }

    @Test
    void tearsOnlyTheEndOfTheLastWrite() {
        Segment segment = aSegment("a");
        segment.putLong(0, -1);
        segment.put(8, java.nio.ByteBuffer.wrap(new byte[] {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}));

        disk.tearLastWrite(new Random(2));

        assertThat(segment.getLong(0)).isEqualTo(-1);
        assertThat(segment.getByte(17)).isZero();
    }

    @Test
    void flipsOneBit() {
        Segment segment = aSegment("a");
        segment.putInt(4, 0);

        disk.flipBit("a", 7 * 8 + 2);

        assertThat(segment.getInt(4)).isEqualTo(4);
    }

    @Test
    void refusesEverythingAfterTheProcessEnded() {
        Segment segment = aSegment("a");
        SimDisk dead = disk;

        disk = disk.crashProcess();

        assertThatThrownBy(() -> segment.putLong(0, 1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> dead.files("")).isInstanceOf(IllegalStateException.class);
        assertThat(segment.acquire()).isFalse();
        segment.close();
        dead.unlock();
    }

    @Test
    void crashesBeforeTheStepItWasTold() {
        Segment segment = aSegment("a");
        disk.crashAtStep(2);
        segment.putLong(0, 1);

        assertThatThrownBy(() -> segment.putLong(8, 2)).isInstanceOf(SimCrash.class);
        assertThatThrownBy(() -> segment.getLong(0)).isInstanceOf(SimCrash.class);

        disk = disk.crashProcess();
        assertThat(disk.open("a", SIZE).getLong(0)).isEqualTo(1);
        assertThat(disk.open("a", SIZE).getLong(8)).isZero();
    }

    @Test
    void replacesOrKeepsASmallFileAtEveryStepOfACrash() {
        for (int step = 1; ; step++) {
            for (int seed = 0; seed < 20; seed++) {
                SimDisk before = new SimDisk();
                before.replace("f", new byte[] {1});
                before.crashAtStep(step);
                boolean done = completes(() -> before.replace("f", new byte[] {2}));

                byte[] after = before.powerCut(new Random(seed)).read("f");

                assertThat(after).hasSize(1);
                if (done) {
                    assertThat(after).containsExactly(2);
                    return;
                }
            }
        }
    }

    @Test
    void givesBlocksBackWhenAFileIsDeleted() {
        disk.fillUp(SIZE);
        aSegment("a").close();
        assertThat(disk.freeBytes()).isZero();

        disk.delete("a");

        assertThat(disk.freeBytes()).isEqualTo(SIZE);
    }

    @Test
    void failsAForceOfChangedPagesWhileReadOnly() {
        Segment segment = aSegment("a");
        segment.force();
        disk.readOnly(true);
        segment.force();
        segment.putLong(0, 1);

        assertThatThrownBy(segment::force).isInstanceOf(StoreException.class);
    }

    private static byte[] contentAfterPowerCut(long seed) {
        SimDisk before = new SimDisk();
        Segment segment = before.create("a", SIZE);
        segment.allocateTo(SIZE);
        for (int at = 0; at < SIZE; at += 512) segment.putLong(at, 7);
        byte[] content = before.powerCut(new Random(seed)).read("a");
        return java.util.Objects.requireNonNull(content);
    }

    private static boolean completes(Runnable work) {
        try {
            work.run();
            return true;
        } catch (SimCrash crash) {
            return false;
        }
    }

    private Segment aSegment(String path) {
        Segment segment = disk.create(path, SIZE);
        segment.allocateTo(SIZE);
        return segment;
    }
}
