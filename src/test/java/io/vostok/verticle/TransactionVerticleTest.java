package io.vostok.verticle;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vostok.broker.delay.DelayRules;
import io.vostok.broker.flow.FlowCounters;
import io.vostok.broker.flow.WriteLimits;
import io.vostok.broker.flow.WritePressure;
import io.vostok.broker.session.ProducerView;
import io.vostok.broker.transaction.EndTransaction;
import io.vostok.broker.transaction.EndTransaction.Outcome;
import io.vostok.broker.transaction.TransactionCounts;
import io.vostok.broker.transaction.TransactionRules;
import io.vostok.bus.Bell;
import io.vostok.bus.ByReference;
import io.vostok.kit.Await;
import io.vostok.metrics.Meter;
import io.vostok.metrics.Traffic;
import io.vostok.model.QueueId;
import io.vostok.model.TopicName;
import io.vostok.service.AppendBatch;
import io.vostok.service.Appending;
import io.vostok.service.Endpoint;
import io.vostok.service.Peer;
import io.vostok.service.Registry;
import io.vostok.service.SessionsClient;
import io.vostok.store.ConsumeQueue;
import io.vostok.store.MessageStore;
import io.vostok.store.StoreEvents;
import io.vostok.store.StoreSettings;
import io.vostok.store.Stored;
import io.vostok.store.file.SimDisk;
import io.vostok.store.meta.ConsumerOffsets;
import io.vostok.store.transaction.CheckSchedule;
import io.vostok.store.transaction.HalfMessages;
import io.vostok.time.SystemClock;
import io.vostok.wire.body.HeartbeatData;
import io.vostok.wire.body.LockBatch;
import io.vostok.wire.body.LockBatchResult;
import io.vostok.wire.record.RecordEncoder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The owner of half messages with the real log on a simulated disk. No check is due in the time of a test. */
class TransactionVerticleTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final QueueId ORDERS = new QueueId(new TopicName("orders"), 0);
    private static final byte[] HOST = {127, 0, 0, 1};

    private final Vertx vertx = Vertx.vertx();
    private final SystemClock clock = new SystemClock();
    private final SimDisk disk = new SimDisk();
    private final TransactionCounts counts = new TransactionCounts();
    private final Meter finishes = new Meter(10, 0, 5, 60);
    private final MessageStore store = openStore();
    private final ConsumerOffsets offsets = ConsumerOffsets.open(disk, StoreEvents.NONE, clock, 4096, 100);

    @AfterEach
    void stop() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        offsets.close();
        store.close();
    }

    @Test
    void twoWordsAtOnceMakeOneMessage() throws Exception {
        Stored half = half("pay");
        TransactionVerticle verticle = deploy();

        Future<@Nullable String> first = end(verticle, half, Outcome.COMMIT);
        Future<@Nullable String> second = end(verticle, half, Outcome.COMMIT);
        assertThat(answer(first)).isNull();
        assertThat(answer(second)).isNull();
        assertThat(answer(end(verticle, half, Outcome.COMMIT)))
                .as("it was decided before")
                .isEqualTo("pay");

        assertThat(sizeOf(ORDERS)).isEqualTo(1);
        assertThat(sizeOf(HalfMessages.MARKS)).isEqualTo(1);
        assertThat(counts.committed()).isEqualTo(1);
        assertThat(finishes.sizes()).hasSize(1).allSatisfy((key, seconds) -> {
            assertThat(key.topic()).isEqualTo(ORDERS.topic().value());
            assertThat(seconds.count()).isEqualTo(1);
        });
    }

    @Test
    void givesUpWhatMustMakeWayForADeletion() throws Exception {
        half("one");
        half("two");
        Stored three = half("three");
        TransactionVerticle verticle = deploy();

        assertThat(verticle.letsGo(three.position())).isFalse();
        Await.until("the file may go", SOON, () -> verticle.letsGo(three.position()));

        assertThat(sizeOf(HalfMessages.GIVEN_UP)).isEqualTo(2);
        assertThat(counts.givenUp()).isEqualTo(2);

        Await.until("all may go", SOON, () -> verticle.letsGo(three.endPosition()));
        assertThat(sizeOf(HalfMessages.GIVEN_UP)).isEqualTo(3);
    }

    @Test
    void losesLoudlyWhatNoDiskHasRoomFor() throws Exception {
        Stored one = half("one");
        TransactionVerticle verticle = deploy();
        disk.pretendUsedRatio(0.99);
        store.housekeeping().makeRoom();

        assertThat(verticle.letsGo(one.endPosition())).isFalse();
        Await.until("the file may go", SOON, () -> verticle.letsGo(one.endPosition()));

        assertThat(counts.lost()).isEqualTo(1);
        assertThat(counts.givenUp()).isZero();
    }

    @Test
    void keepsAHalfMessageWhoseEndWasNotStored() throws Exception {
        Stored half = half("pay");
        TransactionVerticle verticle = deploy();
        disk.pretendUsedRatio(0.99);
        store.housekeeping().makeRoom();
        Future<@Nullable String> refused = end(verticle, half, Outcome.COMMIT);
        try {
            answer(refused);
            throw new AssertionError("stored on a full disk");
        } catch (ExecutionException expected) {
            assertThat(expected.getCause()).isInstanceOf(Registry.RefusedException.class);
        }

        disk.pretendUsedRatio(Double.NaN);
        store.housekeeping().makeRoom();
        assertThat(answer(end(verticle, half, Outcome.COMMIT))).isNull();
        assertThat(sizeOf(ORDERS)).isEqualTo(1);
    }

    private MessageStore openStore() {
        StoreSettings usual = StoreSettings.defaults();
        MessageStore opened = MessageStore.open(
                new StoreSettings(
                        1 << 20,
                        1_000,
                        false,
                        true,
                        usual.maxMessageBytes(),
                        usual.retention(),
                        -1,
                        usual.diskCleanRatio(),
                        usual.diskForceRatio(),
                        usual.diskFullRatio(),
                        1 << 18,
                        64,
                        256),
                disk,
                clock,
                StoreEvents.NONE);
        opened.housekeeping().makeRoom();
        return opened;
    }

    /** Before anything is deployed: the thread of the test is the writer. */
    private Stored half(String id) {
        byte[] properties = ("REAL_TOPIC\1orders\2REAL_QID\0010\2PGROUP\1payers\2UNIQ_KEY\1" + id + "\2")
                .getBytes(StandardCharsets.UTF_8);
        ByteBuffer record = ByteBuffer.allocate(1024);
        new RecordEncoder()
                .encode(
                        record,
                        0,
                        0,
                        0,
                        clock.wallMillis(),
                        HOST,
                        1,
                        HOST,
                        2,
                        0,
                        0,
                        ByteBuffer.wrap(id.getBytes(StandardCharsets.UTF_8)),
                        HalfMessages.HALVES.topic().value().getBytes(StandardCharsets.UTF_8),
                        properties,
                        0,
                        properties.length,
                        true);
        Stored stored = store.log().append(HalfMessages.HALVES, record.flip(), 1, clock.wallMillis());
        store.dispatcher().dispatch(100, (queue, nextOffset, tagsCode) -> {});
        return stored;
    }

    private TransactionVerticle deploy() throws Exception {
        Bell room = new Bell(vertx, "room");
        FlowCounters counters = new FlowCounters();
        WritePressure pressure = new WritePressure(
                new WriteLimits(Duration.ofMinutes(1), Duration.ZERO, Long.MAX_VALUE, Duration.ofMinutes(1)),
                store.watermarks(),
                clock,
                () -> store.log().refusal() != null,
                counters);
        deploy(new CommitLogVerticle(
                store.log(),
                store.flusher(),
                null,
                store.watermarks(),
                pressure,
                counters,
                clock,
                "append",
                new CommitLogVerticle.Bells(new Bell(vertx, "flushed"), new Bell(vertx, "dirty"), room),
                new DispatchVerticle(store.dispatcher(), new Bell(vertx, "confirmed"), room, List.of()),
                false,
                Duration.ofSeconds(5),
                1 << 18,
                new Traffic(10, 0, 0)));
        CheckSchedule schedule = new CheckSchedule(3_600_000, 3_600_000, 15);
        TransactionVerticle verticle = new TransactionVerticle(
                HalfMessages.open(
                        store.queues(),
                        store.view(),
                        offsets,
                        schedule,
                        StoreEvents.NONE,
                        clock.wallMillis(),
                        clock.monotonicNanos()),
                new TransactionRules(new DelayRules(18, java.time.Duration.ofDays(30), "broker-a"), schedule, 100),
                counts,
                finishes.tally(),
                store.view(),
                store.watermarks(),
                new Appending(
                        "append",
                        ByReference.register(vertx, AppendBatch.class),
                        1 << 20,
                        pressure,
                        counters,
                        Endpoint.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 10_911)),
                        true),
                loop -> new SessionsClient(loop, loop, new Nobody()),
                "broker-a",
                clock,
                new Bell(vertx, "halves"));
        deploy(verticle);
        return verticle;
    }

    private void deploy(io.vertx.core.Deployable verticle) throws Exception {
        answer(vertx.deployVerticle(verticle, new DeploymentOptions()));
    }

    private static Future<@Nullable String> end(TransactionVerticle verticle, Stored half, Outcome outcome) {
        Promise<@Nullable String> done = Promise.promise();
        EndTransaction end = new EndTransaction("payers", half.queueOffset(), half.position(), outcome, false, null);
        verticle.ownContext().runOnContext(now -> verticle.end(end, done));
        return done.future();
    }

    private static <T extends @Nullable Object> T answer(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private long sizeOf(QueueId queue) {
        ConsumeQueue units = requireNonNull(store.queues().find(queue));
        return units.maxOffset();
    }

    /** No producer is connected. */
    private static final class Nobody implements SessionsClient.Owner {
        @Override
        public void heartbeat(HeartbeatData heartbeat, Peer peer, int language, int version, Promise<Boolean> done) {
            throw new AssertionError("nobody sends heartbeats here");
        }

        @Override
        public void unregister(@Nullable String producerGroup, @Nullable String consumerGroup, Peer peer) {
            throw new AssertionError("nobody is registered here");
        }

        @Override
        public void closed(Peer peer) {
            throw new AssertionError("nobody is connected here");
        }

        @Override
        public @Nullable Peer producer(String clientId) {
            return null;
        }

        @Override
        public Map<String, List<ProducerView>> producers() {
            return Map.of();
        }

        @Override
        public List<Peer> producersOf(String group) {
            return List.of();
        }

        @Override
        public void lock(LockBatch request, Promise<LockBatchResult> done) {
            throw new AssertionError("nobody consumes here");
        }

        @Override
        public void unlock(LockBatch request) {
            throw new AssertionError("nobody consumes here");
        }
    }
}
