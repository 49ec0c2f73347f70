package io.vostok.store;

/**
 * How far the log has got, in bytes from its start. Any thread may read; each mark has one writer.
 *
 * <p>Always true: {@code flushed <= appended}, {@code dispatched <= confirmed <= appended}; none ever falls.
 */
public interface Watermarks {
    /** Returns the end of the last appended record. */
    long appended();

    /** Returns the position below which everything is durable on this disk. */
    long flushed();

    /**
     * Returns the position below which records keep what they were promised: {@code flushed} with synchronous flush,
     * {@code appended} otherwise. Sends are answered and readers see only below it.
     */
    long confirmed();

    /** Returns the position below which every record is in its consume queue. */
    long dispatched();
}
