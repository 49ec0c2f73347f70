package io.vostok.store;

import java.nio.ByteBuffer;

/** Decides which records a reader gets: first by the queue's unit alone, then by the record. Any thread. */
public interface RecordFilter {
    /** Tells whether the unit's tags code lets the record through, or leaves the decision to {@link #matchesRecord}. */
    boolean matchesUnit(long tagsCode);

    /** Tells whether {@link #matchesRecord} must be asked; reading the record costs more than reading the unit. */
    boolean needsRecord();

    /**
     * Returns the most steps {@link #matchesRecord} may take for a properties text of this length; a reader ends its scan when
     * the sum grows too large. 0 when it costs next to nothing.
     */
    default int stepsAtMost(int propertiesBytes) {
        return 0;
    }

    /** Decides by the properties text of the record, from position to limit. */
    boolean matchesRecord(ByteBuffer properties);

    /** Lets everything through. */
    RecordFilter ALL = new RecordFilter() {
        @Override
        public boolean matchesUnit(long tagsCode) {
            return true;
        }

        @Override
        public boolean needsRecord() {
            return false;
        }

        @Override
        public boolean matchesRecord(ByteBuffer properties) {
            return true;
        }
    };
}
