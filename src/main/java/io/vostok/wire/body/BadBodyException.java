package io.vostok.wire.body;

/** A body or file that is not what its request or name promises. The message is for the user and names the place. */
public final class BadBodyException extends RuntimeException {
    public BadBodyException(String message) {
        super(message);
    }

    public BadBodyException(String message, Throwable cause) {
        super(message, cause);
    }
}
