package io.vostok.service;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.flow.FlowCounters;
import io.vostok.broker.flow.FlowEvent;
import io.vostok.broker.flow.WriteLimits;
import io.vostok.broker.flow.WritePressure;
import io.vostok.bus.Bell;
import io.vostok.bus.ByReference;
import io.vostok.kit.Await;
import io.vostok.metrics.Traffic;
import io.vostok.model.QueueId;
import io.vostok.model.TopicName;
import io.vostok.store.ConsumeQueue;
import io.vostok.store.FirstSend;
import io.vostok.store.MessageStore;
import io.vostok.store.StoreEvents;
import io.vostok.store.StoreException;
import io.vostok.store.StoreSettings;
import io.vostok.store.Stored;
import io.vostok.store.dedupe.RepeatKeys;
import io.vostok.store.file.SimDisk;
import io.vostok.time.ManualClock;
import io.vostok.verticle.CommitLogVerticle;
import io.vostok.verticle.DispatchVerticle;
import io.vostok.verticle.FlushVerticle;
import io.vostok.wire.record.RecordEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The way of an append over the bus to the log and back, on a disk that fails on command. */
class LogClientTest {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final QueueId QUEUE = new QueueId(new TopicName("orders"), 0);
    private static final byte[] TOPIC = "orders".getBytes(StandardCharsets.US_ASCII);

    private final Vertx vertx = Vertx.vertx();
    private final ManualClock clock = new ManualClock(1_700_000_000_000L);
    private final SimDisk disk = new SimDisk();
    private final List<Heard> heard = new CopyOnWriteArrayList<>();
    private final RecordEncoder encoder = new RecordEncoder();
    private final FlowCounters counters = new FlowCounters();
    private WriteLimits limits =
            new WriteLimits(Duration.ofMinutes(1), Duration.ZERO, Long.MAX_VALUE, Duration.ofMinutes(1));
    private boolean flushes = true;
    private @Nullable MessageStore store;

    /** What one listener was told. */
    private record Heard(
            @Nullable Stored stored,
            boolean timedOut,
            @Nullable StoreException failure,
            boolean onLoop,
            long queueEnd,
            int firstQueue) {}

