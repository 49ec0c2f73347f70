package io.vostok.it.kit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Folders of this run of the tests under {@code target/it}; kept for a look after a failure, emptied by the next. */
public final class Folders {
    private static final Path RUN = fresh();
    private static final AtomicInteger COUNT = new AtomicInteger();

    private Folders() {}

    public static Path ofRun() {
        return RUN;
    }

    /** A new empty folder whose name starts with {@code purpose}. */
    public static Path make(String purpose) {
        try {
            return Files.createDirectories(RUN.resolve(purpose + "-" + COUNT.incrementAndGet()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns how many entries a folder has. */
    public static int count(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return (int) entries.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void delete(Path folder) {
        if (!Files.exists(folder)) return;
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path fresh() {
        Path run = Path.of(System.getProperty("it.work", "target/it")).toAbsolutePath();
        delete(run);
        try {
            return Files.createDirectories(run);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
