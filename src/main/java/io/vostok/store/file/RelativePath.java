package io.vostok.store.file;

/** The rule for paths within a store: parts of plain names joined by {@code /}, so that no name can lead outside. */
final class RelativePath {
    private RelativePath() {}

    /**
     * Returns {@code path} when it is one.
     *
     * @throws IllegalArgumentException when a part is empty, {@code .} or {@code ..}, or has a NUL or a backslash
     */
    static String check(String path) {
        int start = 0;
        for (int i = 0; i <= path.length(); i++) {
            char c = i == path.length() ? '/' : path.charAt(i);
            if (c == '\0' || c == '\\') throw wrong(path);
            if (c != '/') continue;
            if (isNoName(path, start, i)) throw wrong(path);
            start = i + 1;
        }
        return path;
    }

    /** As {@link #check}, but the empty path, the store itself, is fine. */
    static String checkFolder(String path) {
        return path.isEmpty() ? path : check(path);
    }

    /** Returns what is before the last {@code /}; empty for a file in the store's own folder. */
    static String folderOf(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "" : path.substring(0, slash);
    }

    /** Returns what is after the last {@code /}. */
    static String nameOf(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private static boolean isNoName(String path, int from, int to) {
        int length = to - from;
        return length == 0
                || (length == 1 && path.charAt(from) == '.')
                || (length == 2 && path.charAt(from) == '.' && path.charAt(from + 1) == '.');
    }

    private static IllegalArgumentException wrong(String path) {
        return new IllegalArgumentException("not a path within the store: " + path);
    }
}
