package io.vostok.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vostok.kit.Await;
import io.vostok.model.DataVersion;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import io.vostok.service.RemotingClient.Bounds;
import io.vostok.service.RouteRegistrar.Announcement;
import io.vostok.service.RouteRegistrar.Identity;
import io.vostok.service.RouteRegistrar.Outcome;
import io.vostok.service.RouteRegistrar.Timing;
import io.vostok.time.SystemClock;
import io.vostok.wire.RequestCode;
import io.vostok.wire.body.RegisterBroker;
import io.vostok.wire.body.TopicConfigTable;
import io.vostok.wire.frame.FrameLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RouteRegistrarTest {
    private static final Duration LONG = Duration.ofSeconds(10);
    private static final Timing RARELY = new Timing(Duration.ofHours(1), Duration.ofSeconds(5), Duration.ofMillis(50));
    private static final Identity IDENTITY =
            new Identity("c", "a", 0, "10.0.0.1:10911", "10.0.0.1:10912", null, false, Duration.ofMinutes(2));

    private final Vertx vertx = Vertx.vertx();
    private final Context loop = vertx.getOrCreateContext();
    private final AnsweringServer one = new AnsweringServer(vertx);
    private final AnsweringServer two = new AnsweringServer(vertx);
    private final RemotingClient client =
            new RemotingClient(vertx, new SystemClock(), FrameLimits.DEFAULT, Bounds.USUAL);
    private volatile Announcement current = announcement(1);

    @BeforeEach
    void start() throws Exception {
        one.start();
        two.start();
    }

    @AfterEach
    void stop() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
    }

    @Test
    void registersTheWholeTableWithEveryNameServer() {
        Outcome outcome = done(registrar(RARELY)::start);

        assertThat(outcome.everywhere()).isTrue();
        assertThat(outcome.registered()).containsExactly(one.address(), two.address());
        for (AnsweringServer server : List.of(one, two)) {
            assertThat(registrations(server)).singleElement().satisfies(request -> {
                var crc = new CRC32();
                crc.update(request.body());
                assertThat(request.fields())
                        .isEqualTo(Map.of(
                                "brokerName", "a",
                                "brokerAddr", "10.0.0.1:10911",
                                "clusterName", "c",
                                "brokerId", "0",
                                "haServerAddr", "10.0.0.1:10912",
                                "heartbeatTimeoutMillis", "120000",
                                "enableActingMaster", "false",
                                "compressed", "false",
                                "bodyCrc32", Long.toString(crc.getValue() & 0x7FFF_FFFF)));
                TopicConfigTable table =
                        RegisterBroker.read(request.body(), false).topicConfigs();
                assertThat(table.topics()).isEqualTo(current.topics().topics());
                assertThat(table.version()).isEqualTo(current.topics().version());
            });
        }
    }

    @Test
    void registersAgainAndAgain() {
        done(registrar(new Timing(Duration.ofMillis(20), LONG, LONG))::start);
        Await.until(
                "three registrations",
                LONG,
                () -> registrations(one).size() >= 3 && registrations(two).size() >= 3);
    }

    @Test
    void registersAChangeAtOnce() {
        RouteRegistrar registrar = registrar(RARELY);
        done(registrar::start);
        current = announcement(2);

        assertThat(done(registrar::announce).everywhere()).isTrue();

        assertThat(registrations(one)).hasSize(2);
        assertThat(RegisterBroker.read(registrations(one).get(1).body(), false)
                        .topicConfigs()
                        .version()
                        .counter())
                .isEqualTo(2);
    }

    @Test
    void changesOfOneTurnTravelTogether() {
        RouteRegistrar registrar = registrar(RARELY);
        done(registrar::start);
        done(() -> {
            var all = new ArrayList<Future<Outcome>>();
            for (int i = 0; i < 20; i++) all.add(registrar.announce());
            return Future.all(all);
        });
        assertThat(registrations(one)).hasSize(2);
    }

    @Test
    void changesDuringARegistrationShareTheNextOne() {
        one.silent = true;
        RouteRegistrar registrar = registrar(new Timing(Duration.ofHours(1), Duration.ofMillis(300), LONG));
        Future<Outcome> first = begin(registrar::start);
        Await.until("the first is under way", LONG, () -> registrations(one).size() == 1);
        Future<Outcome> second = begin(registrar::announce);
        Future<Outcome> third = begin(registrar::announce);
        one.silent = false;
        Await.until("all have ended", LONG, () -> first.isComplete() && second.isComplete() && third.isComplete());
        assertThat(first.result().failed()).containsOnlyKeys(one.address());
        assertThat(second.result().everywhere()).isTrue();
        assertThat(third.result().everywhere()).isTrue();
        assertThat(registrations(one)).hasSize(2);
    }

    @Test
    void oneNameServerThatIsDownDoesNotKeepTheOthersWaiting() throws Exception {
        two.stop();
        Outcome outcome = done(registrar(RARELY)::start);
        assertThat(outcome.registered()).containsExactly(one.address());
        assertThat(outcome.failed()).containsOnlyKeys(two.address());
    }

    @Test
    void registersWithANameServerThatComesBack() throws Exception {
        done(registrar(RARELY)::start);
        two.stop();
        Await.until("it is gone", LONG, two.sockets::isEmpty);
        two.start();
        Await.until(
                "it is registered with again", LONG, () -> registrations(two).size() >= 2);
        assertThat(registrations(one)).hasSize(1);
    }

    @Test
    void triesANameServerThatRefusesAgain() {
        one.answerCode = 1;
        Outcome outcome = done(registrar(RARELY)::start);
        assertThat(outcome.failed()).containsEntry(one.address(), "refused with 1: because");
        one.answerCode = 0;
        Await.until("it is tried again", LONG, () -> registrations(one).size() >= 2);
    }

    @Test
    void unregistersEverywhereAndStaysSilent() {
        RouteRegistrar registrar = registrar(RARELY);
        done(registrar::start);
        done(registrar::stop);
        for (AnsweringServer server : List.of(one, two)) {
            assertThat(server.of(RequestCode.UNREGISTER_BROKER))
                    .singleElement()
                    .satisfies(request -> assertThat(request.fields())
                            .isEqualTo(Map.of(
                                    "brokerName",
                                    "a",
                                    "brokerAddr",
                                    "10.0.0.1:10911",
                                    "clusterName",
                                    "c",
                                    "brokerId",
                                    "0")));
        }
        assertThat(done(registrar::announce).everywhere()).isFalse();
        assertThat(registrations(one)).hasSize(1);
    }

    @Test
    void worksWithoutNameServers() {
        var alone = new RouteRegistrar(vertx, client, () -> current, List.of(), RARELY);
        assertThat(done(alone::start).everywhere()).isTrue();
        assertThat(done(alone::stop)).isNull();
    }

    private RouteRegistrar registrar(Timing timing) {
        return new RouteRegistrar(vertx, client, () -> current, List.of(one.address(), two.address()), timing);
    }

    private static List<AnsweringServer.Request> registrations(AnsweringServer server) {
        return server.of(RequestCode.REGISTER_BROKER);
    }

    private static Announcement announcement(long counter) {
        Topic orders = Topic.of(new TopicName("orders"), 4, 6);
        Topic bills = Topic.of(new TopicName("bills"), 2, 6);
        var version = new DataVersion(0, 1_700_000_000_000L, counter);
        return new Announcement(
                IDENTITY, new TopicConfigTable(Map.of(orders.name(), orders, bills.name(), bills), version, List.of()));
    }

    private <T> Future<T> begin(Supplier<? extends Future<T>> call) {
        Promise<T> promise = Promise.promise();
        loop.runOnContext(nothing -> call.get().onComplete(promise));
        return promise.future();
    }

    private <T> T done(Supplier<? extends Future<T>> call) {
        Future<T> future = begin(call);
        Await.until("the call has ended", LONG, future::isComplete);
        return future.result();
    }
}
