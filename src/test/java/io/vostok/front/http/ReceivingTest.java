package io.vostok.front.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.pop.PopRequest;
import io.vostok.broker.topic.BrokerIdentity;
import io.vostok.broker.topic.GroupTable;
import io.vostok.kit.Await;
import io.vostok.model.DataVersion;
import io.vostok.model.TopicName;
import io.vostok.service.Broker;
import io.vostok.service.PopListener;
import io.vostok.service.PopOutcome;
import io.vostok.service.Popped;
import io.vostok.time.SystemClock;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReceivingTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Popped NOTHING_LEFT = new Popped(new TopicName("orders"), "b", 1_000, 60_000, 0, 0, List.of());

    private record Asked(PopRequest request, PopListener listener) {}

    private final Vertx vertx = Vertx.vertx();
    private final int port = freePort();
    private final List<Asked> pops = new CopyOnWriteArrayList<>();
    private final AtomicInteger closed = new AtomicInteger();
    private final List<Popped> givenBack = new CopyOnWriteArrayList<>();

    private static int freePort() {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        } catch (IOException e) {
            throw new AssertionError("no free port", e);
        }
    }

    @BeforeEach
    void start() throws Exception {
        Broker broker = (Broker) Proxy.newProxyInstance(
                Broker.class.getClassLoader(), new Class<?>[] {Broker.class}, (self, method, arguments) -> {
                    switch (method.getName()) {
                        case "pop" -> pops.add(new Asked((PopRequest) arguments[0], (PopListener) arguments[2]));
                        case "closed" -> closed.incrementAndGet();
                        case "giveBack" -> givenBack.add((Popped) arguments[1]);
                        default -> throw new AssertionError("not expected: " + method);
                    }
                    return null;
                });
        ScriptedAdmin admin = new ScriptedAdmin()
                .on("groups.all", none -> GroupTable.of(List.of(), Map.of(), new DataVersion(0, 0, 0)));
        BrokerFace face = new BrokerFace(broker, admin.face(), new BrokerIdentity("c", "b", 0, "127.0.0.1", 10_911));
        HttpSettings settings = HttpVerticleTest.settings(port);
        Api.Parts parts = new Api.Parts(face, new SystemClock(), () -> null, new Resources(), new AtomicLong());
        vertx.deployVerticle(new HttpVerticle(settings, own -> new Api(own, settings, parts)))
                .toCompletionStage()
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
    }

    @AfterEach
    void stop() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private Socket receive(String query) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(20_000);
        socket.getOutputStream()
                .write(("POST /api/v1/groups/g/messages:receive?" + query
                                + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static String answer(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private void tell(int pop, PopOutcome outcome) {
        vertx.runOnContext(now -> pops.get(pop).listener().answered(outcome));
    }

    @Test
    void asksForWhatTheQuerySays() throws IOException {
        try (Socket socket =
                receive("topic=orders&max=3&wait=10s&invisible=2m&tag=a%7C%7Cb&from=latest&ordered=true")) {
            Await.until("it asked", SOON, () -> pops.size() == 1);
            tell(0, new PopOutcome.Nothing(false));

            assertThat(answer(socket)).startsWith("HTTP/1.1 200").endsWith("{\"items\":[]}");
        }
        PopRequest asked = pops.get(0).request();
        assertThat(asked.group()).isEqualTo("g");
        assertThat(asked.maxMessages()).isEqualTo(3);
        assertThat(asked.invisibleMillis()).isEqualTo(120_000);
        assertThat(asked.pollMillis()).isBetween(1L, 10_000L);
        assertThat(asked.expression()).isEqualTo("a||b");
        assertThat(asked.fromLast()).isTrue();
        assertThat(asked.order()).isTrue();
    }

    @Test
    void givesBackWhatComesWhenItsClientIsGone() throws IOException {
        try (Socket socket = receive("topic=orders&wait=10s")) {
            assertThat(socket.isConnected()).isTrue();
            Await.until("it asked", SOON, () -> pops.size() == 1);
        }
        Await.until("the wait ended", SOON, () -> closed.get() == 1);

        tell(0, new PopOutcome.Found(NOTHING_LEFT));

        Await.until("it went back", SOON, () -> givenBack.equals(List.of(NOTHING_LEFT)));
    }

    @Test
    void waitsForWhicheverTopicSpeaksFirst() throws IOException {
        try (Socket socket = receive("topic=a,b&wait=10s")) {
            Await.until("it asked the first", SOON, () -> pops.size() == 1);
            tell(0, new PopOutcome.Nothing(false));
            Await.until("it asked the second", SOON, () -> pops.size() == 2);
            tell(1, new PopOutcome.Nothing(false));
            Await.until("it waits for both", SOON, () -> pops.size() == 4);
            tell(3, new PopOutcome.Notified());
            Await.until("it asks again", SOON, () -> pops.size() == 5);
            tell(4, new PopOutcome.Refuse(new Refused(Refusal.FORBIDDEN, "no")));

            assertThat(answer(socket)).startsWith("HTTP/1.1 403");
        }
        assertThat(pops)
                .extracting(asked ->
                        asked.request().kind().name() + " " + asked.request().topic())
                .containsExactly("POP a", "POP b", "NOTIFY a", "NOTIFY b", "POP a");
        assertThat(pops.get(0).request().pollMillis()).isZero();
    }

    @Test
    void saysWhenTooManyWait() throws IOException {
        try (Socket socket = receive("topic=orders&wait=10s")) {
            Await.until("it asked", SOON, () -> pops.size() == 1);
            tell(0, new PopOutcome.Nothing(true));

            String answer = answer(socket);
            assertThat(answer).startsWith("HTTP/1.1 429").contains("retry-after: ");
            assertThat(new JsonObject(answer.substring(answer.indexOf("\r\n\r\n"))).getString("remark"))
                    .contains("pop.maxHeld");
        }
    }
}
