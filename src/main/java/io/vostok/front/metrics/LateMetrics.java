package io.vostok.front.metrics;

import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.metrics.MetricsOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.spi.VertxMetricsFactory;
import io.vertx.core.spi.metrics.HttpServerMetrics;
import io.vertx.core.spi.metrics.VertxMetrics;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Measures HTTP servers from the moment that somebody wants to know. Until then it costs one field read an event, and no class
 * of a metrics library is loaded: those take a fifth of a second of processor time at a start. Any thread.
 *
 * <p>Event bus, sockets of the remoting protocol and pools are never measured: that costs every message.
 */
public final class LateMetrics implements VertxMetricsFactory {
    private record Started(HttpServerOptions options, SocketAddress address, LateHttpServerMetrics metrics) {}

    private final List<Started> servers = new ArrayList<>();
    private @Nullable VertxMetrics real;

    @Override
    public VertxMetrics metrics(VertxOptions options) {
        return new VertxMetrics() {
            @Override
            public HttpServerMetrics<?, ?, ?> createHttpServerMetrics(
                    HttpServerOptions serverOptions, SocketAddress address) {
                return created(serverOptions, address);
            }

            @Override
            public boolean isMetricsEnabled() {
                return true;
            }

            @Override
            public void close() {
                stop();
            }
        };
    }

    @Override
    public MetricsOptions newOptions(MetricsOptions options) {
        return new MetricsOptions(options);
    }

    private synchronized LateHttpServerMetrics created(HttpServerOptions options, SocketAddress address) {
        LateHttpServerMetrics late = new LateHttpServerMetrics();
        if (real == null) servers.add(new Started(options, address, late));
        else late.use(real.createHttpServerMetrics(options, address));
        return late;
    }

    /** Measures from now on. */
    synchronized void use(VertxMetrics measuring) {
        real = measuring;
        for (Started each : servers)
            each.metrics().use(measuring.createHttpServerMetrics(each.options(), each.address()));
        servers.clear();
    }

    private synchronized void stop() {
        if (real != null) real.close();
    }
}
