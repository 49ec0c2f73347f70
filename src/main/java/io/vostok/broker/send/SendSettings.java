package io.vostok.broker.send;

/**
 * What the rules of sending depend on.
 *
 * @param permission bits of {@code model.Permission} of the whole broker
 * @param cluster put on every message, so that replies find their way
 * @param traceOn told to clients, which then write traces
 */
public record SendSettings(int permission, int maxMessageBytes, String cluster, String region, boolean traceOn) {
    /** Returns the same with another permission and switch of traces. */
    public SendSettings with(int otherPermission, boolean otherTraceOn) {
        return new SendSettings(otherPermission, maxMessageBytes, cluster, region, otherTraceOn);
    }
}
