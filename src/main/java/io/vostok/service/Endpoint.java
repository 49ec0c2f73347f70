package io.vostok.service;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/** An address as message records and message ids hold it: 4 or 16 bytes and a port. Immutable; callers do not write to the bytes. */
public final class Endpoint {
    private final InetSocketAddress socket;
    private final byte[] address;

    private Endpoint(InetSocketAddress socket, byte[] address) {
        this.socket = socket;
        this.address = address;
    }

    /** Returns the endpoint of a resolved socket address; an unresolved one counts as 0.0.0.0. */
    public static Endpoint of(InetSocketAddress socket) {
        InetAddress resolved = socket.getAddress();
        return new Endpoint(socket, resolved == null ? new byte[4] : resolved.getAddress());
    }

    InetSocketAddress socket() {
        return socket;
    }

    /** Returns {@code ip:port}. */
    String text() {
        InetAddress resolved = socket.getAddress();
        String host = resolved == null ? socket.getHostString() : resolved.getHostAddress();
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + socket.getPort();
    }

    byte[] address() {
        return address;
    }

    int port() {
        return socket.getPort();
    }
}
