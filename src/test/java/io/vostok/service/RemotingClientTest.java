package io.vostok.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vostok.kit.Await;
import io.vostok.service.RemotingClient.Answer;
import io.vostok.service.RemotingClient.Bounds;
import io.vostok.time.SystemClock;
import io.vostok.wire.frame.FrameLimits;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RemotingClientTest {
    private static final Duration LONG = Duration.ofSeconds(10);

    private final Vertx vertx = Vertx.vertx();
    private final Context loop = vertx.getOrCreateContext();
    private final AnsweringServer server = new AnsweringServer(vertx);
    private final RemotingClient client = new RemotingClient(
            vertx,
            new SystemClock(),
            new FrameLimits(1 << 16, 1 << 12, 64),
            new Bounds(Duration.ofSeconds(3), 3, 1 << 20));

    @BeforeEach
    void start() throws Exception {
        server.start();
    }

    @AfterEach
    void stop() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
    }

    @Test
    void bringsBackAnswersWithFieldsAndBody() {
        Answer answer = done(() -> client.call(server.address(), 101, Map.of("a", "b"), new byte[] {1}, LONG))
                .result();

        assertThat(answer.code()).isZero();
        assertThat(answer.fields()).containsEntry("said", "yes");
        assertThat(answer.body()).containsExactly(7, 8);
        assertThat(server.requests).singleElement().satisfies(request -> {
            assertThat(request.code()).isEqualTo(101);
            assertThat(request.fields()).containsEntry("a", "b");
            assertThat(request.body()).containsExactly(1);
        });
    }

    @Test
    void givesRefusalsOfThePeerAsAnswers() {
        server.answerCode = 16;
        Answer answer = done(() -> client.call(server.address(), 101, Map.of(), null, LONG))
                .result();
        assertThat(answer.code()).isEqualTo(16);
        assertThat(answer.remark()).isEqualTo("because");
    }

    @Test
    void usesOneConnectionForManyCalls() {
        for (int i = 0; i < 5; i++) done(() -> client.call(server.address(), 101, Map.of(), null, LONG));
        assertThat(server.requests).hasSize(5);
        assertThat(server.sockets).hasSize(1);
    }

    @Test
    void failsACallThatIsNotAnsweredInTime() {
        server.silent = true;
        Future<Answer> call = done(() -> client.call(server.address(), 101, Map.of(), null, Duration.ofMillis(50)));
        assertThat(call.cause()).hasMessageContaining("no answer from " + server.address() + " within 50 ms");
    }

    @Test
    void sendsOneWayRequestsWithoutWaiting() {
        assertThat(done(() -> client.oneWay(server.address(), 905, Map.of("x", "y"), null))
                        .succeeded())
                .isTrue();
        Await.until("the request is there", LONG, () -> server.of(905).size() == 1);
        assertThat(server.of(905).get(0).oneWay()).isTrue();
    }

    @Test
    void failsWaitingCallsWhenTheConnectionIsLostAndConnectsAgain() {
        List<String> closed = new CopyOnWriteArrayList<>();
        server.silent = true;
        loop.runOnContext(nothing -> client.onClosed(closed::add));
        Future<Answer> call = begin(() -> client.call(server.address(), 101, Map.of(), null, LONG));
        Await.until("the request is there", LONG, () -> server.requests.size() == 1);
        server.sockets.forEach(socket -> socket.close());
        Await.until("the call ended", LONG, call::isComplete);
        assertThat(call.cause()).hasMessageContaining("was lost");
        Await.until("the loss was told", LONG, () -> closed.equals(List.of(server.address())));

        server.silent = false;
        assertThat(done(() -> client.call(server.address(), 101, Map.of(), null, LONG))
                        .succeeded())
                .isTrue();
    }

    @Test
    void leavesAnAddressAloneAfterAFailedConnect() throws Exception {
        server.stop();
        assertThat(done(() -> client.call(server.address(), 101, Map.of(), null, LONG))
                        .failed())
                .isTrue();
        assertThat(done(() -> client.call(server.address(), 101, Map.of(), null, LONG))
                        .cause())
                .hasMessageContaining("could not be reached, next try in");
        server.start();
        Await.until(
                "the pause is over",
                LONG,
                () -> done(() -> client.call(server.address(), 101, Map.of(), null, LONG))
                        .succeeded());
    }

    @Test
    void boundsWaitingCalls() {
        server.silent = true;
        for (int i = 0; i < 3; i++) {
            Future<Answer> unused = begin(() -> client.call(server.address(), 101, Map.of(), null, LONG));
        }
        assertThat(done(() -> client.call(server.address(), 101, Map.of(), null, LONG))
                        .cause())
                .hasMessageContaining("3 calls wait");
    }

    @Test
    void refusesToSendAFrameBeyondTheLimit() {
        assertThat(done(() -> client.call(server.address(), 101, Map.of(), new byte[1 << 16], LONG))
                        .cause())
                .hasMessageContaining("larger than the limit of 65536");
        assertThat(server.requests).isEmpty();
    }

    @Test
    void dropsAConnectionThatAnnouncesAFrameBeyondTheLimit() {
        server.silent = true;
        server.rawAnswer = new byte[] {0x7f, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8};
        assertThat(done(() -> client.call(server.address(), 101, Map.of(), null, LONG))
                        .cause())
                .hasMessageContaining("cannot be read");
        Await.until("the connection is closed", LONG, server.sockets::isEmpty);
    }

    @Test
    void refusesWhatIsNoAddress() {
        for (String address : List.of("nowhere", ":1", "a:", "a:0", "a:70000", "")) {
            assertThat(done(() -> client.call(address, 101, Map.of(), null, LONG))
                            .cause())
                    .hasMessageContaining("host:port");
        }
    }

    private <T> Future<T> begin(Supplier<Future<T>> call) {
        Promise<T> promise = Promise.promise();
        loop.runOnContext(nothing -> call.get().onComplete(promise));
        return promise.future();
    }

    private <T> Future<T> done(Supplier<Future<T>> call) {
        Future<T> future = begin(call);
        Await.until("the call has ended", LONG, future::isComplete);
        return future;
    }
}
