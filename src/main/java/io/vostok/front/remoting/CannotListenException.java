package io.vostok.front.remoting;

/** A port cannot be listened on; the message names it, the setting it comes from, and what the system said. */
public final class CannotListenException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    CannotListenException(String server, String host, RemotingVerticle.Port port, Throwable cause) {
        super(
                server + " cannot listen on " + host + ":" + port.number() + " (" + port.setting() + "): "
                        + cause.getMessage(),
                cause);
    }
}
