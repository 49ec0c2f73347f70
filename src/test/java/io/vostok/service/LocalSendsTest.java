package io.vostok.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.internal.ContextInternal;
import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.delay.DelayRules;
import io.vostok.broker.flow.FlowCounters;
import io.vostok.broker.flow.FlowKit;
import io.vostok.broker.send.Send;
import io.vostok.broker.send.SendRules;
import io.vostok.broker.send.SendSettings;
import io.vostok.broker.session.SubscriptionTable;
import io.vostok.broker.topic.BrokerIdentity;
import io.vostok.broker.topic.GroupTable;
import io.vostok.broker.topic.TopicRules;
import io.vostok.broker.topic.TopicSettings;
import io.vostok.broker.topic.TopicTable;
import io.vostok.broker.transaction.EndTransaction;
import io.vostok.broker.transaction.TransactionRules;
import io.vostok.metrics.Meter;
import io.vostok.model.DataVersion;
import io.vostok.model.Permission;
import io.vostok.model.PropertiesEditor;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import io.vostok.store.transaction.CheckSchedule;
import io.vostok.store.transaction.PendingHalves;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LocalSendsTest {
    private static final DataVersion VERSION = new DataVersion(0, 0, 0);

    private final Vertx vertx = Vertx.vertx();
    private final LogClient log = new LogClient(
            vertx,
            (ContextInternal) vertx.getOrCreateContext(),
            "append",
            new DeliveryOptions(),
            64 << 20,
            FlowKit.noPressure(),
            new FlowCounters());
    private final Meter delays = new Meter(10, 0, 60);
    private final List<Refused> refusals = new ArrayList<>();

    @AfterEach
    void stop() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void refusesABatchWhoseUniqueIdsWouldFitNoAnswer() {
        // Characters that JSON writes as six bytes each: 120 ids of 32,000 would make a header of 23 MB.
        String properties = "UNIQ_KEY\u0001" + "\u0003".repeat(32_000) + "\u0002";
        ByteBuffer batch = ByteBuffer.allocate(4 << 20);
        for (int i = 0; i < 120; i++) addEntry(batch, properties.getBytes(StandardCharsets.UTF_8));

        sends().send(batchSend(), new PropertiesEditor(), batch.flip(), host(), new SendListener() {
            @Override
            public void sent(Sent sent) {
                throw new AssertionError("nobody appends here");
            }

            @Override
            public void refused(Refused refused) {
                refusals.add(refused);
            }
        });

        assertThat(refusals).singleElement().satisfies(refused -> {
            assertThat(refused.refusal()).isEqualTo(Refusal.MESSAGE_TOO_LARGE);
            assertThat(refused.words()).contains("120 messages").contains("send smaller batches");
        });
        assertThat(log.inFlightBytes()).isZero();
    }

    private LocalSends sends() {
        TopicRules topicRules = new TopicRules(
                TopicSettings.defaults(), new BrokerIdentity("DefaultCluster", "broker-a", 0, "127.0.0.1", 10_911));
        Tables tables = new Tables(
                TopicTable.of(List.of(Topic.of(new TopicName("orders"), 1, Permission.READ_WRITE)), VERSION),
                GroupTable.of(List.of(), Map.of(), VERSION),
                SubscriptionTable.EMPTY);
        return new LocalSends(
                new SendRules(
                        new SendSettings(6, 4 << 20, "DefaultCluster", "DefaultRegion", true),
                        topicRules,
                        new Random(1)),
                new DelayRules(18, java.time.Duration.ofDays(30), "broker-a"),
                new TransactionRules(
                        new DelayRules(18, java.time.Duration.ofDays(30), "broker-a"),
                        new CheckSchedule(6_000, 30_000, 15),
                        10),
                () -> 0,
                topicRules,
                tables,
                log,
                noTransactions(),
                change -> Future.failedFuture("nothing is created here"),
                group -> false,
                new io.vostok.time.ManualClock(1),
                host(),
                true,
                null,
                FlowKit.noRates(),
                delays.tally());
    }

    private TransactionsClient noTransactions() {
        return new TransactionsClient(log.loop(), log.loop(), new TransactionsClient.Owner() {
            @Override
            public void end(EndTransaction end, Promise<@Nullable String> done) {
                throw new AssertionError("nothing is ended here");
            }

            @Override
            public void undecided(long offset, Promise<Boolean> answer) {
                throw new AssertionError("nothing is asked here");
            }

            @Override
            public void resume(long position, Promise<Void> done) {
                throw new AssertionError("nothing is resumed here");
            }

            @Override
            public void pending(long from, int most, Promise<PendingHalves> answer) {
                throw new AssertionError("nothing is listed here");
            }

            @Override
            public void decide(
                    long offset, long position, EndTransaction.Outcome outcome, Promise<@Nullable String> done) {
                throw new AssertionError("nothing is decided here");
            }
        });
    }

    private static Send batchSend() {
        return new Send("producers", "orders", "TBW102", 4, 0, 0, 1L, 0, 0, false, -1, true);
    }

    private static Endpoint host() {
        return Endpoint.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 10_911));
    }

    private static void addEntry(ByteBuffer batch, byte[] properties) {
        batch.putInt(4 + 4 + 4 + 4 + 4 + 1 + 2 + properties.length)
                .putInt(0)
                .putInt(0)
                .putInt(0);
        batch.putInt(1).put((byte) 'x').putShort((short) properties.length).put(properties);
    }
}
