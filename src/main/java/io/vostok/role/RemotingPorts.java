package io.vostok.role;

import io.netty.handler.ssl.SslContext;
import io.vostok.config.Config;
import io.vostok.front.remoting.RemotingVerticle;
import io.vostok.front.remoting.tls.PortUnification;
import io.vostok.wire.frame.FrameLimits;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Settings of remoting servers, made from the configuration. */
final class RemotingPorts {
    private static final Logger LOG = LoggerFactory.getLogger(RemotingPorts.class);

    private RemotingPorts() {}

    static RemotingVerticle.Settings settings(Config config, String name, List<Integer> ports, int loops) {
        Config.Limits limits = config.limits();
        return new RemotingVerticle.Settings(
                name,
                config.listen().host(),
                ports,
                frameLimits(limits),
                limits.inFlightBytes() / loops,
                limits.connections(),
                new AtomicInteger(),
                new AtomicLong(),
                limits.writeBufferBytes(),
                limits.idleTime(),
                limits.unfinishedFrameTime());
    }

    static FrameLimits frameLimits(Config.Limits limits) {
        return new FrameLimits(limits.frameBytes(), FrameLimits.DEFAULT.maxHeaderBytes(), limits.headerFields());
    }

    static RemotingVerticle.PortHandlers portHandlers(Config config, @Nullable SslContext tls) {
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
