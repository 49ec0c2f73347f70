package io.vostok.wire.frame;

/** A frame or header that cannot be read. Nothing after it on the connection can be trusted: the connection is closed. */
public final class ProtocolException extends RuntimeException {
    /**
     * Makes the error.
     *
     * @param message what was wrong, in words for the log
     */
    public ProtocolException(String message) {
        super(message);
    }
}
