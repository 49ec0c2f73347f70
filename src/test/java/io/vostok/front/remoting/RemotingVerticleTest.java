package io.vostok.front.remoting;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vertx.core.Vertx;
import io.vostok.broker.flow.FlowCounters;
import io.vostok.kit.Await;
import io.vostok.metrics.Calls;
import io.vostok.metrics.Distribution;
import io.vostok.time.SystemClock;
import io.vostok.wire.frame.Command;
import io.vostok.wire.frame.Encoding;
import io.vostok.wire.frame.FrameBuilder;
import io.vostok.wire.frame.FrameLimits;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What one connection can do to itself and to others, over real sockets. */
class RemotingVerticleTest {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final int ECHO = 7;
    private static final int FAIL = 8;

    private final Vertx vertx = Vertx.vertx();
    private final Queue<Connection> closed = new ConcurrentLinkedQueue<>();
    private final AtomicInteger open = new AtomicInteger();
    private final Calls calls = new Calls();
    private int port;

    @BeforeEach
    void listen() throws Exception {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        RemotingVerticle.Settings settings = new RemotingVerticle.Settings(
                "test",
                "127.0.0.1",
                List.of(new RemotingVerticle.Port(port, "test.port")),
                new FrameLimits(1 << 20, 1 << 16, 512),
                3 << 20,
                4,
                open,
                new AtomicLong(),
                1 << 16,
                1 << 20,
                new FlowCounters(),
                calls,
                Duration.ofSeconds(60),
                Duration.ofMillis(400));
        RemotingVerticle verticle = new RemotingVerticle(
                settings, new SystemClock(), remote -> new ChannelInboundHandlerAdapter(), Echo::new);
        vertx.deployVerticle(verticle).toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @AfterEach
    void stop() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void answersFramesThatArriveByteByByte() throws IOException {
        try (Socket socket = connect()) {
            socket.setTcpNoDelay(true);
            byte[] frame = request(ECHO, 1, "hello");
            for (byte each : frame) {
                socket.getOutputStream().write(each);
                socket.getOutputStream().flush();
            }

            assertThat(answerBody(socket)).isEqualTo("hello");
        }
    }

    @Test
    void answersFramesThatArriveTogetherInTheirOrder() throws IOException {
        try (Socket socket = connect()) {
            ByteBuffer burst = ByteBuffer.allocate(100_000);
            for (int i = 0; i < 100; i++) burst.put(request(ECHO, i, "body " + i));
            socket.getOutputStream().write(burst.array(), 0, burst.position());

            for (int i = 0; i < 100; i++) assertThat(answerBody(socket)).isEqualTo("body " + i);
        }
    }

    @Test
    void closesOnlyTheConnectionThatBreaksAFrame() throws IOException {
        try (Socket good = connect();
                Socket bad = connect()) {
            bad.getOutputStream().write(new byte[] {0x7F, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0, 0, 0, 0});

            assertThat(bad.getInputStream().read()).isEqualTo(-1);
            good.getOutputStream().write(request(ECHO, 1, "still here"));
            assertThat(answerBody(good)).isEqualTo("still here");
            Await.until("the router hears of the end", SOON, () -> closed.size() == 1);
        }
    }

    @Test
    void closesAConnectionWhoseFrameStaysUnfinished() throws IOException {
        try (Socket slow = connect()) {
            byte[] frame = request(ECHO, 1, "never whole");
            slow.getOutputStream().write(frame, 0, frame.length - 1);

            assertThat(slow.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void closesTheConnectionThatMakesUnfinishedFramesHoldTooMuch() throws IOException {
        try (Socket first = connect();
                Socket second = connect();
                Socket third = connect();
                Socket fourth = connect()) {
            byte[] large = request(ECHO, 1, "x".repeat(1_000_000));
            int closedByServer = 0;
            for (Socket socket : List.of(first, second, third, fourth)) {
                try {
                    socket.getOutputStream().write(large, 0, large.length - 1);
                } catch (IOException reset) {
                    closedByServer++;
                }
            }
            // Four unfinished frames of 1 MB do not fit into 3 MiB: at least one connection goes, well before its age.
            int atOnce = closedByServer;
            Await.until("a connection is closed", SOON, () -> atOnce + closed.size() > 0);
        }
    }

    @Test
    void refusesConnectionsBeyondTheLimitAndTakesThemAgainLater() throws IOException {
        Socket[] held = {connect(), connect(), connect(), connect()};
        Await.until("all are open", SOON, () -> open.get() == 4);
        try (Socket beyond = connect()) {
            assertThat(beyond.getInputStream().read()).isEqualTo(-1);
        }
        for (Socket socket : held) socket.close();
        Await.until("all are gone", SOON, () -> open.get() == 0);
        try (Socket later = connect()) {
            later.getOutputStream().write(request(ECHO, 1, "again"));
            assertThat(answerBody(later)).isEqualTo("again");
        }
    }

    @Test
    void answersAFailureOfTheRouterWithItsWordsAndGoesOn() throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request(FAIL, 1, ""));
            assertThat(answerHeader(socket)).contains("\"code\":1").contains("on purpose");
            socket.getOutputStream().write(request(ECHO, 2, "fine"));
            assertThat(answerBody(socket)).isEqualTo("fine");
        }
    }

    @Test
    void measuresEachAnswerOnceAndNothingElse() throws IOException {
        try (Socket socket = connect()) {
            ByteBuffer burst = ByteBuffer.allocate(100_000);
            for (int i = 0; i < 100; i++) burst.put(request(ECHO, i, "body"));
            burst.put(request(FAIL, 100, ""));
            burst.put(new FrameBuilder().request(Encoding.JSON, 101, ECHO, true).toFrame(new byte[0]));
            burst.put(request(ECHO, 102, "and now tell me something"));
            socket.getOutputStream().write(burst.array(), 0, burst.position());
            for (int i = 0; i < 103; i++) answerBody(socket);

            Calls.Key echoed = new Calls.Key(Calls.UNKNOWN, 0, false, false);
            Await.until("the last is measured", SOON, () -> count(echoed) == 101);
            assertThat(calls.totals().keySet())
                    .containsExactlyInAnyOrder(
                            echoed,
                            new Calls.Key(Calls.UNKNOWN, 1, false, false),
                            new Calls.Key(Calls.UNKNOWN, 0, false, true));
            assertThat(count(new Calls.Key(Calls.UNKNOWN, 1, false, false))).isEqualTo(1);
            assertThat(count(new Calls.Key(Calls.UNKNOWN, 0, false, true))).isEqualTo(1);
            assertThat(requireNonNull(calls.totals().get(echoed)).sum()).isPositive();
        }
    }

    private long count(Calls.Key key) {
        @Nullable Distribution times = calls.totals().get(key);
        return times == null ? 0 : times.count();
    }

    @Test
    void readsNoRequestsFromAPeerThatDoesNotReadItsAnswers() throws IOException {
        try (Socket deaf = connect()) {
            byte[] frame = request(ECHO, 1, "y".repeat(60_000));
            deaf.setSoTimeout(200);
            AtomicInteger written = new AtomicInteger();
            Thread writer = new Thread(() -> {
                try {
                    for (int i = 0; i < 4_000; i++) {
                        deaf.getOutputStream().write(frame);
                        written.incrementAndGet();
                    }
                } catch (IOException end) {
                    // The test closes the socket while this waits.
                }
            });
            writer.start();
            Await.until(
                    "the writer is stuck", SOON, () -> writer.getState() == Thread.State.RUNNABLE && stands(written));
            // 240 MB were offered; what was taken is bounded by socket buffers and the write limit.
            assertThat(written.get()).isLessThan(2_000);
        }
    }

    private static boolean stands(AtomicInteger counter) {
        int before = counter.get();
        if (before == 0) return false;
        long end = System.nanoTime() + 300_000_000;
        while (System.nanoTime() - end < 0) {
            if (counter.get() != before) return false;
            Thread.onSpinWait();
        }
        return true;
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static byte[] request(int code, int opaque, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        return new FrameBuilder().request(Encoding.JSON, opaque, code, false).toFrame(bytes);
    }

    private static String answerBody(Socket socket) throws IOException {
        return answer(socket, true);
    }

    private static String answerHeader(Socket socket) throws IOException {
        return answer(socket, false);
    }

    private static String answer(Socket socket, boolean body) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        int total = in.readInt();
        int headerLength = in.readInt() & 0xFFFFFF;
        byte[] header = in.readNBytes(headerLength);
        byte[] rest = in.readNBytes(total - 4 - headerLength);
        return new String(body ? rest : header, StandardCharsets.UTF_8);
    }

    /** Answers with the request's body. */
    private final class Echo implements CommandRouter {
        @Override
        public void handle(Command command, ByteBuffer body, Connection connection) {
            if (command.code() == FAIL) throw new IllegalStateException("on purpose");
            byte[] copy = new byte[body.remaining()];
            body.get(copy);
            if (new String(copy, StandardCharsets.UTF_8).endsWith("tell me something"))
                connection.tell(9, List.of(), null);
            connection.reply(command.call(), Reply.body(copy));
        }

        @Override
        public void closed(Connection connection) {
            closed.add(connection);
        }
    }
}
