package io.vostok.model;

/**
 * The version of a table that brokers and name servers compare (storage reference 16.1); equal only if all three are.
 *
 * @param timestampMillis when the table last changed
 */
public record DataVersion(long stateVersion, long timestampMillis, long counter) {
    /** Returns the version after one more change at {@code nowMillis}. */
    public DataVersion next(long nowMillis) {
        return new DataVersion(stateVersion, nowMillis, counter + 1);
    }
}
