package io.vostok.config;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds how many files this process may keep mapped. */
final class MachineMappings {
    private static final Path LIMIT = Path.of("/proc/sys/vm/max_map_count");
    /** Linux' limit since ever. */
    private static final long USUAL_LIMIT = 65_530;

    private static final int SHARE = 8;
    /** More cost more memory than they save time: a page of data and one of page table each (docs/benchmarks.md). */
    private static final int MOST_QUEUE_FILES = 8_192;

    private MachineMappings() {}

    /** Returns how many consume queue files to map: a part of what the system allows, the JVM and the log need some too. */
    static int queueFiles() {
        return (int) Math.max(64, Math.min(MOST_QUEUE_FILES, limit() / SHARE));
    }

    private static long limit() {
        // A reader, which asks once for all there is: these files give their first byte only to those that ask for
        // less.
        try (BufferedReader reader = Files.newBufferedReader(LIMIT)) {
            return Long.parseLong(String.valueOf(reader.readLine()).strip());
        } catch (IOException | NumberFormatException e) {
            // Another system, or one that does not tell.
            return USUAL_LIMIT;
        }
    }
}
