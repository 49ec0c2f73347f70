package io.vostok.it.kit;

import java.nio.file.Path;

/**
 * A name server and a broker under test, started. Which one is chosen by {@code -Dit.server=vostok|apache}: a scenario
 * that Apache's own passes and ours does not is our fault.
 */
public interface Server extends AutoCloseable {
    /** {@code host:port} of the name server. */
    String nameServer();

    int nameServerPort();

    int brokerPort();

    ServerSpec spec();

    default String brokerName() {
        return spec().brokerName();
    }

    default Path store() {
        return spec().store();
    }

    /** SIGKILL of the broker, and of the name server when they are one process. */
    void kill();

    /** SIGTERM of the same; fails unless it ends in time with code 0. */
    void stop();

    /** Starts again, on the same ports and store, what {@link #kill} or {@link #stop} ended. */
    void restart();

    /** The last lines of what it said. */
    String tail();

    /** Process id of the broker. */
    long pid();

    /** Ends everything, however it is. */
    @Override
    void close();

    static Server start(ServerSpec spec) {
        return apache() ? ApacheServer.start(spec) : VostokServer.start(spec);
    }

    static Server start() {
        return start(ServerSpec.plain());
    }

    static boolean apache() {
        return System.getProperty("it.server", "vostok").equals("apache");
    }
}
