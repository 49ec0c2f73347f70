package io.vostok.front.remoting.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.vostok.config.Config;
import io.vostok.config.Config.TlsMode;
import io.vostok.time.ManualClock;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PortUnificationTest {
    private static final long IN_2026 = 1_790_000_000_000L;
    private static final byte[] FRAME = {0, 0, 0, 5, 0, 0, 0, 1, 7};

    @TempDir
    Path folder = Path.of("");

    private final List<String> refusals = new ArrayList<>();

    @Test
    void letsPlaintextThroughAndLeaves() {
        EmbeddedChannel channel = channel(TlsMode.PERMISSIVE, false);
        assertThat(channel.writeInbound(Unpooled.wrappedBuffer(FRAME))).isTrue();
        assertThat(received(channel)).isEqualTo(FRAME);
        assertThat(channel.pipeline().get(PortUnification.class)).isNull();
    }

    @Test
    void letsTheFirstTlsClientWaitForTheContext() {
        List<Runnable> work = new ArrayList<>();
        EmbeddedChannel channel = channel(TlsMode.PERMISSIVE, false, work::add);
        channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {0x16, 3, 1}));
        assertThat(channel.config().isAutoRead()).isFalse();
        assertThat(channel.pipeline().get(SslHandler.class)).isNull();

        work.forEach(Runnable::run);
        channel.runPendingTasks();

        assertThat(channel.pipeline().get(SslHandler.class)).isNotNull();
        assertThat(channel.pipeline().get(PortUnification.class)).isNull();
        assertThat(channel.config().isAutoRead()).isTrue();
        channel.finishAndReleaseAll();
    }

    @Test
    void closesTheTlsClientWhenNoContextCanBeMade() throws IOException {
        List<Runnable> work = new ArrayList<>();
        EmbeddedChannel channel = channel(TlsMode.PERMISSIVE, false, work::add);
        work.forEach(Runnable::run);
        work.clear();
        Files.writeString(folder.resolve(TlsContexts.CERTIFICATE), "damaged");
        channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {0x16, 3, 1}));

        work.forEach(Runnable::run);
        channel.runPendingTasks();

        assertThat(channel.isOpen()).isFalse();
        assertThat(refusals).singleElement().asString().startsWith("TLS, which cannot be served: ");
        channel.finishAndReleaseAll();
    }

    @Test
    void speaksTlsWithRealClient() throws SSLException {
        EmbeddedChannel server = channel(TlsMode.PERMISSIVE, false);
        SslContext trusting = SslContextBuilder.forClient()
                .sslProvider(SslProvider.JDK)
                .trustManager(folder.resolve(TlsContexts.CERTIFICATE).toFile())
                .endpointIdentificationAlgorithm("HTTPS")
                .build();
        SslHandler handler = trusting.newHandler(server.alloc(), "localhost", 10_911);
        EmbeddedChannel client = new EmbeddedChannel(handler);
        assertThat(client.writeOneOutbound(Unpooled.wrappedBuffer(FRAME)).isDone())
                .isFalse();
        client.flushOutbound();
        byte[] got = {};
        for (int i = 0; i < 20 && got.length < FRAME.length; i++) {
            carry(client, server);
            carry(server, client);
            got = concat(got, received(server));
        }
        assertThat(handler.handshakeFuture().isSuccess())
                .as("%s", handler.handshakeFuture().cause())
                .isTrue();
        assertThat(got).isEqualTo(FRAME);
        client.finishAndReleaseAll();
        server.finishAndReleaseAll();
    }

    @Test
    void closesPlaintextWhenEnforcing() {
        EmbeddedChannel channel = channel(TlsMode.ENFORCING, false);
        channel.writeInbound(Unpooled.wrappedBuffer(FRAME));
        assertThat(channel.isOpen()).isFalse();
        assertThat(refusals).containsExactly("plaintext, and tls.mode is ENFORCING");
    }

    @Test
    void closesTlsWhenDisabled() {
        EmbeddedChannel channel = channel(TlsMode.DISABLED, false);
        channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {0x16, 3, 1}));
        assertThat(channel.isOpen()).isFalse();
        assertThat(refusals).containsExactly("TLS, and tls.mode is DISABLED");
    }

    @Test
    void takesProxyLineOffByteByByte() {
        EmbeddedChannel channel = channel(TlsMode.PERMISSIVE, true);
        byte[] prefix = "PROXY TCP4 192.0.2.7 192.0.2.1 5555 10911\r\n".getBytes(StandardCharsets.US_ASCII);
        for (byte b : concat(prefix, FRAME)) channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {b}));
        assertThat(received(channel)).isEqualTo(FRAME);
        assertThat(channel.attr(PortUnification.CLIENT_ADDRESS).get())
                .isEqualTo(new InetSocketAddress("192.0.2.7", 5_555));
    }

    @Test
    void takesBinaryProxyPrefixOff() {
        EmbeddedChannel channel = channel(TlsMode.PERMISSIVE, true);
        byte[] prefix = HexFormat.of().parseHex("0d0a0d0a000d0a515549540a" + "2111000c" + "c0000207c000020115b32a9f");
        channel.writeInbound(Unpooled.wrappedBuffer(concat(prefix, FRAME)));
        assertThat(received(channel)).isEqualTo(FRAME);
        assertThat(channel.attr(PortUnification.CLIENT_ADDRESS).get())
                .isEqualTo(new InetSocketAddress("192.0.2.7", 5_555));
    }

    @Test
    void believesNoProxyPrefixUnlessToldTo() {
        EmbeddedChannel channel = channel(TlsMode.PERMISSIVE, false);
        channel.writeInbound(Unpooled.copiedBuffer("PROXY UNKNOWN\r\n", StandardCharsets.US_ASCII));
        assertThat(channel.isOpen()).isFalse();
        assertThat(refusals).containsExactly("PROXY prefix, and listen.proxyProtocol is false");
    }

    @Test
    void closesUnfinishedProxyPrefix() {
        EmbeddedChannel channel = channel(TlsMode.PERMISSIVE, true);
        channel.writeInbound(Unpooled.copiedBuffer("PROXY TCP4", StandardCharsets.US_ASCII));
        channel.advanceTimeBy(31, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        assertThat(channel.isOpen()).isFalse();
        assertThat(refusals).containsExactly("PROXY prefix unfinished after 30000 ms");
    }

    @Test
    void neverThrowsOnDamagedProxyPrefixes() {
        byte[] line = "PROXY TCP6 2001:db8::1 2001:db8::2 5555 10911\r\n".getBytes(StandardCharsets.US_ASCII);
        byte[] binary = HexFormat.of().parseHex("0d0a0d0a000d0a515549540a" + "2111000c" + "c0000207c000020115b32a9f");
        Random random = new Random(7);
        for (int i = 0; i < 1_000; i++) {
            byte[] bytes = (random.nextBoolean() ? line : binary).clone();
            for (int flips = random.nextInt(4); flips >= 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            EmbeddedChannel channel = channel(TlsMode.DISABLED, true);
            channel.writeInbound(Unpooled.wrappedBuffer(bytes));
            channel.checkException();
            channel.finishAndReleaseAll();
        }
    }

    private EmbeddedChannel channel(TlsMode mode, boolean takeProxyPrefix) {
        return channel(mode, takeProxyPrefix, Runnable::run);
    }

    private EmbeddedChannel channel(TlsMode mode, boolean takeProxyPrefix, Executor worker) {
        Config.Tls tls = new Config.Tls(mode, null, null, Config.ClientAuth.NONE, null);
        LateTls late = LateTls.of(tls, folder, List.of(), new ManualClock(IN_2026), worker);
        if (late != null) late.prepare();
        return new EmbeddedChannel(
                new PortUnification(mode, late, takeProxyPrefix, Duration.ofSeconds(30), refusals::add));
    }

    private static void carry(EmbeddedChannel from, EmbeddedChannel to) {
        from.runPendingTasks();
        for (ByteBuf out = from.readOutbound(); out != null; out = from.readOutbound()) to.writeInbound(out);
        to.runPendingTasks();
    }

    private static byte[] received(EmbeddedChannel channel) {
        byte[] all = {};
        for (ByteBuf in = channel.readInbound(); in != null; in = channel.readInbound()) {
            byte[] bytes = new byte[in.readableBytes()];
            in.readBytes(bytes).release();
            all = concat(all, bytes);
        }
        return all;
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = new byte[first.length + second.length];
        System.arraycopy(first, 0, both, 0, first.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
