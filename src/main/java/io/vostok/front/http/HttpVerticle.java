package io.vostok.front.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server of one event loop. Several instances on several loops share the port; each connection stays on the loop
 * that accepted it.
 */
public final class HttpVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(HttpVerticle.class);
    private static final int HEAD_BYTES = 16 << 10;
    private static final int COMPRESSED_FROM_BYTES = 1_024;
    /** A tail over a WebSocket only sends; what its reader sends is small or it is no reader. */
    private static final int INCOMING_WEBSOCKET_BYTES = 4 << 10;

    private final HttpSettings settings;
    private final Function<Vertx, Api> apis;
    private final IdentityHashMap<HttpConnection, Boolean> connections = new IdentityHashMap<>();
    private @Nullable Api api;
    private @Nullable HttpServer server;
    private boolean quiescent;

    /** @param apis asked once, on this verticle's event loop */
    public HttpVerticle(HttpSettings settings, Function<Vertx, Api> apis) {
        this.settings = settings;
        this.apis = apis;
    }

    @Override
    public Future<?> start() {
        Api made = apis.apply(vertx);
        api = made;
        Router router = made.router();
        HttpServer listening = vertx.createHttpServer(options());
        server = listening;
        listening.connectionHandler(this::accept);
        listening.requestHandler(request -> serve(request, router));
        listening.exceptionHandler(failure -> LOG.debug("http connection failed: {}", failure.getMessage()));
        return listening
                .listen()
                .recover(failure -> Future.failedFuture(new IllegalStateException(
                        "http cannot listen on " + settings.host() + ":" + settings.port() + ": "
                                + failure.getMessage(),
                        failure)));
    }

    private HttpServerOptions options() {
        return new HttpServerOptions()
                .setHost(settings.host())
                .setPort(settings.port())
                .setTcpNoDelay(true)
                .setTcpKeepAlive(true)
                .setReuseAddress(true)
                .setAcceptBacklog(1024)
                .setIdleTimeout((int) Math.max(1, settings.idleTime().toSeconds()))
                .setMaxInitialLineLength(HEAD_BYTES)
                .setMaxHeaderSize(HEAD_BYTES)
                .setCompressionSupported(true)
                .setCompressionContentSizeThreshold(COMPRESSED_FROM_BYTES)
                .setDecompressionSupported(true)
                .setHttp2ClearTextEnabled(false)
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false)
                .setMaxWebSocketFrameSize(INCOMING_WEBSOCKET_BYTES)
                .setMaxWebSocketMessageSize(INCOMING_WEBSOCKET_BYTES);
    }

    private void accept(HttpConnection connection) {
        if (quiescent || settings.open().incrementAndGet() > settings.connections()) {
            if (!quiescent) {
                settings.open().decrementAndGet();
                LOG.warn(
                        "connection refused server=http peer={} reason=limits.connections is {}",
                        connection.remoteAddress(),
                        settings.connections());
            }
            connection.close();
            return;
        }
        connections.put(connection, Boolean.TRUE);
        connection.closeHandler(closed -> {
            if (connections.remove(connection) != null) settings.open().decrementAndGet();
        });
    }

    private void serve(HttpServerRequest request, Router router) {
        if (quiescent) {
            request.response()
                    .setStatusCode(503)
                    .putHeader("connection", "close")
                    .putHeader("retry-after", "5")
                    .end();
            return;
        }
        router.handle(request);
    }

    /** Refuses new requests and ends streams, so that what is under way can be answered before the port closes. Any thread. */
    public Future<?> quiesce() {
        Promise<Void> done = Promise.promise();
        context.runOnContext(now -> {
            quiescent = true;
            if (api != null) api.endStreams();
            done.complete();
        });
        return done.future();
    }

    @Override
    public Future<?> stop() {
        if (api != null) api.endStreams();
        for (HttpConnection connection : List.copyOf(connections.keySet())) connection.close();
        return server == null ? Future.succeededFuture() : server.close();
    }
}
