package io.vostok.store.file;

/** The process ends here, in the middle of what it was doing; thrown where {@link SimDisk#crashAtStep} told. */
public final class SimCrash extends Error {
    private static final long serialVersionUID = 1L;

    SimCrash(String message) {
        super(message);
    }
}
