package io.vostok.role;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.internal.ContextInternal;
import io.vostok.broker.delay.DelayRules;
import io.vostok.broker.delay.RecallRules;
import io.vostok.broker.flow.FlowCounters;
import io.vostok.broker.flow.FlowEvent;
import io.vostok.broker.flow.RateLimits;
import io.vostok.broker.flow.WriteLimits;
import io.vostok.broker.flow.WritePressure;
import io.vostok.broker.offset.OffsetRules;
import io.vostok.broker.offset.PendingResets;
import io.vostok.broker.pop.PopRules;
import io.vostok.broker.pop.PopSettings;
import io.vostok.broker.pop.ReviveRules;
import io.vostok.broker.pull.PullRules;
import io.vostok.broker.pull.PullSettings;
import io.vostok.broker.send.Send;
import io.vostok.broker.send.SendSettings;
import io.vostok.broker.session.ConflictWatch;
import io.vostok.broker.session.QueueLocks;
import io.vostok.broker.session.SessionSettings;
import io.vostok.broker.session.Sessions;
import io.vostok.broker.session.SubscriptionTable;
import io.vostok.broker.topic.BrokerIdentity;
import io.vostok.broker.topic.GroupRules;
import io.vostok.broker.topic.TopicRules;
import io.vostok.broker.topic.TopicSettings;
import io.vostok.broker.transaction.TransactionCounts;
import io.vostok.broker.transaction.TransactionRules;
import io.vostok.bus.Addresses;
import io.vostok.bus.Bell;
import io.vostok.bus.ByReference;
import io.vostok.kit.SimStore;
import io.vostok.kit.SimVertx;
import io.vostok.metrics.Traffic;
import io.vostok.model.MessageProperties;
import io.vostok.model.PropertiesEditor;
import io.vostok.model.QueueId;
import io.vostok.model.SysFlag;
import io.vostok.service.AppendBatch;
import io.vostok.service.AppendBatches;
import io.vostok.service.Appending;
import io.vostok.service.ArrivalBatch;
import io.vostok.service.ArrivalHearer;
import io.vostok.service.AssignmentOwner;
import io.vostok.service.Broker;
import io.vostok.service.Endpoint;
import io.vostok.service.LocalBrokers;
import io.vostok.service.LoopPulls;
import io.vostok.service.PopParts;
import io.vostok.service.Pops;
import io.vostok.service.SendListener;
import io.vostok.service.SessionsClient;
import io.vostok.service.Tables;
import io.vostok.service.TransactionsClient;
import io.vostok.store.DelayLevels;
import io.vostok.store.DeletionGuard;
import io.vostok.store.MessageStore;
import io.vostok.store.RecentSends;
import io.vostok.store.meta.ConsumerOffsets;
import io.vostok.store.meta.DelayOffsetsFile;
import io.vostok.store.meta.GroupsFile;
import io.vostok.store.meta.QueueLocksFile;
import io.vostok.store.meta.TopicsFile;
import io.vostok.store.pop.InFlight;
import io.vostok.store.pop.PopReplay;
import io.vostok.store.timer.DelayQueues;
import io.vostok.store.timer.Timers;
import io.vostok.store.transaction.CheckSchedule;
import io.vostok.store.transaction.HalfMessages;
import io.vostok.verticle.CommitLogVerticle;
import io.vostok.verticle.DispatchVerticle;
import io.vostok.verticle.FlushVerticle;
import io.vostok.verticle.HousekeepingVerticle;
import io.vostok.verticle.PopVerticle;
import io.vostok.verticle.PullVerticle;
import io.vostok.verticle.RegistryVerticle;
import io.vostok.verticle.SessionVerticle;
import io.vostok.verticle.TimerVerticle;
import io.vostok.verticle.TransactionVerticle;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * One life of a broker without its ports, wired as {@link BrokerRole} wires it, on {@link SimVertx} and a simulated disk: the
 * verticles, services, rules and the store are those of production.
 */
