package io.vostok.front.http;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the HTTP server of every event loop is told.
 *
 * @param maxBodyBytes largest request body
 * @param heldBytes of request bodies that one event loop may hold
 * @param connections open at once, all event loops together
 * @param open counts them
 * @param maxStreams streams at once, all event loops together
 * @param streams counts them
 * @param unfinishedTime age at which a body that is not complete ends its request
 * @param idleTime silence after which a connection is closed
 * @param usualQueues of a topic that a send creates
 * @param delayLevels how long each delay level waits, the first is level 1
 * @param version of this program
 */
public record HttpSettings(
        String host,
        int port,
        int maxBodyBytes,
        long heldBytes,
        int connections,
        AtomicInteger open,
        int maxStreams,
        AtomicInteger streams,
        Duration unfinishedTime,
        Duration idleTime,
        int usualQueues,
        List<Duration> delayLevels,
        String version) {

    /** Tells whether only this machine can connect. */
    public boolean loopbackOnly() {
        return host.equalsIgnoreCase("localhost")
                || host.startsWith("127.")
                || host.equals("::1")
                || host.equals("[::1]");
    }
}
