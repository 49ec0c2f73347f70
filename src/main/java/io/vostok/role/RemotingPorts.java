package io.vostok.role;

import com.sun.management.UnixOperatingSystemMXBean;
import io.vostok.broker.flow.FlowCounters;
import io.vostok.config.Config;
import io.vostok.front.remoting.RemotingVerticle;
import io.vostok.front.remoting.tls.LateTls;
import io.vostok.front.remoting.tls.PortUnification;
import io.vostok.metrics.Calls;
import io.vostok.wire.frame.FrameLimits;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Settings of the remoting servers of one process, made from the configuration; they share one limit of connections. */
final class RemotingPorts {
    private static final Logger LOG = LoggerFactory.getLogger(RemotingPorts.class);

    /** File descriptors that connections leave to the files of the store: these, or a quarter if that is more. */
    private static final int DESCRIPTORS_FOR_FILES = 128;

    private final Config config;
    private final int connections;
    private final AtomicInteger open = new AtomicInteger();

    RemotingPorts(Config config) {
        this.config = config;
        long descriptors = descriptors();
        this.connections = connections(config.limits().connections(), descriptors);
        if (connections < config.limits().connections())
            LOG.warn(
                    "connections limited to={} limits.connections={} reason=\"the process may open {} files (ulimit -n)\"",
                    connections,
                    config.limits().connections(),
                    descriptors);
    }

    /** Returns how many connections may be open, so that the store can always open its next file. */
    static int connections(int wanted, long descriptors) {
        long left = descriptors - Math.max(DESCRIPTORS_FOR_FILES, descriptors / 4);
        return (int) Math.max(1, Math.min(wanted, left));
    }

    private static long descriptors() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                ? system.getMaxFileDescriptorCount()
                : Long.MAX_VALUE;
    }

    /** @param calls measures answers, or null */
    RemotingVerticle.Settings settings(
            String name, List<RemotingVerticle.Port> ports, int loops, FlowCounters counters, @Nullable Calls calls) {
        Config.Limits limits = config.limits();
        return new RemotingVerticle.Settings(
                name,
                config.listen().host(),
                ports,
                frameLimits(limits),
                limits.inFlightBytes() / loops,
                connections,
                open,
                new AtomicLong(),
                limits.writeBufferBytes(),
                limits.untakenBytes() / loops,
                counters,
                calls,
                limits.idleTime(),
                limits.unfinishedFrameTime());
    }

    static FrameLimits frameLimits(Config.Limits limits) {
        return new FrameLimits(limits.frameBytes(), FrameLimits.DEFAULT.maxHeaderBytes(), limits.headerFields());
    }

    RemotingVerticle.PortHandlers portHandlers(@Nullable LateTls tls) {
        Config.TlsMode mode = config.tls().mode();
        Duration unfinished = config.limits().unfinishedFrameTime();
        boolean proxied = config.listen().proxyProtocol();
        return remote -> new PortUnification(
                mode,
                tls,
                proxied,
                unfinished,
                reason -> LOG.warn("connection closed peer={} reason={}", remote, reason));
    }
}
