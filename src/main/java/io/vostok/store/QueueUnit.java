package io.vostok.store;

/** One unit of a queue, as {@link ConsumeQueue#read} found it. Reusable; owned by its reader's thread. */
public final class QueueUnit {
    private long position;
    private int sizeBytes;
    private long tagsCode;

    void set(long newPosition, int newSizeBytes, long newTagsCode) {
        position = newPosition;
        sizeBytes = newSizeBytes;
        tagsCode = newTagsCode;
    }

    /** Returns where the record starts in the log. */
    public long position() {
        return position;
    }

    public int sizeBytes() {
        return sizeBytes;
    }

    /** Returns the tags code; in the schedule topic the deliver time. */
    public long tagsCode() {
        return tagsCode;
    }
}
