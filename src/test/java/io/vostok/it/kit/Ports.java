package io.vostok.it.kit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/** Ports that nobody listens on, below those the system gives to outgoing connections. */
public final class Ports {
    /** Tests run in several processes at once, each with a thousand ports of its own. */
    private static final int SHARE = 1_000;

    private static final int FIRST = Integer.getInteger("it.firstPort", 20_000);
    /** Where to begin within the share, so that two processes that were given the same one hardly meet. */
    private static final AtomicInteger NEXT =
            new AtomicInteger((int) (ProcessHandle.current().pid() % 100) * 10);

    private Ports() {}

    /** The middle of five free ports: a broker also listens two below (VIP) and one above (replication). */
    public static int free() {
        for (int tries = 0; tries < 1_000; tries++) {
            int middle = FIRST + 2 + NEXT.addAndGet(5) % (SHARE - 5);
            boolean free = true;
            for (int port = middle - 2; port <= middle + 2; port++) {
                free = free && bindable(port);
            }
            if (free) return middle;
        }
        throw new AssertionError("no free ports");
    }

    /** Tells whether somebody listens on a port. */
    static boolean listens(int port) {
        try (Socket probe = new Socket()) {
            probe.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false; // that is the question
        }
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
