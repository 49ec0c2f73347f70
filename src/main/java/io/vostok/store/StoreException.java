package io.vostok.store;

/** The world broke, or a file is not what it must be. The message names file, position and cause. */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What the caller can conclude. */
    public enum Kind {
        /** No room on the disk; nothing was written; may pass. */
        DISK_FULL,
        /** The disk refuses writes; may pass. */
        READ_ONLY,
        /** A force failed: nothing more is written until the process starts anew (promise P1). */
        POISONED,
        /** The disk does not answer; nothing was written; may pass. */
        STALLED,
        /** The record fits no file of the log, now or later; nothing was written. */
        TOO_LARGE,
        /** Another process has the store. */
        IN_USE,
        /** A file has wrong content or size. */
        DAMAGED,
        /** Anything else the system reported. */
        FAILED
    }

    private final Kind kind;

    public StoreException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public StoreException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
