package io.vostok.it.client;

/** An exception of the client, flattened to what crosses class loaders. */
public final class ClientFailure extends RuntimeException {
    private final int code;

    /** @param code the broker's response code, or -1 when the failure has none */
    public ClientFailure(int code, String text, Throwable cause) {
        super(text, cause);
        this.code = code;
    }

    public int code() {
        return code;
    }
}
