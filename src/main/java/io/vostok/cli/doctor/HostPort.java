package io.vostok.cli.doctor;

import org.jspecify.annotations.Nullable;

/** Where a server listens. An address of IPv6 has brackets. */
public record HostPort(String host, int port) {
    /** Reads {@code host:port}; null when it is none. */
    public static @Nullable HostPort parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1 || !text.substring(colon + 1).matches("[0-9]{1,5}")) return null;
        int port = Integer.parseInt(text.substring(colon + 1));
        return port < 1 || port > 65_535 ? null : new HostPort(text.substring(0, colon), port);
    }

    /** Whether only programs of the same machine reach it. */
    public boolean isLoopback() {
        return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]") || host.equals("::1");
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
