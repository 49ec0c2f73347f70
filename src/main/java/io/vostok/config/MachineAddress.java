package io.vostok.config;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.Collections;

/** Finds a host to tell others when the process listens on every address of the machine. */
final class MachineAddress {
    private MachineAddress() {}

    /** Returns a host under which this process reaches what listens on {@code listenHost}. */
    static String toReach(String listenHost) {
        return isAll(listenHost) ? "127.0.0.1" : listenHost;
    }

    /**
     * Returns a host under which others reach what listens on {@code listenHost}: itself, or for all addresses the first
     * IPv4 address of a network that is up and not loopback, or loopback when the machine has no other.
     */
    static String toAdvertise(String listenHost) {
        if (!isAll(listenHost)) return listenHost;
        try {
            for (NetworkInterface network : Collections.list(NetworkInterface.getNetworkInterfaces())) {
                if (!network.isUp() || network.isLoopback() || network.isVirtual()) continue;
                for (InetAddress address : Collections.list(network.getInetAddresses())) {
                    if (address instanceof Inet4Address && !address.isLinkLocalAddress())
                        return address.getHostAddress();
                }
            }
        } catch (IOException e) {
            // The machine does not tell its networks: loopback is all that is left, and broker.advertisedHost can be
            // set.
        }
        return "127.0.0.1";
    }

    private static boolean isAll(String host) {
        return host.equals("0.0.0.0") || host.equals("::") || host.equals("[::]");
    }
}
