package io.vostok.store.file;

import io.vostok.store.StoreException;
import io.vostok.store.StoreException.Kind;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Turns what the system reports into what a caller can conclude. */
final class DiskFailure {
    /** Below this many free bytes a failed write is put down to the full disk, whatever language the system speaks. */
    private static final long AS_GOOD_AS_FULL = 64 * 1024;

    private DiskFailure() {}

    /**
     * Returns the failure of {@code doing} to {@code path}.
     *
     * @param place a path on the same disk that exists
     */
    static StoreException of(String path, String doing, Path place, IOException cause) {
        return new StoreException(kind(place, cause), path + ": " + doing + " failed: " + words(cause), cause);
    }

    private static Kind kind(Path place, IOException cause) {
        String words = words(cause).toLowerCase(Locale.ROOT);
        if (words.contains("no space left") || words.contains("quota exceeded") || words.contains("not enough space")) {
            return Kind.DISK_FULL;
        }
        if (words.contains("read-only file system")) return Kind.READ_ONLY;
        try {
            FileStore store = Files.getFileStore(place);
            if (store.isReadOnly()) return Kind.READ_ONLY;
            if (store.getUsableSpace() < AS_GOOD_AS_FULL) return Kind.DISK_FULL;
        } catch (IOException unknown) {
            // The disk does not even tell about itself: then the first failure is the one worth reporting.
            return Kind.FAILED;
        }
        return Kind.FAILED;
    }

    private static String words(IOException cause) {
        @Nullable String message = cause.getMessage();
        // Of these the JDK tells only the path.
        if (cause instanceof AccessDeniedException) return "permission denied: " + message;
        if (cause instanceof FileAlreadyExistsException) return "in the way: " + message;
        if (cause instanceof NoSuchFileException) return "no such file or folder: " + message;
        return message == null ? cause.getClass().getSimpleName() : message;
    }
}
