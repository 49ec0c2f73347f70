package io.vostok.front.remoting;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.WriteBufferWaterMark;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vostok.broker.flow.FlowCounters;
import io.vostok.metrics.Calls;
import io.vostok.time.Clock;
import io.vostok.wire.frame.FrameLimits;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The remoting server of one event loop. Several instances on several loops share the ports; each connection stays on the
 * loop that accepted it.
 */
public final class RemotingVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(RemotingVerticle.class);
    private static final String PORT_HANDLER = "vostok-port";
    private static final String FRAME_HANDLER = "vostok-frames";
    /** One read takes what a burst of requests brought; measured best at 64 KiB. */
    private static final int RECEIVE_BYTES = 1 << 16;

    /** A port and the name of the setting that holds its number. */
    public record Port(int number, String setting) {}

    /**
     * What all instances of one server share.
     *
     * @param name for log lines: {@code broker} or {@code name server}
     * @param heldBytes what unfinished frames may hold on each event loop
     * @param connections most connections at a time, over all instances and servers that share {@code open}, which counts them
     * @param ids gives each connection its number
     * @param calls measures answers, or null
     * @param untakenBytes what the answers that peers leave unread may hold on each event loop
     */
    public record Settings(
            String name,
            String host,
            List<Port> ports,
            FrameLimits frameLimits,
            long heldBytes,
            int connections,
            AtomicInteger open,
            AtomicLong ids,
            int writeBufferBytes,
            long untakenBytes,
            FlowCounters counters,
            @Nullable Calls calls,
            Duration idleTime,
            Duration unfinishedFrameTime) {}

    /** Makes the handler that tells TLS from plain connections. */
    public interface PortHandlers {
        /** Returns a handler for one connection; it removes itself once it knows. */
        ChannelHandler create(InetSocketAddress remote);
    }

    private final Settings settings;
    private final Clock clock;
    private final PortHandlers portHandlers;
    private final Supplier<CommandRouter> routers;
    private final Set<SocketConnection> connections = new LinkedHashSet<>();
    private final List<NetServer> servers = new ArrayList<>();
    private final ReceiveBuffers buffers = new ReceiveBuffers(RECEIVE_BYTES);
    private @Nullable LoopFrames frames;
    private boolean quiescent;

    /** @param routers asked once, on this verticle's event loop */
    public RemotingVerticle(
            Settings settings, Clock clock, PortHandlers portHandlers, Supplier<CommandRouter> routers) {
        this.settings = settings;
        this.clock = clock;
        this.portHandlers = portHandlers;
        this.routers = routers;
    }

    @Override
    public Future<?> start() {
        LoopFrames loop = new LoopFrames(
                (ContextInternal) context,
                settings.frameLimits(),
                settings.heldBytes(),
                new UntakenAnswers(settings.untakenBytes(), clock, settings.counters()),
                clock,
                settings.calls() == null ? null : settings.calls().times());
        frames = loop;
        CommandRouter router = routers.get();
        long sweepMillis = Math.max(
                100,
                Math.min(
                                settings.idleTime().toMillis(),
                                settings.unfinishedFrameTime().toMillis())
                        / 4);
        vertx.setPeriodic(sweepMillis, id -> sweep());
        List<Future<NetServer>> listening = new ArrayList<>();
        for (Port port : settings.ports()) {
            NetServer server = vertx.createNetServer(new NetServerOptions()
                    .setHost(settings.host())
                    .setPort(port.number())
                    .setTcpNoDelay(true)
                    .setTcpKeepAlive(true)
                    .setReuseAddress(true)
                    .setAcceptBacklog(1024));
            server.connectHandler(socket -> accept(socket, loop, router));
            servers.add(server);
            listening.add(server.listen()
                    .recover(failure -> Future.failedFuture(
                            new CannotListenException(settings.name(), settings.host(), port, failure))));
        }
        return Future.all(listening);
    }

    private void accept(NetSocket socket, LoopFrames frames, CommandRouter router) {
        ChannelHandlerContext vertxContext = ((NetSocketInternal) socket).channelHandlerContext();
        Channel channel = vertxContext.channel();
        if (!(channel.remoteAddress() instanceof InetSocketAddress remote)
                || !(channel.localAddress() instanceof InetSocketAddress local)) {
            refuse(channel);
            return;
        }
        if (quiescent) {
            refuse(channel);
            return;
        }
        if (settings.open().incrementAndGet() > settings.connections()) {
            settings.open().decrementAndGet();
            LOG.warn(
                    "connection refused server={} peer={} reason=limits.connections is {}",
                    settings.name(),
                    SocketConnection.text(remote),
                    settings.connections());
            refuse(channel);
            return;
        }
        channel.config().setRecvByteBufAllocator(buffers);
        channel.config()
                .setWriteBufferWaterMark(
                        new WriteBufferWaterMark(settings.writeBufferBytes() / 2, settings.writeBufferBytes()));
        SocketConnection connection = new SocketConnection(
                settings.ids().incrementAndGet(), frames, router, clock, remote, local, this::forget);
        connections.add(connection);
        ChannelPipeline pipeline = channel.pipeline();
        pipeline.addBefore(vertxContext.name(), FRAME_HANDLER, connection);
        pipeline.addFirst(PORT_HANDLER, portHandlers.create(remote));
    }

    /** The peer sees the end of the connection; there is nothing to tell it and nobody to tell of a failure. */
    @SuppressWarnings("FutureReturnValueIgnored")
    private static void refuse(Channel channel) {
        channel.close();
    }

    private void forget(SocketConnection connection) {
        settings.open().decrementAndGet();
        connections.remove(connection);
    }

    private void sweep() {
        long now = clock.monotonicNanos();
        for (SocketConnection connection : List.copyOf(connections)) {
            connection.checkAge(
                    now,
                    settings.idleTime().toNanos(),
                    settings.unfinishedFrameTime().toNanos());
        }
    }

    /** Stops reading requests, so that those under way can be answered before the connections are closed. Any thread. */
    public Future<?> quiesce() {
        Promise<Void> done = Promise.promise();
        context.runOnContext(now -> {
            quiescent = true;
            for (SocketConnection connection : connections) connection.stopReading();
            done.complete();
        });
        return done.future();
    }

    /** Stops accepting; answers that are under way still go out, then every connection is closed. */
    @Override
    public Future<?> stop() {
        List<Future<Void>> closing = new ArrayList<>();
        for (SocketConnection connection : List.copyOf(connections)) connection.closeQuietly();
        for (NetServer server : servers) closing.add(server.close());
        return Future.all(closing).eventually(() -> {
            buffers.close();
            if (frames != null) frames.buffers().close();
            return Future.succeededFuture();
        });
    }
}
