package io.vostok.it.kit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;

/** Ports that nobody listens on, below those the system gives to outgoing connections. */
public final class Ports {
    private static final AtomicInteger NEXT =
            new AtomicInteger(20_000 + (int) (ProcessHandle.current().pid() % 500) * 20);

    private Ports() {}

    /** The middle of five free ports: a broker also listens two below (VIP) and one above (replication). */
    public static int free() {
        for (int tries = 0; tries < 1_000; tries++) {
            int middle = 20_000 + NEXT.addAndGet(5) % 12_000;
            boolean free = true;
            for (int port = middle - 2; port <= middle + 2; port++) {
                free = free && bindable(port);
            }
            if (free) return middle;
        }
        throw new AssertionError("no free ports");
    }

    private static boolean bindable(int port) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false; // that is the question
        }
    }
}
