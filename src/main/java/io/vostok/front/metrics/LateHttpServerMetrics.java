package io.vostok.front.metrics;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.spi.metrics.HttpServerMetrics;
import io.vertx.core.spi.observability.HttpRequest;
import io.vertx.core.spi.observability.HttpResponse;
import org.jspecify.annotations.Nullable;

/**
 * Hands everything on to what {@link #use} gave; before that it only remembers connections. A request that was under way then
 * is not counted. Event loops, each for its own connections.
 */
final class LateHttpServerMetrics
        implements HttpServerMetrics<@Nullable Object, @Nullable Object, LateHttpServerMetrics.Peer> {
    private volatile @Nullable HttpServerMetrics<@Nullable Object, @Nullable Object, @Nullable Object> real;

    /** A connection, and its metric once it is measured. */
    static final class Peer {
        private final SocketAddress address;
        private final String name;
        private @Nullable Object metric;

        Peer(SocketAddress address, String name) {
            this.address = address;
            this.name = name;
        }

        private @Nullable Object metric(HttpServerMetrics<?, ?, @Nullable Object> measuring) {
            if (metric == null) metric = measuring.connected(address, name);
            return metric;
        }
    }

    @SuppressWarnings("unchecked") // A metric is only handed back to whom it came from.
    void use(HttpServerMetrics<?, ?, ?> measuring) {
        real = (HttpServerMetrics<@Nullable Object, @Nullable Object, @Nullable Object>) measuring;
    }

    @Override
    public Peer connected(SocketAddress address, String name) {
        Peer peer = new Peer(address, name);
        var measuring = real;
        if (measuring != null) peer.metric(measuring);
        return peer;
    }

    @Override
    public void disconnected(Peer peer, SocketAddress address) {
        var measuring = real;
        if (measuring != null && peer.metric != null) measuring.disconnected(peer.metric, address);
    }

    @Override
    public void bytesRead(Peer peer, SocketAddress address, long bytes) {
        var measuring = real;
        if (measuring != null) measuring.bytesRead(peer.metric(measuring), address, bytes);
    }

    @Override
    public void bytesWritten(Peer peer, SocketAddress address, long bytes) {
        var measuring = real;
        if (measuring != null) measuring.bytesWritten(peer.metric(measuring), address, bytes);
    }

    @Override
    public void exceptionOccurred(Peer peer, SocketAddress address, Throwable failure) {
        var measuring = real;
        if (measuring != null) measuring.exceptionOccurred(peer.metric(measuring), address, failure);
    }

    @Override
    public @Nullable Object requestBegin(Peer peer, HttpRequest request) {
        var measuring = real;
        return measuring == null ? null : measuring.requestBegin(peer.metric(measuring), request);
    }

    @Override
    public void requestEnd(@Nullable Object metric, HttpRequest request, long bytes) {
        var measuring = real;
        if (measuring != null && metric != null) measuring.requestEnd(metric, request, bytes);
    }

    @Override
    public void requestReset(@Nullable Object metric) {
        var measuring = real;
        if (measuring != null && metric != null) measuring.requestReset(metric);
    }

    @Override
    public void requestRouted(@Nullable Object metric, String route) {
        var measuring = real;
        if (measuring != null && metric != null) measuring.requestRouted(metric, route);
    }

    @Override
    public void responseBegin(@Nullable Object metric, HttpResponse response) {
        var measuring = real;
        if (measuring != null && metric != null) measuring.responseBegin(metric, response);
    }

    @Override
    public @Nullable Object responsePushed(Peer peer, HttpMethod method, String uri, HttpResponse response) {
        var measuring = real;
        return measuring == null ? null : measuring.responsePushed(peer.metric(measuring), method, uri, response);
    }

    @Override
    public void responseEnd(@Nullable Object metric, HttpResponse response, long bytes) {
        var measuring = real;
        if (measuring != null && metric != null) measuring.responseEnd(metric, response, bytes);
    }

    @Override
    public @Nullable Object connected(Peer peer, @Nullable Object metric, ServerWebSocket socket) {
        var measuring = real;
        return measuring == null || metric == null ? null : measuring.connected(peer.metric(measuring), metric, socket);
    }

    @Override
    public void disconnected(@Nullable Object webSocket) {
        var measuring = real;
        if (measuring != null && webSocket != null) measuring.disconnected(webSocket);
    }
}
