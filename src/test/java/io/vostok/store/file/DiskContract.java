package io.vostok.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vostok.store.StoreException;
import io.vostok.store.StoreException.Kind;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every disk does; run against the real one and the simulated one, so that the second may stand for the first. */
abstract class DiskContract {
    /** No multiple of a page, like Apache's consume queue files. */
    private static final int SIZE = 600_000;

    private Disk disk = new SimDisk();

    /** Returns a fresh disk object on the same folder. */
    abstract Disk disk();

    /** Returns how many segments are mapped on {@code disk}. */
    abstract int mapped(Disk disk);

    @BeforeEach
    void open() {
        disk = disk();
    }

    @AfterEach
    void leavesNoMapping() {
        assertThat(mapped(disk)).isZero();
        disk.unlock();
    }

    @Test
    void createsAFileOfZerosWithExactlyItsLength() {
        Segment segment = disk.create("a/b/c", SIZE);
        assertThat(segment.sizeBytes()).isEqualTo(SIZE);
        assertThat(segment.allocatedBytes()).isZero();
        assertThat(segment.name()).isEqualTo("c");
        assertThat(segment.getLong(SIZE - 8)).isZero();
        assertThat(disk.length("a/b/c")).isEqualTo(SIZE);
        segment.close();
        assertThat(disk.length("a/b/c")).isEqualTo(SIZE);
    }

    @Test
    void refusesToCreateWhatExists() {
        disk.create("a", SIZE).close();
        assertRefused(Kind.FAILED, () -> disk.create("a", SIZE));
    }

    @Test
    void refusesToOpenAFileOfAnotherLength() {
        disk.create("a", SIZE).close();
        assertRefused(Kind.DAMAGED, () -> disk.open("a", SIZE + 1));
    }

    @Test
    void refusesToOpenAnAbsentFile() {
        assertRefused(Kind.FAILED, () -> disk.open("absent", SIZE));
    }

    @Test
    void readsBackNumbersInBigEndian() {
        Segment segment = allocated("a");
        segment.putLong(16, 0x0102030405060708L);
        segment.putInt(24, 0x0A0B0C0D);
        segment.putIntRelease(28, -2);

        ByteBuffer bytes = ByteBuffer.allocate(16);
        segment.get(16, 16, bytes);

        assertThat(bytes.array()).startsWith(1, 2, 3, 4, 5, 6, 7, 8, 0x0A, 0x0B, 0x0C, 0x0D);
        assertThat(segment.getLong(16)).isEqualTo(0x0102030405060708L);
        assertThat(segment.getInt(24)).isEqualTo(0x0A0B0C0D);
        assertThat(segment.getInt(28)).isEqualTo(-2);
        assertThat(segment.getByte(17)).isEqualTo((byte) 2);
        segment.close();
    }

    @ParameterizedTest
    @MethodSource("buffers")
    void copiesFromAndToEveryKindOfBuffer(ByteBuffer buffer) {
        Segment segment = allocated("a");
        for (int i = 0; i < 10; i++) buffer.put(5 + i, (byte) (i + 1));
        buffer.position(5).limit(15);

        segment.put(4090, buffer.slice().asReadOnlyBuffer());
        segment.put(8190, buffer);

        assertThat(buffer.position()).isEqualTo(15);
        ByteBuffer back = buffer.duplicate();
        back.position(0).limit(30);
        segment.get(4090, 10, back);
        segment.get(8190, 10, back);
        assertThat(back.position()).isEqualTo(20);
        for (int i = 0; i < 10; i++) {
            assertThat(back.get(i)).isEqualTo((byte) (i + 1));
            assertThat(back.get(10 + i)).isEqualTo((byte) (i + 1));
        }
        segment.close();
    }

    static Stream<ByteBuffer> buffers() {
        return Stream.of(
                ByteBuffer.allocate(40),
                ByteBuffer.allocateDirect(40),
                ByteBuffer.allocate(50).position(7).slice(),
                ByteBuffer.allocateDirect(50).position(7).slice());
    }

