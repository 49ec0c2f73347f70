package io.vostok.store.file;

import static io.vostok.store.file.DiskContract.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vostok.store.StoreException;
import io.vostok.store.StoreException.Kind;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only the real disk can show. */
class MappedDiskTest {
    private static final int SIZE = 8 << 20;

    @TempDir
    private Path folder = Path.of("");

    @Test
    void isNoLongerMappedOrOpenAfterClose() throws IOException {
        assumeTrue(Files.exists(Path.of("/proc/self/maps")), "needs /proc");
        Segment segment = disk().create("needle-segment", SIZE);
        segment.allocateTo(SIZE);
        assertThat(mappings("needle-segment")).isEqualTo(1);

        segment.close();

        assertThat(mappings("needle-segment")).isZero();
        assertThat(openFiles("needle-segment")).isZero();
    }

    /** Records are written where pages are still being touched when the writer has caught up with housekeeping. */
    @Test
    void touchingUndoesNothingThatIsWrittenMeanwhile() throws Exception {
        int pages = 16;
        Segment segment = disk().create("touched", SIZE);
        segment.allocateTo(SIZE);
        AtomicBoolean done = new AtomicBoolean();
        Thread toucher = new Thread(() -> {
            while (!done.get()) segment.touch(0, pages * 4096);
        });
        toucher.start();
        try {
            byte[] record = new byte[64];
            for (int round = 1; round <= 200_000; round++) {
                Arrays.fill(record, (byte) round);
                for (int page = 1; page < pages; page++) segment.put(page * 4096 - 32, ByteBuffer.wrap(record));
                for (int page = 1; page < pages; page++)
                    assertThat(segment.getByte(page * 4096))
                            .as("round %d page %d", round, page)
                            .isEqualTo((byte) round);
            }
        } finally {
            done.set(true);
            toucher.join();
            segment.close();
        }
    }

    @Test
    void unmapsOnWhicheverThreadGivesTheLastLeaseBack() throws Exception {
        assumeTrue(Files.exists(Path.of("/proc/self/maps")), "needs /proc");
        Segment segment = disk().create("needle-leased", SIZE);
        CountDownLatch closed = new CountDownLatch(1);
        AtomicReference<Long> read = new AtomicReference<>(-1L);
        segment.acquire();
        Thread reader = new Thread(() -> {
            try {
                closed.await();
                read.set(segment.getLong(4096));
                segment.release();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        reader.start();

        segment.close();
        assertThat(mappings("needle-leased")).isEqualTo(1);
        closed.countDown();
        reader.join();

        assertThat(read.get()).isZero();
        assertThat(mappings("needle-leased")).isZero();
    }

    @Test
    void countsLeasesOfManyThreads() throws InterruptedException {
        MappedDisk disk = disk();
        Segment segment = disk.create("a", 4096);
        Thread[] readers = new Thread[4];
        for (int i = 0; i < readers.length; i++) {
            readers[i] = new Thread(() -> {
                while (segment.acquire()) {
                    segment.getLong(0);
                    segment.release();
                }
            });
            readers[i].start();
        }

        segment.close();
        for (Thread reader : readers) reader.join();

        assertThat(disk.mappedSegments()).isZero();
    }

    @Test
    void turnsHolesIntoBlocksWhenAllocating() throws Exception {
        MappedDisk disk = disk();
        Segment segment = disk.create("sparse", SIZE);
        long before = blocks("sparse");
        segment.close();
        assumeTrue(before * 512 < SIZE / 2, "needs a file system with holes");

        Segment opened = disk.open("sparse", SIZE);
        opened.allocateTo(SIZE);
        opened.close();

        assertThat(blocks("sparse") * 512).isGreaterThanOrEqualTo(SIZE);
    }

    @Test
    void keepsReserveInRealBlocks() throws Exception {
        MappedDisk disk = disk();
        disk.keepReserve(1 << 20);
        assertThat(blocks("reserve") * 512).isGreaterThanOrEqualTo(1 << 20);
    }

    @Test
    void namesTheProcessThatHasTheStore() throws Exception {
        Path store = Files.createDirectories(folder.resolve("store"));
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        LockHolder.class.getName(),
                        store.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertThat(other.inputReader().readLine()).isEqualTo("locked");

            assertThatThrownBy(() -> new MappedDisk(store).lock())
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.kind()).isEqualTo(Kind.IN_USE))
                    .hasMessageContaining("pid " + other.pid());

            other.destroyForcibly().waitFor();
            MappedDisk disk = new MappedDisk(store);
            disk.lock();
            disk.unlock();
        } finally {
            other.destroyForcibly();
        }
    }