    @AfterEach
    void stop() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        if (store != null) store.close();
    }

    @Test
    void answersOnTheLoopThatAppendedInTheOrderOfTheAppends() throws Exception {
        LogClient client = aClient(false, 1 << 20, Duration.ofSeconds(5));

        onLoop(client, () -> {
            for (int i = 0; i < 100; i++) append(client, "message " + i);
        });

        Await.until("all are answered", SOON, () -> heard.size() == 100);
        for (int i = 0; i < 100; i++) {
            assertThat(requireNonNull(heard.get(i).stored()).queueOffset()).isEqualTo(i);
            assertThat(heard.get(i).onLoop()).isTrue();
        }
        assertThat(client.inFlightBytes()).isZero();
    }

    @Test
    void answersWithSynchronousFlushOnlyWhatIsFlushed() throws Exception {
        LogClient client = aClient(true, 1 << 20, Duration.ofSeconds(5));

        onLoop(client, () -> append(client, "durable"));

        Await.until("it is answered", SOON, () -> heard.size() == 1);
        Stored stored = requireNonNull(heard.get(0).stored());
        assertThat(requireNonNull(store).watermarks().flushed()).isGreaterThanOrEqualTo(stored.endPosition());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void answersNoMessageBeforeItIsInItsQueue(boolean sync) throws Exception {
        LogClient client = aClient(sync, 1 << 24, Duration.ofSeconds(5));

        for (int tick = 0; tick < 20; tick++) {
            int appended = tick * 1_000;
            onLoop(client, () -> {
                for (int i = 0; i < 1_000; i++) append(client, "message");
            });
            Await.until("all are answered", SOON, () -> heard.size() == appended + 1_000);
        }

        assertThat(heard)
                .allSatisfy(each -> assertThat(each.queueEnd())
                        .isGreaterThan(requireNonNull(each.stored()).queueOffset()));
    }

    @Test
    void failsWhatWaitsForAForceThatFailsAndRefusesWhatComesAfter() throws Exception {
        LogClient client = aClient(true, 1 << 20, Duration.ofSeconds(5));
        disk.failNextForce("commitlog/00000000000000000000");

        onLoop(client, () -> append(client, "lost"));
        Await.until("the first is answered", SOON, () -> heard.size() == 1);
        onLoop(client, () -> append(client, "late"));
        Await.until("the second is answered", SOON, () -> heard.size() == 2);

        for (Heard each : heard) {
            assertThat(each.stored()).isNull();
            assertThat(requireNonNull(each.failure()).kind()).isEqualTo(StoreException.Kind.POISONED);
        }
        assertThat(client.inFlightBytes()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void refusesWhileTheDiskDoesNotAnswerAndGoesOnOnceItDoes(boolean sync) throws Exception {
        LogClient client = aClient(sync, 1 << 20, Duration.ofMinutes(5));
        CountDownLatch answer = new CountDownLatch(1);
        CountDownLatch asked = disk.hangForces(answer);

        onLoop(client, () -> append(client, "before"));
        assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
        clock.advance(Duration.ofSeconds(11));
        onLoop(client, () -> append(client, "meanwhile"));
        Await.until("it is refused", SOON, () -> heard.stream().anyMatch(each -> each.failure() != null));
        assertThat(heard.get(heard.size() - 1).failure()).hasMessageContaining("has not answered a force for 11 s");
        answer.countDown();
        Await.until(
                "the force is over",
                SOON,
                () -> !requireNonNull(store).flusher().dirty());
        onLoop(client, () -> append(client, "after"));

        Await.until("all are answered", SOON, () -> heard.size() == 3);
        assertThat(heard.stream().filter(each -> each.stored() != null)).hasSize(2);
        assertThat(client.inFlightBytes()).isZero();
    }

    @Test
    void answersARepeatWithTheFirstsPlaceWhenTheFirstIsFlushed() throws Exception {
        LogClient client = aClient(true, 1 << 20, Duration.ofSeconds(5));

        onLoop(client, () -> {
            append(client, "once", 7L << 40);
            append(client, "once", 7L << 40);
            append(client, "once");
            append(client, "other", 7L << 40);
        });
        Await.until("all are answered", SOON, () -> heard.size() == 4);
        onLoop(client, () -> append(client, "other", 7L << 40));
        Await.until("the late repeat is answered", SOON, () -> heard.size() == 5);

        assertThat(heard)
                .extracting(each -> requireNonNull(each.stored()).queueOffset())
                .containsExactly(0L, 0L, 1L, 2L, 2L);
        assertThat(heard.get(1).stored()).isEqualTo(heard.get(0).stored());
        assertThat(heard).extracting(Heard::firstQueue).containsExactly(-1, 0, -1, -1, 0);
        assertThat(counters.of(FlowEvent.SEND_REPEATED)).isEqualTo(2);
        assertThat(client.inFlightBytes()).isZero();
    }

    @Test
    void failsARepeatOfWhatWasNeverFlushed() throws Exception {
        LogClient client = aClient(true, 1 << 20, Duration.ofSeconds(5));
        disk.failNextForce("commitlog/00000000000000000000");

        onLoop(client, () -> {
            append(client, "lost", 7L << 40);
            append(client, "lost", 7L << 40);
        });
        Await.until("both are answered", SOON, () -> heard.size() == 2);
        onLoop(client, () -> append(client, "lost", 7L << 40));
        Await.until("the late repeat is answered", SOON, () -> heard.size() == 3);

        assertThat(heard)
                .extracting(each -> requireNonNull(each.failure()).kind())
                .containsOnly(StoreException.Kind.POISONED);
    }

    @Test
    void refusesWhatNoSegmentTakesAndStoresTheRestOfItsTick() throws Exception {
        LogClient client = aClient(false, 1 << 24, Duration.ofSeconds(5));

        onLoop(client, () -> {
            append(client, "before");
            append(client, "x".repeat(2 << 20));
            append(client, "after");
        });

        Await.until("all are answered", SOON, () -> heard.size() == 3);
        assertThat(heard.get(0).stored()).isNotNull();
        assertThat(requireNonNull(heard.get(1).failure()).getMessage()).contains("store.segmentBytes");
        assertThat(requireNonNull(heard.get(2).stored()).queueOffset()).isEqualTo(1);
        assertThat(client.inFlightBytes()).isZero();
    }

    @Test
    void refusesMoreThanMayBeInFlightButLetsOneLargeAppendIn() throws Exception {
        LogClient client = aClient(false, 1_000, Duration.ofSeconds(5));
        CompletableFuture<@Nullable Refused> large = new CompletableFuture<>();
        CompletableFuture<@Nullable Refused> second = new CompletableFuture<>();

        onLoop(client, () -> {
            large.complete(client.admission(5_000));
            append(client, "x".repeat(900));
            second.complete(client.admission(900));
        });

        assertThat(large.get(10, TimeUnit.SECONDS)).isNull();
        Refused refused = requireNonNull(second.get(10, TimeUnit.SECONDS));
        assertThat(refused.refusal()).isEqualTo(Refusal.BUSY);
        assertThat(refused.words()).contains("limits.inFlightBytes");
    }

    @Test
    void aListenerThatFailsTakesNoAnswerFromTheOthersOfItsBatch() throws Exception {
        LogClient client = aClient(false, 1 << 20, Duration.ofSeconds(5));

        onLoop(client, () -> {
            append(client, "first");
            append(client, "bad", new AppendListener() {
                @Override
                public void stored(Stored stored) {
                    throw new IllegalStateException("an answer that cannot be written");
                }

                @Override
                public void flushTimedOut(Stored stored) {
                    throw new AssertionError("no flush is waited for");
                }

                @Override
                public void failed(StoreException failure) {
                    heard.add(new Heard(null, false, failure, true, 0, -1));
                }
            });
            append(client, "last");
        });

        Await.until("all are answered", SOON, () -> heard.size() == 3);
        assertThat(heard.get(0).stored()).isNotNull();
        assertThat(heard.get(1).failure()).hasMessageContaining("an answer that cannot be written");
        assertThat(heard.get(2).stored()).isNotNull();
    }

    @Test
    void refusesAtOnceWhileTheFlushIsTooFarBehind() throws Exception {
        flushes = false;
        limits = new WriteLimits(Duration.ofMillis(20), Duration.ZERO, 1 << 20, Duration.ofDays(1));
        LogClient client = aClient(true, 1 << 20, Duration.ofDays(1));
        onLoop(client, () -> append(client, "waits"));

        Await.until(
                "it waits for its flush",
                SOON,
                () -> requireNonNull(store).flusher().dirty());
        clock.advance(Duration.ofMillis(21));
        AtomicReference<@Nullable Refused> refused = new AtomicReference<>();
        Await.until("the next is refused", SOON, () -> {
            onLoop(client, () -> refused.compareAndSet(null, client.admission(100)));
            return refused.get() != null;
        });

        assertThat(requireNonNull(refused.get()).refusal()).isEqualTo(Refusal.BUSY);
        assertThat(requireNonNull(refused.get()).words()).contains("ms behind (limits.flushLag 20 ms)");
        assertThat(counters.of(FlowEvent.REFUSED_FLUSH_LAG)).isPositive();
        assertThat(heard).isEmpty();
    }

    @Test
    void refusesAtOnceWhileTooManyBytesAreNotFlushed() throws Exception {
        flushes = false;
        limits = new WriteLimits(Duration.ofDays(1), Duration.ZERO, 1_000, Duration.ofDays(1));
        LogClient client = aClient(false, 1 << 20, Duration.ofSeconds(5));
        onLoop(client, () -> append(client, "x".repeat(1_000)));
        Await.until("it is answered", SOON, () -> heard.size() == 1);
        CompletableFuture<@Nullable Refused> second = new CompletableFuture<>();

        onLoop(client, () -> second.complete(client.admission(1)));

        assertThat(requireNonNull(second.get(10, TimeUnit.SECONDS)).words()).contains("limits.unflushedBytes 1000");
    }

    private LogClient aClient(boolean sync, long limitBytes, Duration syncFlushTimeout) throws Exception {
        StoreSettings usual = StoreSettings.defaults();
        StoreSettings settings = new StoreSettings(
                1 << 20,
                1_000,
                sync,
                true,
                usual.maxMessageBytes(),
                usual.retention(),
                usual.deleteHour(),
                usual.diskCleanRatio(),
                usual.diskForceRatio(),
                usual.diskFullRatio(),
                1 << 18,
                64,
                256);
        MessageStore opened = MessageStore.open(settings, disk, clock, StoreEvents.NONE);
        store = opened;
        opened.housekeeping().makeRoom();
        Bell flushed = new Bell(vertx, "flushed");
        Bell dirty = new Bell(vertx, "dirty");
        Bell room = new Bell(vertx, "room");
        WritePressure pressure = new WritePressure(
                limits, opened.watermarks(), clock, () -> opened.log().refusal() != null, counters);
        if (flushes)
            deploy(
                    new FlushVerticle(opened.flusher(), pressure, clock, dirty, flushed, sync, Duration.ofMillis(5)),
                    new DeploymentOptions()
                            .setThreadingModel(ThreadingModel.WORKER)
                            .setWorkerPoolName("flush")
                            .setWorkerPoolSize(1));
        deploy(
                new CommitLogVerticle(
                        opened.log(),
                        opened.flusher(),
                        opened.recentSends(Duration.ofMinutes(5), 1_000, 1),
                        opened.watermarks(),
                        pressure,
                        counters,
                        clock,
                        "append",
                        new CommitLogVerticle.Bells(flushed, dirty, room),
                        new DispatchVerticle(opened.dispatcher(), new Bell(vertx, "confirmed"), room, List.of()),
                        sync,
                        syncFlushTimeout,
                        1 << 18,
                        new Traffic(10, 0, 0)),
                new DeploymentOptions());
        return new LogClient(
                vertx,
                (ContextInternal) vertx.getOrCreateContext(),
                "append",
                ByReference.register(vertx, AppendBatch.class),
                limitBytes,
                pressure,
                counters);
    }

    private void deploy(io.vertx.core.Deployable verticle, DeploymentOptions options) throws Exception {
        vertx.deployVerticle(verticle, options)
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
    }

    private void onLoop(LogClient client, Runnable work) {
        client.loop().runOnContext(now -> work.run());
    }

    private void append(LogClient client, String text) {
        append(client, text, listener(client));
    }

    private void append(LogClient client, String text, long key) {
        append(client, text, key, listener(client));
    }

    private void append(LogClient client, String text, AppendListener listener) {
        append(client, text, RepeatKeys.NONE, listener);
    }

    private void append(LogClient client, String text, long key, AppendListener listener) {
        ByteBuffer body = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        int properties = RecordEncoder.storedPropertiesBytes(new byte[0], 0, 0, true);
        int size = RecordEncoder.sizeBytes(4, 4, body.remaining(), TOPIC.length, properties);
        encoder.encode(
                client.room(size),
                0,
                0,
                0,
                1L,
                new byte[4],
                1,
                new byte[4],
                2,
                0,
                0L,
                body,
                TOPIC,
                new byte[0],
                0,
                0,
                true);
        client.append(QUEUE, size, 1, key, listener);
    }

    private long queueEnd() {
        @Nullable ConsumeQueue queue = requireNonNull(store).queues().find(QUEUE);
        return queue == null ? 0 : queue.maxOffset();
    }

    private AppendListener listener(LogClient client) {
        return new AppendListener() {
            private int firstQueue = -1;

            @Override
            public void repeats(FirstSend first, ByteBuffer encoded) {
                firstQueue = first.queueId();
            }

            @Override
            public void stored(Stored stored) {
                heard.add(new Heard(stored, false, null, client.loop().inThread(), queueEnd(), firstQueue));
            }

            @Override
            public void flushTimedOut(Stored stored) {
                heard.add(new Heard(stored, true, null, client.loop().inThread(), queueEnd(), firstQueue));
            }

            @Override
            public void failed(StoreException failure) {
                heard.add(new Heard(null, false, failure, client.loop().inThread(), queueEnd(), firstQueue));
            }
        };
    }
}