final class SimBroker {
    static final int LOOPS = 2;
    static final Duration REPEAT_WINDOW = Duration.ofMinutes(10);
    static final CheckSchedule CHECKS = new CheckSchedule(6_000, 30_000, 3);
    static final BrokerIdentity IDENTITY = new BrokerIdentity("c", "b", 0, "127.0.0.1", 10911);
    static final String PRODUCERS = "producers";
    static final Endpoint CLIENT = Endpoint.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 4_000));
    private static final int SEGMENT = 128 * 1024;

    final SimVertx sim;
    final MessageStore store;
    final ConsumerOffsets offsets;
    final Tables tables;
    final TransactionCounts counts = new TransactionCounts();
    /** The broker as each event loop sees it; to be used in tasks of its context only. */
    final List<Broker> faces = new ArrayList<>();

    final List<ContextInternal> loops = new ArrayList<>();
    final RegistryVerticle registry;
    final InFlight inFlight;
    final Timers timers;
    final FlowCounters counters = new FlowCounters();
    /** Where the log is forced. */
    final ContextInternal flush;

    private final List<PullVerticle> pulls = new ArrayList<>();
    private final TimerVerticle timer;
    private final ContextInternal timerContext;
    private final TransactionVerticle transactions;
    private final PopVerticle pops;
    private final CommitLogVerticle writer;
    private final ContextInternal writerContext;
    private final List<AppendBatch> batches = new ArrayList<>();

    /** Opens what is on the disk, and starts. */
    SimBroker(SimStore on, boolean sync, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        sim = new SimVertx(on.clock, random.split(), this::sent);
        Vertx vertx = sim.vertx();
        DelayLevels levels = DelayLevels.defaults();
        store = MessageStore.open(
                SimStore.settings(SEGMENT, 256, sync, Duration.ofHours(99), SEGMENT),
                on.disk,
                on.clock,
                on.events,
                levels);
        RecentSends recent = store.recentSends(REPEAT_WINDOW, 10_000, random.nextLong());
        offsets = ConsumerOffsets.open(on.disk, on.events, on.clock, 16 * 1024, 1_000);
        offsets.clamp(store.queues()::maxOffset);

        TopicSettings topicSettings = new TopicSettings(true, true, 2, true, 1_000, 1_000, 64);
        TopicRules topicRules = new TopicRules(topicSettings, IDENTITY);
        GroupRules groupRules = new GroupRules(topicSettings);
        TopicsFile topicsFile = new TopicsFile(on.disk, on.events);
        GroupsFile groupsFile = new GroupsFile(on.disk, on.events);
        tables = new Tables(BrokerRole.topics(topicsFile), BrokerRole.groups(groupsFile), SubscriptionTable.EMPTY);
        Addresses addresses = new Addresses("sim");
        DeliveryOptions batchOptions = ByReference.register(vertx, AppendBatch.class);
        DeliveryOptions arrivals = ByReference.register(vertx, ArrivalBatch.class);
        Bell flushed = new Bell(vertx, addresses.flushed());
        Bell dirty = new Bell(vertx, addresses.dirty());
        Bell confirmed = new Bell(vertx, addresses.confirmed());
        Bell room = new Bell(vertx, addresses.room());
        Traffic traffic = new Traffic(100, on.clock.monotonicNanos(), 0);
        registry = new RegistryVerticle(
                tables,
                topicsFile,
                groupsFile,
                on.clock,
                new Bell(vertx, addresses.registry()),
                Future::succeededFuture);
        sim.deploy(registry);
        await(registry.create(topicRules.missingAtStart(tables.topics()), groupRules.missingAtStart(tables.groups())));

        List<LoopPulls> waiting = new ArrayList<>();
        for (int i = 0; i < LOOPS; i++) {
            LoopPulls ofLoop = new LoopPulls(vertx, addresses.arrived(i), arrivals, store.queues(), on.clock, 100);
            PullVerticle verticle = new PullVerticle(ofLoop);
            loops.add(sim.deploy(verticle));
            waiting.add(ofLoop);
            pulls.add(verticle);
        }
        DelayRules delayRules = new DelayRules(levels.count(), Duration.ofDays(3), IDENTITY.name());
        Duration flushInterval = sync ? Duration.ZERO : Duration.ofMillis(500);
        WritePressure pressure = new WritePressure(
                new WriteLimits(Duration.ofSeconds(1), flushInterval, 64 << 20, Duration.ofSeconds(1)),
                store.watermarks(),
                on.clock,
                () -> store.log().refusal() != null || store.flusher().stall(on.clock.monotonicNanos()) != null,
                counters);
        flush = sim.deploy(new FlushVerticle(store.flusher(), pressure, on.clock, dirty, flushed, sync, flushInterval));
        Appending appending = new Appending(
                addresses.append(),
                batchOptions,
                16 << 20,
                pressure,
                counters,
                Endpoint.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), IDENTITY.port())),
                true);
        DelayOffsetsFile delayOffsets = new DelayOffsetsFile(on.disk, on.events);
        timers = Timers.open(on.disk, store.queues(), store.view(), on.events, new Timers.Limits(16 * 1024, 16));
        timer = new TimerVerticle(
                new DelayQueues(store.queues(), levels, delayOffsets.load(), on.events, 16),
                timers,
                delayRules,
                store.view(),
                store.watermarks(),
                delayOffsets,
                appending,
                on.clock,
                new Bell(vertx, addresses.parked()));
        OffsetRules offsetRules = new OffsetRules(1L << 30);
        PendingResets resets = new PendingResets();
        RateLimits groupRates = RateLimits.ofGroups(Map.of(), on.clock, counters);
        inFlight = new InFlight(IDENTITY.reviveTopic(), 2, 1_000, 1_000);
        PopReplay.run(
                inFlight,
                store.queues(),
                store.view(),
                offsets,
                store.deletedTopics(),
                on.events,
                on.clock.wallMillis(),
                on.clock.monotonicNanos());
        PopParts popParts = new PopParts(
                vertx,
                store,
                offsets,
                inFlight,
                tables,
                registry,
                new PopRules(new PopSettings(6, 64 << 10, Duration.ofSeconds(30), true), groupRules),
                new ReviveRules(topicRules),
                offsetRules,
                resets,
                groupRates,
                traffic,
                new Pops.WaitingPopsLimits(100, 100),
                new PopReplay(inFlight, store.queues(), store.view(), offsets, store.deletedTopics(), on.events),
                0,
                on.clock,
                random.split(),
                appending,
                IDENTITY.name());
        pops = new PopVerticle(vertx, addresses.popArrived(), arrivals, popParts::make, on.clock);
        TransactionRules transactionRules = new TransactionRules(delayRules, CHECKS, 1_000);
        QueueLocks locks = new QueueLocks(100);
        SessionVerticle sessions = new SessionVerticle(
                new Sessions(new SessionSettings(Duration.ofDays(9), 100, 100, 100), groupRules, topicRules),
                locks,
                new QueueLocksFile(on.disk, on.events),
                new ConflictWatch(Duration.ofMinutes(1)),
                tables,
                registry,
                on.clock);
        ContextInternal[] sessionContext = new ContextInternal[1];
        transactions = new TransactionVerticle(
                HalfMessages.open(
                        store.queues(),
                        store.view(),
                        offsets,
                        CHECKS,
                        on.events,
                        on.clock.wallMillis(),
                        on.clock.monotonicNanos()),
                transactionRules,
                counts,
                traffic.finishes().tally(),
                store.view(),
                store.watermarks(),
                appending,
                loop -> new SessionsClient(loop, sessionContext[0], sessions),
                IDENTITY.name(),
                on.clock,
                new Bell(vertx, addresses.halves()));
        HousekeepingVerticle keeper = new HousekeepingVerticle(
                store.housekeeping(),
                store.flusher(),
                offsets,
                DeletionGuard.all(transactions, timer, pops),
                traffic,
                on.clock,
                room,
                confirmed,
                Duration.ofSeconds(5),
                Duration.ofSeconds(5));
        sim.deploy(keeper);
        List<ArrivalHearer> hearers = new ArrayList<>(waiting);
        hearers.add(timer);
        hearers.add(transactions);
        hearers.add(pops);
        writer = new CommitLogVerticle(
                store.log(),
                store.flusher(),
                recent,
                store.watermarks(),
                pressure,
                counters,
                on.clock,
                addresses.append(),
                new CommitLogVerticle.Bells(flushed, dirty, room),
                new DispatchVerticle(store.dispatcher(), confirmed, room, hearers),
                sync,
                Duration.ofSeconds(5),
                SEGMENT,
                traffic);
        writerContext = sim.deploy(writer);
        timerContext = sim.deploy(timer);
        sim.deploy(pops);
        sessionContext[0] = sim.deploy(sessions);
        sim.deploy(transactions);

        LocalBrokers local = new LocalBrokers(new LocalBrokers.Shared(
                vertx,
                store,
                offsets,
                traffic,
                tables,
                registry,
                locks,
                on.clock,
                new SendSettings(6, 4_096, "c", "r", false),
                topicRules,
                delayRules,
                transactionRules,
                counts,
                new RecallRules(true, Duration.ofDays(3), IDENTITY.name()),
                new PullRules(PullSettings.defaults(), groupRules),
                offsetRules,
                appending,
                recent.keys(),
                RateLimits.ofTopics(Map.of(), on.clock, counters),
                groupRates,
                resets,
                new LocalBrokers.Owners(pops.owner(), pops.loop(), nobodyAssigns(), sim.context())));
        for (int i = 0; i < LOOPS; i++) {
            faces.add(local.create(
                    loops.get(i),
                    waiting.get(i),
                    new SessionsClient(loops.get(i), sessions.ownContext(), sessions),
                    new TransactionsClient(loops.get(i), transactions.ownContext(), transactions)));
        }
    }

    private static AssignmentOwner nobodyAssigns() {
        return (AssignmentOwner) Proxy.newProxyInstance(
                SimBroker.class.getClassLoader(), new Class<?>[] {AssignmentOwner.class}, (proxy, method, given) -> {
                    throw new UnsupportedOperationException("nobody assigns queues here");
                });
    }

    private void sent(Object body) {
        if (body instanceof AppendBatch batch) batches.add(batch);
    }

    /** Runs until {@code future} is complete, which must succeed. */
    void await(Future<?> future) {
        while (!future.isComplete()) {
            if (!sim.runOne()) sim.advanceToNext(Duration.ofMillis(100));
        }
        if (future.failed()) throw new AssertionError("failed at start", future.cause());
    }

    /** Does something on an event loop, soon. */
    void onLoop(int loop, Consumer<Broker> work) {
        loops.get(loop).runOnContext(now -> work.accept(faces.get(loop)));
    }

    /** Sends a message on an event loop, soon. */
    void send(
            int loop, QueueId queue, PropertiesEditor properties, String body, long bornMillis, SendListener listener) {
        boolean half = properties.contains(MessageProperties.TRAN_MSG);
        Send send = new Send(
                PRODUCERS,
                queue.topic().value(),
                "",
                2,
                queue.index(),
                half ? SysFlag.TRANSACTION_PREPARED : 0,
                bornMillis,
                0,
                0,
                false,
                -1,
                false);
        ByteBuffer bytes = ByteBuffer.wrap(body.getBytes(StandardCharsets.US_ASCII));
        onLoop(loop, face -> face.send(send, properties, bytes, CLIENT, listener));
    }

    /** Tells whether anything was refused at the door. */
    boolean refused() {
        for (FlowEvent event : FlowEvent.values()) {
            if (event != FlowEvent.SEND_REPEATED && counters.of(event) > 0) return true;
        }
        return false;
    }

    /** Returns how many batches the log was asked to append. */
    int batches() {
        return batches.size();
    }

    /** Stops in the order of {@link BrokerRole#stop}. */
    void stop() {
        sim.undeploy(timer, timerContext);
        sim.undeploy(transactions, (ContextInternal) transactions.ownContext());
        sim.undeploy(pops, pops.loop());
        sim.runAll();
        for (int i = 0; i < LOOPS; i++) sim.undeploy(pulls.get(i), loops.get(i));
        sim.undeploy(writer, writerContext);
        store.flusher().flush();
        transactions.saveLast();
        pops.settleLast();
        timer.saveLast();
        timers.close();
        offsets.close();
        store.close();
        forget();
    }

    /** The process is gone: gives back the memory of what it was about to append. */
    void forget() {
        batches.forEach(AppendBatches::release);
        batches.clear();
    }
}
