package io.vostok.store.file;

import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** The same facts on both disks. */
class DiskContractTest {
    @Nested
    class OnMappedFiles extends DiskContract {
        @TempDir
        private Path folder = Path.of("");

        @Override
        Disk disk() {
            return new MappedDisk(folder.resolve("store"));
        }

        @Override
        int mapped(Disk disk) {
            return ((MappedDisk) disk).mappedSegments();
        }
    }

    @Nested
    class InMemory extends DiskContract {
        private final SimDisk first = new SimDisk();

        @Override
        Disk disk() {
            return first.anotherProcess();
        }

        @Override
        int mapped(Disk disk) {
            return ((SimDisk) disk).mappedSegments();
        }
    }
}