    @Test
    void refusesAStoreThatApachesBrokerHas() throws Exception {
        Path store = Files.createDirectories(folder.resolve("store"));
        try (RandomAccessFile apache =
                new RandomAccessFile(store.resolve("lock").toFile(), "rw")) {
            apache.getChannel().lock(0, 1, false);
            assertRefused(Kind.IN_USE, () -> new MappedDisk(store).lock());
        }
    }

    @Test
    void poisonsAFileForGoodWhenAForceFailed() throws Exception {
        MappedDisk disk = disk();
        Path place = folder.resolve("store/a");
        Files.createDirectories(place.getParent());
        FileChannel channel = MappedDisk.createSparse(place, 4096);
        MappedSegment segment = new MappedSegment(disk, "a", place, channel, true, 4096, true);
        segment.force();
        channel.close(); // the nearest to a broken disk that a test can do: force throws an IOException

        assertRefused(Kind.POISONED, segment::force);
        assertRefused(Kind.POISONED, segment::force);
        segment.close();
        Segment again = disk.open("a", 4096);
        assertRefused(Kind.POISONED, again::force);
        again.close();
    }

    @Test
    void refusesToAllocateOnAFullDiskAndGoesOnWhenThereIsRoom() throws Exception {
        withTinyFileSystem(2 << 20, small -> {
            MappedDisk disk = new MappedDisk(small.resolve("store"));
            disk.keepReserve(256 << 10);
            Segment segment = disk.create("log", SIZE);

            assertRefused(Kind.DISK_FULL, () -> segment.allocateTo(SIZE));
            int allocated = segment.allocatedBytes();
            for (int at = 0; at + 8 <= allocated; at += 4096) segment.putLong(at, at);
            assertRefused(Kind.DISK_FULL, () -> disk.replace("small", new byte[300 << 10]));
            assertThat(disk.read("small")).isNull();

            assertThat(disk.freeReserve()).isTrue();
            disk.replace("small", new byte[100 << 10]);
            for (int at = 0; at + 8 <= allocated; at += 4096)
                assertThat(segment.getLong(at)).isEqualTo(at);
            segment.close();
        });
    }

    @Test
    void refusesToAllocateOnAReadOnlyDiskAndStillReads() throws Exception {
        withTinyFileSystem(1 << 20, small -> {
            MappedDisk disk = new MappedDisk(small.resolve("store"));
            disk.create("log", 65536).close();
            assumeTrue(run("mount", "-o", "remount,ro", small.toString()), "cannot remount");

            assertRefused(Kind.READ_ONLY, () -> disk.create("other", 4096));
            assertRefused(Kind.READ_ONLY, () -> disk.replace("small", new byte[1]));
            assertRefused(Kind.READ_ONLY, () -> disk.delete("log"));
            assertThat(disk.read("log")).hasSize(65536);
        });
    }

    @Test
    void overwritesLeftoversOfACrash() throws IOException {
        MappedDisk disk = disk();
        disk.replace("t", new byte[] {1});
        Files.write(folder.resolve("store/t.tmp"), new byte[] {9, 9});
        Files.write(folder.resolve("store/t.bak.tmp"), new byte[] {9, 9});

        disk.replace("t", new byte[] {2});

        assertThat(disk.read("t")).containsExactly(2);
        assertThat(disk.read("t.bak")).containsExactly(1);
        assertThat(disk.files("")).containsExactly("t", "t.bak");
    }

    private MappedDisk disk() {
        return new MappedDisk(folder.resolve("store"));
    }

    private interface Work {
        void on(Path small) throws IOException;
    }

    private void withTinyFileSystem(int bytes, Work work) throws IOException {
        Path small = Files.createDirectory(folder.resolve("small"));
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=" + bytes, "tmpfs", small.toString()), "may not mount a tmpfs");
        try {
            work.on(small);
        } finally {
            run("umount", "-l", small.toString());
        }
    }

    private static boolean run(String... command) throws IOException {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (IOException noSuchCommand) {
            return false;
        }
    }

    private long blocks(String file) throws IOException {
        Process stat = new ProcessBuilder(
                        "stat", "-c", "%b", folder.resolve("store/" + file).toString())
                .start();
        return Long.parseLong(stat.inputReader().readLine().strip());
    }

    private static long mappings(String name) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .filter(line -> line.contains(name))
                .count();
    }

    private static long openFiles(String name) throws IOException {
        try (var all = Files.list(Path.of("/proc/self/fd"))) {
            return all.filter(fd -> {
                        try {
                            return Files.readSymbolicLink(fd).toString().contains(name);
                        } catch (IOException closedMeanwhile) {
                            return false;
                        }
                    })
                    .count();
        }
    }

    /** A process that takes the store and waits to be killed. */
    static final class LockHolder {
        private LockHolder() {}

        public static void main(String[] arguments) throws IOException {
            new MappedDisk(Path.of(arguments[0])).lock();
            System.out.println("locked");
            System.in.read();
        }
    }
}
