package io.vostok.store;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.store.file.Segment;
import io.vostok.store.file.SimDisk;
import org.junit.jupiter.api.Test;

class QueueMappingsTest {
    private static final int MOST = 3;
    private static final int UNITS = 32;

    private final SimDisk disk = new SimDisk();
    private final QueueMappings mappings = new QueueMappings(disk, UNITS, MOST);

    @Test
    void mapsNoMoreThanItMay() {
        for (int i = 0; i < 10; i++) fileWith(i);
        assertThat(disk.mappedSegments()).isEqualTo(MOST);
        assertThat(disk.mostMappedSegments()).isEqualTo(MOST + 1); // the one that has to go goes after the other came
    }

    @Test
    void readsWhatWasWrittenBeforeTheMappingWentAndCameAgain() {
        QueueFile[] files = new QueueFile[10];
        for (int i = 0; i < files.length; i++) files[i] = fileWith(i);
        for (int i = 0; i < files.length; i++) assertThat(read(files[i])).isEqualTo(i);
    }

    @Test
    void leavesWhatIsUsedMappedAndLetsTheOthersGo() {
        QueueFile[] files = new QueueFile[10];
        for (int i = 0; i < files.length; i++) files[i] = fileWith(i);
        QueueFile busy = files[0];
        read(busy);
        Segment first = requireNonNull(busy.lease());
        first.release();
        for (int i = 0; i < 3 * files.length; i++) {
            read(files[1 + i % 9]);
            read(busy);
        }
        Segment now = requireNonNull(busy.lease());
        now.release();
        assertThat(now).isSameAs(first);
    }

    @Test
    void keepsAMappingUntilItsLastLeaseIsBack() {
        QueueFile leased = fileWith(7);
        Segment mapped = requireNonNull(leased.lease());
        for (int i = 0; i < 10; i++) fileWith(i);
        assertThat(mapped.getLong(0)).isEqualTo(7);
        assertThat(disk.mappedSegments()).isEqualTo(MOST + 1);

        mapped.release();

        assertThat(disk.mappedSegments()).isEqualTo(MOST);
    }

    @Test
    void growsAFileWhoseMappingWentInBetween() {
        QueueFile file = fileWith(1);
        for (int i = 2; i < 10; i++) fileWith(i);
        write(file, (UNITS - 1) * QueueFile.UNIT, 99);
        Segment mapped = requireNonNull(file.lease());
        assertThat(mapped.getLong(0)).isEqualTo(1);
        assertThat(mapped.getLong((UNITS - 1) * QueueFile.UNIT)).isEqualTo(99);
        mapped.release();
    }

    @Test
    void forcesWhatIsNoLongerMapped() {
        QueueFile file = fileWith(42);
        for (int i = 0; i < 10; i++) fileWith(i);
        file.force();

        SimDisk after = disk.powerCut(new java.util.Random(1));

        Segment found = after.map(file.path(), UNITS * QueueFile.UNIT);
        assertThat(found.getLong(0)).isEqualTo(42);
        found.close();
    }

    @Test
    void givesNothingOfAFileThatIsClosed() {
        QueueFile file = fileWith(1);
        file.close();
        assertThat(file.lease()).isNull();
        assertThat(disk.mappedSegments()).isZero();
        for (int i = 2; i < 10; i++) fileWith(i);
        assertThat(disk.mappedSegments()).isEqualTo(MOST);
    }

    private QueueFile fileWith(int value) {
        QueueFile file = new QueueFile(mappings, StoreKit.queue("t" + value, value), 0);
        file.create();
        write(file, 0, value);
        return file;
    }

    private static void write(QueueFile file, int at, long value) {
        Segment mapped = file.leaseToWrite(at);
        mapped.putLong(at, value);
        mapped.release();
    }

    private static long read(QueueFile file) {
        Segment mapped = requireNonNull(file.lease());
        try {
            return mapped.getLong(0);
        } finally {
            mapped.release();
        }
    }
}
