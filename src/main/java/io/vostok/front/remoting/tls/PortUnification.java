package io.vostok.front.remoting.tls;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.ScheduledFuture;
import io.vostok.config.Config.TlsMode;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the first bytes of a connection and makes way for what they are: an optional PROXY prefix, which is taken
 * off, then TLS, for which an {@link SslHandler} takes this handler's place, or plaintext.
 *
 * <p>No frame can be mistaken for either: a length that began with their first byte would be over 200 MiB.
 *
 * <p>One per connection, on its event loop, before everything else in the pipeline.
 */
public final class PortUnification extends ByteToMessageDecoder {
    /** The client's address that a PROXY prefix told; absent without one. */
    public static final AttributeKey<InetSocketAddress> CLIENT_ADDRESS =
            AttributeKey.valueOf(PortUnification.class, "clientAddress");

    private static final int TLS_HANDSHAKE = 0x16;
    private static final Duration HANDSHAKE = Duration.ofSeconds(10);

    private final TlsMode mode;
    private final @Nullable LateTls tls;
    private final boolean takeProxyPrefix;
    private final Duration unfinishedTime;
    private final Consumer<String> onRefused;
    private boolean mayBePrefix = true;
    private boolean refused;
    private boolean waitingForTls;
    private @Nullable ScheduledFuture<?> deadline;

    /**
     * @param tls what handshakes are made with; may be null only when {@code mode} is DISABLED
     * @param takeProxyPrefix whether a PROXY prefix is believed; otherwise it closes the connection
     * @param unfinishedTime how long a begun prefix may take
     * @param onRefused hears why, just before the connection is closed
     */
    public PortUnification(
            TlsMode mode,
            @Nullable LateTls tls,
            boolean takeProxyPrefix,
            Duration unfinishedTime,
            Consumer<String> onRefused) {
        if (mode != TlsMode.DISABLED && tls == null) throw new IllegalArgumentException("no TLS context for " + mode);
        this.mode = mode;
        this.tls = tls;
        this.takeProxyPrefix = takeProxyPrefix;
        this.unfinishedTime = unfinishedTime;
        this.onRefused = onRefused;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (waitingForTls) return;
        if (refused) {
            in.skipBytes(in.readableBytes());
            return;
        }
        if (mayBePrefix && in.isReadable() && ProxyPrefix.begins(in)) {
            if (!takeProxyPrefix) {
                refuse(context, in, "PROXY prefix, and listen.proxyProtocol is false");
                return;
            }
            try {
                ProxyPrefix prefix = ProxyPrefix.read(in);
                if (prefix == null) {
                    watch(context);
                    return;
                }
                if (prefix.client() != null)
                    context.channel().attr(CLIENT_ADDRESS).set(prefix.client());
            } catch (IllegalArgumentException e) {
                refuse(context, in, "broken PROXY prefix: " + e.getMessage());
                return;
            }
        }
        mayBePrefix = false;
        if (!in.isReadable()) return;
        @Nullable LateTls lateTls = tls;
        boolean handshake = in.getUnsignedByte(in.readerIndex()) == TLS_HANDSHAKE;
        if (handshake && (mode == TlsMode.DISABLED || lateTls == null)) {
            refuse(context, in, "TLS, and tls.mode is DISABLED");
        } else if (!handshake && mode == TlsMode.ENFORCING) {
            refuse(context, in, "plaintext, and tls.mode is ENFORCING");
        } else if (handshake && lateTls != null) {
            shakeHands(context, lateTls.context());
        } else {
            context.pipeline().remove(this);
        }
    }

    private void shakeHands(ChannelHandlerContext context, CompletableFuture<SslContext> made) {
        if (made.isDone() && !made.isCompletedExceptionally()) {
            makeWay(context, made.join());
            return;
        }
        // The first client since the start: it waits, unread so that it cannot fill the memory meanwhile.
        waitingForTls = true;
        context.channel().config().setAutoRead(false);
        CompletableFuture<?> unused = made.whenCompleteAsync(
                (contextForTls, failure) -> {
                    if (context.isRemoved()) return;
                    waitingForTls = false;
                    if (contextForTls != null) {
                        makeWay(context, contextForTls);
                        context.channel().config().setAutoRead(true);
                    } else {
                        refused = true;
                        onRefused.accept("TLS, which cannot be served: " + failure.getMessage());
                        ChannelFuture unusedToo = context.close();
                    }
                },
                context.executor());
    }

    private void makeWay(ChannelHandlerContext context, SslContext contextForTls) {
        SslHandler handler = contextForTls.newHandler(context.alloc());
        handler.setHandshakeTimeoutMillis(HANDSHAKE.toMillis());
        context.pipeline().replace(this, "tls", handler);
    }

    private void refuse(ChannelHandlerContext context, ByteBuf in, String reason) {
        in.skipBytes(in.readableBytes());
        refused = true;
        onRefused.accept(reason);
        ChannelFuture unused = context.close();
    }

    private void watch(ChannelHandlerContext context) {
        if (deadline != null) return;
        deadline = context.executor()
                .schedule(
                        () -> {
                            if (!mayBePrefix || refused) return;
                            refused = true;
                            onRefused.accept("PROXY prefix unfinished after " + unfinishedTime.toMillis() + " ms");
                            ChannelFuture unused = context.close();
                        },
                        unfinishedTime.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext context) {
        if (deadline != null) deadline.cancel(false);
    }
}