    @Test
    void refusesToOverfillATarget() {
        Segment segment = allocated("a");
        assertThatThrownBy(() -> segment.get(0, 9, ByteBuffer.allocate(8))).isInstanceOf(BufferOverflowException.class);
        segment.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, SIZE - 7, SIZE, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void refusesAccessOutOfBounds(int at) {
        Segment segment = allocated("a");
        assertThatThrownBy(() -> segment.getLong(at)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> segment.putLong(at, 1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> segment.put(at, ByteBuffer.allocate(8))).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> segment.get(at, 8, ByteBuffer.allocate(8)))
                .isInstanceOf(IndexOutOfBoundsException.class);
        segment.close();
    }

    @Test
    void refusesToWriteBeyondWhatIsAllocated() {
        Segment segment = disk.create("a", SIZE);
        segment.allocateTo(5000);
        int allocated = segment.allocatedBytes();
        assertThat(allocated).isBetween(5000, 8192);

        segment.putLong(allocated - 8, 1);
        assertThatThrownBy(() -> segment.putLong(allocated - 7, 1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> segment.put(allocated, ByteBuffer.allocate(1)))
                .isInstanceOf(IllegalStateException.class);
        segment.close();
    }

    @Test
    void allocatesWithoutTouchingWhatIsThere() {
        Segment first = allocated("a");
        for (int at = 0; at + 8 <= SIZE; at += 8) first.putLong(at, at * 31L);
        first.close();

        Segment segment = disk.open("a", SIZE);
        assertThat(segment.allocatedBytes()).isZero();
        segment.allocateTo(10_000);
        segment.putLong(0, -1);
        segment.allocateTo(SIZE);

        assertThat(segment.allocatedBytes()).isEqualTo(SIZE);
        assertThat(segment.getLong(0)).isEqualTo(-1);
        for (int at = 8; at + 8 <= SIZE; at += 8)
            assertThat(segment.getLong(at)).isEqualTo(at * 31L);
        segment.close();
    }

    @Test
    void countsOnlyWholePagesThatAreAssumedAllocated() {
        disk.create("a", SIZE).close();
        Segment segment = disk.open("a", SIZE);

        segment.assumeAllocatedTo(9000);
        assertThat(segment.allocatedBytes()).isEqualTo(8192);
        segment.assumeAllocatedTo(100);
        assertThat(segment.allocatedBytes()).isEqualTo(8192);
        segment.assumeAllocatedTo(SIZE);
        assertThat(segment.allocatedBytes()).isEqualTo(SIZE);
        segment.close();
    }

    @Test
    void fillsWithZerosAsFarAsAllocated() {
        Segment segment = disk.create("a", SIZE);
        segment.allocateTo(8192);
        segment.putLong(0, -1);
        segment.putLong(8, -1);
        segment.putLong(8184, -1);

        segment.zero(8, SIZE);

        assertThat(segment.getLong(0)).isEqualTo(-1);
        assertThat(segment.getLong(8)).isZero();
        assertThat(segment.getLong(8184)).isZero();
        segment.close();
    }

    @Test
    void keepsContentOverCloseAndOpen() {
        Segment segment = allocated("a");
        segment.putLong(0, 99);
        segment.force();
        segment.close();

        Segment again = disk.open("a", SIZE);

        assertThat(again.getLong(0)).isEqualTo(99);
        again.close();
    }

    @Test
    void staysMappedUntilTheLastLeaseIsBack() {
        Segment segment = allocated("a");
        segment.putLong(0, 7);
        assertThat(segment.acquire()).isTrue();
        assertThat(segment.acquire()).isTrue();

        segment.close();
        segment.close();
        assertThat(segment.acquire()).isFalse();
        assertThat(segment.getLong(0)).isEqualTo(7);
        segment.release();
        assertThat(segment.getLong(0)).isEqualTo(7);
        assertThat(mapped(disk)).isEqualTo(1);

        segment.release();
        assertThat(mapped(disk)).isZero();
        assertThatThrownBy(() -> segment.getLong(0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(segment::release).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void readsADeletedFileThatIsStillLeased() {
        Segment segment = allocated("a");
        segment.putLong(8, 7);
        segment.acquire();
        segment.close();

        disk.delete("a");

        assertThat(segment.getLong(8)).isEqualTo(7);
        assertThat(disk.length("a")).isEqualTo(-1);
        segment.release();
    }

    @Test
    void listsFilesAndFoldersSortedAndApart() {
        disk.create("f/2", 4096).close();
        disk.create("f/10", 4096).close();
        disk.create("f/sub/x", 4096).close();

        assertThat(disk.files("f")).containsExactly("10", "2");
        assertThat(disk.folders("f")).containsExactly("sub");
        assertThat(disk.folders("")).containsExactly("f");
        assertThat(disk.files("absent")).isEmpty();
        assertThat(disk.folders("absent")).isEmpty();
    }

    @Test
    void replacesASmallFileAndKeepsThePreviousAsBackup() {
        assertThat(disk.read("config/t.json")).isNull();
        disk.replace("config/t.json", bytes("one"));
        assertThat(disk.read("config/t.json")).isEqualTo(bytes("one"));
        assertThat(disk.read("config/t.json.bak")).isNull();

        disk.replace("config/t.json", bytes("two"));
        disk.replace("config/t.json", bytes("three"));

        assertThat(disk.read("config/t.json")).isEqualTo(bytes("three"));
        assertThat(disk.read("config/t.json.bak")).isEqualTo(bytes("two"));
        assertThat(disk.files("config")).containsExactly("t.json", "t.json.bak");
    }

    @Test
    void deletesFilesAndEmptyFoldersOnly() {
        disk.create("f/a", 4096).close();
        assertRefused(Kind.FAILED, () -> disk.delete("f"));

        disk.delete("f/a");
        disk.delete("f");
        disk.delete("f");

        assertThat(disk.folders("")).isEmpty();
    }

    @Test
    void tellsLengthAndTimeOfFilesOnly() {
        disk.replace("a", bytes("abc"));
        assertThat(disk.length("a")).isEqualTo(3);
        assertThat(disk.modifiedMillis("a")).isPositive();
        assertThat(disk.length("b")).isEqualTo(-1);
        assertThat(disk.modifiedMillis("b")).isZero();
    }

    @Test
    void forcesFilesByTheirPathsThatKeepNoDescriptor() {
        Segment made = disk.mapNew("a/b/new", 8192);
        made.allocateTo(100);
        made.putLong(8, 42);
        assertThatThrownBy(made::force).isInstanceOf(UnsupportedOperationException.class);
        made.close();

        assertThat(disk.forceNew("a/b/new")).isTrue();
        assertThat(disk.force("a/b/new")).isTrue();
        assertThat(disk.force("a/b/none")).isFalse();
        assertThat(disk.forceNew("a/b/none")).isFalse();

        Segment again = disk.map("a/b/new", 8192);
        assertThat(again.getLong(8)).isEqualTo(42);
        again.assumeAllocatedTo(4096);
        again.assumeZeroBehind();
        again.allocateTo(8192);
        again.putLong(8184, 7);
        assertThat(again.getLong(4096)).isZero();
        again.close();
        assertRefused(Kind.FAILED, () -> disk.mapNew("a/b/new", 8192));
        assertRefused(Kind.DAMAGED, () -> disk.map("a/b/new", 4096));
    }

    @Test
    void deletesAFileWithoutForcingThat() {
        disk.mapNew("a/new", 4096).close();
        disk.deleteUnforced("a/new");
        disk.deleteUnforced("a/new");
        assertThat(disk.length("a/new")).isEqualTo(-1);
        disk.mapNew("a/new", 4096).close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", "../a", "a/../b", "/a", "a//b", "a/", "", ".", "a\0b", "a\\b"})
    void refusesPathsThatLeadElsewhere(String path) {
        assertThatThrownBy(() -> disk.read(path)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> disk.create(path, 4096)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void letsOnlyOneHaveTheStore() {
        Disk other = disk();
        disk.lock();
        assertRefused(Kind.IN_USE, other::lock);
        assertRefused(Kind.IN_USE, other::lock);
        assertRefused(Kind.IN_USE, disk::lock);
        other.unlock();
        assertRefused(Kind.IN_USE, other::lock);

        disk.unlock();
        disk.unlock();
        other.lock();
        other.unlock();
    }

    @Test
    void keepsAReserveAndGivesItBack() {
        assertThat(disk.freeReserve()).isFalse();

        disk.keepReserve(100_000);
        disk.keepReserve(100_000);
        assertThat(disk.length("reserve")).isEqualTo(100_000);

        assertThat(disk.freeReserve()).isTrue();
        assertThat(disk.length("reserve")).isEqualTo(-1);
    }

    @Test
    void tellsHowFullTheDiskIs() {
        assertThat(disk.usedRatio()).isBetween(0.0, 1.0);
        assertThat(disk.freeBytes()).isPositive();
    }

    static void assertRefused(Kind kind, ThrowingCallable work) {
        assertThatThrownBy(work)
                .isInstanceOfSatisfying(
                        StoreException.class,
                        e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind));
    }

    private Segment allocated(String path) {
        Segment segment = disk.create(path, SIZE);
        segment.allocateTo(SIZE);
        return segment;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
