package io.vostok.role;

import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.internal.ContextInternal;
import io.vostok.broker.delay.DelayRules;
import io.vostok.broker.delay.RecallRules;
import io.vostok.broker.flow.FlowCounters;
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
import io.vostok.broker.retry.RedriveRules;
import io.vostok.broker.send.SendSettings;
import io.vostok.broker.session.ConflictWatch;
import io.vostok.broker.session.QueueLocks;
import io.vostok.broker.session.SessionSettings;
import io.vostok.broker.session.Sessions;
import io.vostok.broker.session.SubscriptionTable;
import io.vostok.broker.topic.BrokerIdentity;
import io.vostok.broker.topic.GroupRules;
import io.vostok.broker.topic.GroupTable;
import io.vostok.broker.topic.TopicRules;
import io.vostok.broker.topic.TopicSettings;
import io.vostok.broker.topic.TopicTable;
import io.vostok.broker.transaction.TransactionCounts;
import io.vostok.broker.transaction.TransactionRules;
import io.vostok.bus.Addresses;
import io.vostok.bus.Bell;
import io.vostok.bus.ByReference;
import io.vostok.config.Config;
import io.vostok.front.http.BrokerFace;
import io.vostok.front.remoting.AdminCommands;
import io.vostok.front.remoting.BrokerRouter;
import io.vostok.front.remoting.CommandRouter;
import io.vostok.front.remoting.RemotingVerticle;
import io.vostok.front.remoting.tls.LateTls;
import io.vostok.metrics.Calls;
import io.vostok.metrics.Traffic;
import io.vostok.model.DataVersion;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import io.vostok.service.AppendBatch;
import io.vostok.service.Appending;
import io.vostok.service.ArrivalBatch;
import io.vostok.service.ArrivalHearer;
import io.vostok.service.Broker;
import io.vostok.service.BrokerAdmin;
import io.vostok.service.BrokerFigures;
import io.vostok.service.Endpoint;
import io.vostok.service.LocalBrokers;
import io.vostok.service.LocalClusterAdmin;
import io.vostok.service.LocalRedriveAdmin;
import io.vostok.service.LoopPulls;
import io.vostok.service.PopParts;
import io.vostok.service.Pops;
import io.vostok.service.Registry;
import io.vostok.service.RemotingClient;
import io.vostok.service.RouteRegistrar;
import io.vostok.service.SessionsClient;
import io.vostok.service.Tables;
import io.vostok.service.TimersClient;
import io.vostok.service.TopicRoutes;
import io.vostok.service.TransactionsClient;
import io.vostok.store.DelayLevels;
import io.vostok.store.DeletionGuard;
import io.vostok.store.MessageStore;
import io.vostok.store.RecentSends;
import io.vostok.store.StoreException;
import io.vostok.store.StoreSettings;
import io.vostok.store.Watermarks;
import io.vostok.store.file.Disk;
import io.vostok.store.file.MappedDisk;
import io.vostok.store.meta.ConsumerOffsets;
import io.vostok.store.meta.DelayOffsetsFile;
import io.vostok.store.meta.GroupsFile;
import io.vostok.store.meta.QueueLocksFile;
import io.vostok.store.meta.RedrivenFile;
import io.vostok.store.meta.RequestModesFile;
import io.vostok.store.meta.TopicsFile;
import io.vostok.store.pop.InFlight;
import io.vostok.store.pop.PopReplay;
import io.vostok.store.timer.DelayQueues;
import io.vostok.store.timer.Timers;
import io.vostok.store.transaction.CheckSchedule;
import io.vostok.store.transaction.HalfMessages;
import io.vostok.time.Clock;
import io.vostok.verticle.AssignmentVerticle;
import io.vostok.verticle.CommitLogVerticle;
import io.vostok.verticle.DispatchVerticle;
import io.vostok.verticle.FlushVerticle;
import io.vostok.verticle.HousekeepingVerticle;
import io.vostok.verticle.PopVerticle;
import io.vostok.verticle.PullVerticle;
import io.vostok.verticle.RedriveVerticle;
import io.vostok.verticle.RegistrarVerticle;
import io.vostok.verticle.RegistryVerticle;
import io.vostok.verticle.SessionVerticle;
import io.vostok.verticle.TimerVerticle;
import io.vostok.verticle.TopicDeletion;
import io.vostok.verticle.TransactionVerticle;
import io.vostok.wire.body.QueueLockTable;
import io.vostok.wire.body.SubscriptionGroupTable;
import io.vostok.wire.body.TopicConfigTable;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One broker in this process: its store, its verticles and its ports. */
final class BrokerRole {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerRole.class);

    private static final int OFFSET_TABLE_BYTES = 1 << 20;
    private static final int MOST_OFFSETS = 2_000_000;
    private static final DataVersion NEVER_CHANGED = new DataVersion(0, 0, 0);
    /** Delayed messages that were appended to their real queues and not confirmed yet. */
    private static final int MOST_DUE_UNDER_WAY = 1_024;

    /** Pairs of topic and group that each thread counts by name. */
    private static final int MOST_COUNTED = 50_000;

    /** As Apache's popPollingSize. */
    private static final int MOST_HELD_POPS_PER_QUEUE = 1_024;
    /** How late its records may come that an Apache broker's timer held: as long as the timers may take to catch up. */
    private static final long LATEST_REVIVE_MILLIS = 3_600_000;

    private static final int MOST_QUEUE_LOCKS = 1_000_000;
    private static final int START_PATIENCE_SECONDS = 3;
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(4);
    /** How long name servers should believe in this broker without hearing of it. */
    private static final Duration NAME_SERVER_PATIENCE = Duration.ofMinutes(2);

    private final Config config;
    private final Vertx vertx;
    private final Clock clock;
    private final RemotingPorts remoting;
    private final Disk disk;
    private final LogStoreEvents events = new LogStoreEvents();
    private final Deployments deployments;
    private final List<RemotingVerticle> fronts = new ArrayList<>();
    private final List<PullVerticle> pullVerticles = new ArrayList<>();
    private final FlowCounters counters = new FlowCounters();
    private final IdentityHashMap<EventLoop, BrokerFace> faces = new IdentityHashMap<>();
    private @Nullable MessageStore store;
    /** Null when a send that comes again is stored again. */
    private @Nullable RecentSends recent;

    private @Nullable ConsumerOffsets offsets;
    private @Nullable LocalBrokers brokers;
    private @Nullable DispatchVerticle dispatching;
    private @Nullable RegistrarVerticle registrar;
    private @Nullable TimerVerticle timer;
    private @Nullable TransactionVerticle transactions;
    private @Nullable RedriveVerticle redrives;
    private @Nullable Timers timers;
    private @Nullable PopVerticle pops;
    private @Nullable BrokerFigures figures;

    BrokerRole(Config config, Vertx vertx, Clock clock, RemotingPorts remoting) {
        this.config = config;
        this.vertx = vertx;
        this.clock = clock;
        this.remoting = remoting;
        this.disk = new MappedDisk(config.store().path());
        this.deployments = new Deployments(vertx);
    }

    /** Locks, opens and recovers the store. Blocks. */
    void open() {
        store = MessageStore.open(storeSettings(), disk, clock, events, delayLevels());
        Config.Store own = config.store();
        if (!own.repeatWindow().isZero()) {
            long seed = RandomGenerator.getDefault().nextLong();
            recent = store.recentSends(own.repeatWindow(), own.repeatEntries(), seed);
        }
        offsets = ConsumerOffsets.open(disk, events, clock, OFFSET_TABLE_BYTES, MOST_OFFSETS);
        // A log that lost its end to a power cut takes the groups that had read that end back with it (promise P6).
        offsets.clamp(store.queues()::maxOffset);
    }

    /** Starts every verticle, listens and registers. Blocks: not for event loops. */
    void start(@Nullable LateTls tls) {
        @Nullable MessageStore opened = store;
        @Nullable ConsumerOffsets openedOffsets = offsets;
        if (opened == null || openedOffsets == null) throw new IllegalStateException("the store is not open");
        Config.Broker own = config.broker();
        BrokerIdentity identity =
                new BrokerIdentity(own.cluster(), own.name(), own.id(), own.advertisedHost(), own.port());
        TopicSettings topicSettings = new TopicSettings(
                own.autoCreateTopics(),
                own.autoCreateGroups(),
                own.defaultTopicQueues(),
                true,
                own.maxTopics(),
                own.maxGroups(),
                own.maxQueuesPerTopic());
        TopicRules topicRules = new TopicRules(topicSettings, identity);
        GroupRules groupRules = new GroupRules(topicSettings);
        TopicsFile topicsFile = new TopicsFile(disk, events);
        GroupsFile groupsFile = new GroupsFile(disk, events);
        Tables tables = new Tables(topics(topicsFile), groups(groupsFile), SubscriptionTable.EMPTY);

        Addresses addresses = new Addresses(own.name() + "." + own.id());
        DeliveryOptions batches = ByReference.register(vertx, AppendBatch.class);
        DeliveryOptions arrivals = ByReference.register(vertx, ArrivalBatch.class);
        Bell flushed = new Bell(vertx, addresses.flushed());
        Bell dirty = new Bell(vertx, addresses.dirty());
        Bell confirmed = new Bell(vertx, addresses.confirmed());
        Bell room = new Bell(vertx, addresses.room());
        int loops = config.threads().eventLoops();
        Traffic traffic = new Traffic(MOST_COUNTED, clock.monotonicNanos(), today());

        RegistryVerticle registry = new RegistryVerticle(
                tables, topicsFile, groupsFile, clock, new Bell(vertx, addresses.registry()), this::announce);
        deployments.startWorker(registry, "vostok-registry");
        deployments.await(
                "create system topics and groups",
                registry.create(
                        topicRules.missingAtStart(tables.topics()), groupRules.missingAtStart(tables.groups())));

        List<LoopPulls> pulls = new ArrayList<>();
        for (int loop = 0; loop < loops; loop++) {
            LoopPulls waiting = new LoopPulls(
                    vertx,
                    addresses.arrived(loop),
                    arrivals,
                    opened.queues(),
                    clock,
                    Math.max(1, config.pull().maxHeld() / loops));
            PullVerticle verticle = new PullVerticle(waiting);
            deployments.start(verticle);
            pulls.add(waiting);
            pullVerticles.add(verticle);
        }
        DelayRules delayRules = new DelayRules(own.delayLevels().size(), own.maxDelay(), own.name());
        Endpoint storeHost = Endpoint.of(new InetSocketAddress(own.advertisedHost(), own.port()));
        boolean sync = config.store().flush() == Config.Flush.SYNC;
        WritePressure pressure = new WritePressure(
                new WriteLimits(
                        config.limits().flushLag(),
                        sync ? Duration.ZERO : config.store().flushInterval(),
                        config.limits().unflushedBytes(),
                        config.limits().appendStall()),
                opened.watermarks(),
                clock,
                () -> opened.log().refusal() != null || opened.flusher().stall(clock.monotonicNanos()) != null,
                counters);
        deployments.startWorker(
                new FlushVerticle(
                        opened.flusher(),
                        pressure,
                        clock,
                        dirty,
                        flushed,
                        sync,
                        config.store().flushInterval()),
                "vostok-flush");
        Appending appending = new Appending(
                addresses.append(),
                batches,
                config.limits().inFlightBytes() / loops,
                pressure,
                counters,
                storeHost,
                config.store().recordCrc());
        TimerVerticle delays = timer(opened, delayRules, appending, addresses);
        OffsetRules offsetRules = new OffsetRules(config.pull().recentBytes());
        PendingResets resets = new PendingResets();
        RateLimits groupRates = RateLimits.ofGroups(config.limits().groupRates(), clock, counters);
        PopSettings popSettings = new PopSettings(
                own.permission(),
                config.pull().maxBytes(),
                config.pull().maxHoldTime(),
                config.pop().priorityOrderAsc());
        PopRules popRules = new PopRules(popSettings, groupRules);
        PopVerticle popping = pops(
                opened,
                openedOffsets,
                identity,
                tables,
                registry,
                popRules,
                new ReviveRules(topicRules),
                offsetRules,
                resets,
                groupRates,
                traffic,
                appending,
                addresses,
                arrivals);
        CheckSchedule schedule = checkSchedule();
        TransactionRules transactionRules =
                new TransactionRules(delayRules, schedule, config.transaction().maxPending());
        TransactionCounts transactionCounts = new TransactionCounts();
        QueueLocksFile locksFile = new QueueLocksFile(disk, events);
        QueueLocks locks = locks(locksFile);
        SessionVerticle sessions = new SessionVerticle(
                new Sessions(sessionSettings(), groupRules, topicRules),
                locks,
                locksFile,
                new ConflictWatch(config.sessions().conflictInterval()),
                tables,
                registry,
                clock);
        TransactionVerticle halves = new TransactionVerticle(
                HalfMessages.open(
                        opened.queues(),
                        opened.view(),
                        openedOffsets,
                        schedule,
                        events,
                        clock.wallMillis(),
                        clock.monotonicNanos()),
                transactionRules,
                transactionCounts,
                traffic.finishes().tally(),
                opened.view(),
                opened.watermarks(),
                appending,
                loop -> new SessionsClient(loop, sessions.ownContext(), sessions),
                own.name(),
                clock,
                new Bell(vertx, addresses.halves()));
        HousekeepingVerticle keeper = new HousekeepingVerticle(
                opened.housekeeping(),
                opened.flusher(),
                openedOffsets,
                DeletionGuard.all(halves, delays, popping),
                traffic,
                clock,
                room,
                confirmed,
                config.store().checkpointInterval(),
                config.store().offsetsForceInterval());
        deployments.startWorker(keeper, "vostok-housekeeping");
        List<ArrivalHearer> hearers = new ArrayList<>(pulls);
        hearers.add(delays);
        hearers.add(halves);
        hearers.add(popping);
        DispatchVerticle dispatch = new DispatchVerticle(opened.dispatcher(), confirmed, room, hearers);
        dispatching = dispatch;
        CommitLogVerticle writer = new CommitLogVerticle(
                opened.log(),
                opened.flusher(),
                recent,
                opened.watermarks(),
                pressure,
                counters,
                clock,
                addresses.append(),
                new CommitLogVerticle.Bells(flushed, dirty, room),
                dispatch,
                sync,
                config.store().syncFlushTimeout(),
                config.store().touchAheadBytes(),
                traffic);
        deployments.start(writer);
        // Before the timer, which may let out what an Apache broker wrote for the pops.
        deployments.start(popping);
        pops = popping;
        deployments.startWorker(delays, "vostok-timer", 2);
        timer = delays;
        AssignmentVerticle assignments = assignments(identity, tables);
        deployments.start(assignments);
        deployments.start(sessions);
        deployments.start(halves);
        RedriveVerticle redriving = new RedriveVerticle(
                tables,
                registry,
                opened.queues(),
                opened.view(),
                opened.watermarks(),
                appending,
                new RedriveRules(topicRules, RandomGenerator.of("L64X128MixRandom")),
                new RedrivenFile(disk, events),
                clock);
        deployments.startWorker(redriving, "vostok-redrive");
        redrives = redriving;
        transactions = halves;

        SendSettings sendSettings = new SendSettings(
                own.permission(), config.store().maxMessageBytes(), own.cluster(), own.region(), own.traceOn());
        PullSettings pullSettings = new PullSettings(
                own.permission(),
                config.pull().maxMessages(),
                config.pull().maxBytes(),
                config.pull().holdTime(),
                config.pull().maxHoldTime());
        PullRules pullRules = new PullRules(pullSettings, groupRules);
        LocalBrokers local = new LocalBrokers(new LocalBrokers.Shared(
                vertx,
                opened,
                openedOffsets,
                traffic,
                tables,
                registry,
                locks,
                clock,
                sendSettings,
                topicRules,
                delayRules,
                transactionRules,
                transactionCounts,
                new RecallRules(own.recall(), own.maxDelay(), own.name()),
                pullRules,
                offsetRules,
                appending,
                recent == null ? null : recent.keys(),
                RateLimits.ofTopics(config.limits().topicRates(), clock, counters),
                groupRates,
                resets,
                new LocalBrokers.Owners(popping.owner(), popping.loop(), assignments, assignments.loop())));
        brokers = local;
        IdentityHashMap<EventLoop, CommandRouter> routers = new IdentityHashMap<>();
        List<BrokerRouter> brokerRouters = new ArrayList<>();
        LiveSettingsOwner settings = new LiveSettingsOwner(ApacheSettings.of(config), List.of(live -> {
            topicRules.use(topicSettings.autoCreating(live.autoCreateTopics(), live.autoCreateGroups()));
            groupRules.use(topicSettings.autoCreating(live.autoCreateTopics(), live.autoCreateGroups()));
            pullRules.use(pullSettings.permitting(live.permission()));
            popRules.use(popSettings.permitting(live.permission()));
            local.use(sendSettings.with(live.permission(), live.traceOn()));
            brokerRouters.forEach(router -> router.traceOn(live.traceOn()));
            return keeper.retention(live.retention(), live.deleteHour())
                    .compose(done -> announceTemplate(registry, topicRules));
        }));
        DelayOffsetsFile delayOffsets = new DelayOffsetsFile(disk, events);
        LocalBrokers.Administration administration = new LocalBrokers.Administration(
                groupRules,
                new TopicDeletion(keeper, dispatch, writer),
                keeper,
                settings,
                disk,
                delayOffsets::load,
                own.name());
        for (int loop = 0; loop < loops; loop++) {
            ContextInternal context = pullVerticles.get(loop).loop();
            SessionsClient sessionsClient = new SessionsClient(context, sessions.ownContext(), sessions);
            TransactionsClient transactionsClient = new TransactionsClient(context, halves.ownContext(), halves);
            Broker broker = local.create(context, pulls.get(loop), sessionsClient, transactionsClient);
            BrokerAdmin admin = local.createAdmin(
                    context,
                    new LocalBrokers.Clients(
                            sessionsClient,
                            transactionsClient,
                            new TimersClient(context, delays.ownContext(), delays.owner()),
                            new LocalRedriveAdmin(context, redriving.ownContext(), redriving.owner()),
                            cluster()),
                    administration);
            AdminCommands commands = new AdminCommands(admin, identity.address(), clock);
            BrokerRouter router = new BrokerRouter(broker, commands, local.producers(), own.region(), own.traceOn());
            brokerRouters.add(router);
            routers.put(context.nettyEventLoop(), router);
            faces.put(context.nettyEventLoop(), new BrokerFace(broker, admin, identity));
        }
        figures = local.figures(
                administration,
                identity.reviveTopic(),
                sessions,
                sessions.ownContext(),
                delays::pending,
                config.metrics().series());
        deployFronts(loops, routers, config.metrics().enabled() ? traffic.calls() : null, tls);
        register(identity, topicRules, tables);
    }

    private LocalClusterAdmin cluster() {
        return new LocalClusterAdmin(
                () -> new RemotingClient(
                        vertx, clock, RemotingPorts.frameLimits(config.limits()), RemotingClient.Bounds.USUAL),
                config.broker().nameservers().stream().map(Object::toString).toList());
    }

    private CheckSchedule checkSchedule() {
        Config.Transaction own = config.transaction();
        return new CheckSchedule(own.timeout().toMillis(), own.checkInterval().toMillis(), own.checkMax());
    }

    private QueueLocks locks(QueueLocksFile file) {
        QueueLocks locks = new QueueLocks(MOST_QUEUE_LOCKS);
        @Nullable QueueLockTable held = file.load();
        if (held == null) locks.restoreUnknown(clock.monotonicNanos());
        else locks.restore(held.locks(), clock.monotonicNanos());
        return locks;
    }

    /** Name servers list the template while topics are made from it; a new version of the table makes them look. */
    private static Future<Void> announceTemplate(RegistryVerticle registry, TopicRules topicRules) {
        return registry.change((topics, groups, now) -> {
            @Nullable Topic template = topics.find(TopicRules.TEMPLATE);
            List<Topic> told = template == null ? topicRules.missingAtStart(topics) : List.of(template);
            return new Registry.Outcome(topics.with(told, now), groups, null);
        });
    }

    private long today() {
        return Instant.ofEpochMilli(clock.wallMillis())
                .atZone(ZoneId.systemDefault())
                .toLocalDate()
                .toEpochDay();
    }

    private DelayLevels delayLevels() {
        return new DelayLevels(config.broker().delayLevels().stream()
                .mapToLong(Duration::toMillis)
                .toArray());
    }

    private TimerVerticle timer(MessageStore opened, DelayRules delayRules, Appending appending, Addresses addresses) {
        DelayOffsetsFile file = new DelayOffsetsFile(disk, events);
        DelayQueues queues = new DelayQueues(opened.queues(), delayLevels(), file.load(), events, MOST_DUE_UNDER_WAY);
        Timers openedTimers = Timers.open(disk, opened.queues(), opened.view(), events, Timers.Limits.USUAL);
        timers = openedTimers;
        return new TimerVerticle(
                queues,
                openedTimers,
                delayRules,
                opened.view(),
                opened.watermarks(),
                file,
                appending,
                clock,
                new Bell(vertx, addresses.parked()));
    }

    private PopVerticle pops(
            MessageStore opened,
            ConsumerOffsets openedOffsets,
            BrokerIdentity identity,
            Tables tables,
            RegistryVerticle registry,
            PopRules popRules,
            ReviveRules reviveRules,
            OffsetRules offsetRules,
            PendingResets resets,
            RateLimits groupRates,
            Traffic traffic,
            Appending appending,
            Addresses addresses,
            DeliveryOptions arrivals) {
        TopicName reviveTopic = identity.reviveTopic();
        @Nullable Topic revive = tables.topics().find(reviveTopic.value());
        InFlight inFlight = new InFlight(
                reviveTopic,
                revive == null ? 1 : Math.max(1, revive.writeQueues()),
                config.pop().maxInFlightPerQueue(),
                config.pop().maxInFlight());
        PopReplay.run(
                inFlight,
                opened.queues(),
                opened.view(),
                openedOffsets,
                opened.deletedTopics(),
                events,
                clock.wallMillis(),
                clock.monotonicNanos());
        PopParts parts = new PopParts(
                vertx,
                opened,
                openedOffsets,
                inFlight,
                tables,
                registry,
                popRules,
                reviveRules,
                offsetRules,
                resets,
                groupRates,
                traffic,
                new Pops.WaitingPopsLimits(config.pop().maxHeld(), MOST_HELD_POPS_PER_QUEUE),
                new PopReplay(inFlight, opened.queues(), opened.view(), openedOffsets, opened.deletedTopics(), events),
                Timers.apacheRanMillis(disk) + PopRules.LONGEST_INVISIBLE_MILLIS + LATEST_REVIVE_MILLIS,
                clock,
                RandomGenerator.of("L64X128MixRandom"),
                appending,
                identity.name());
        return new PopVerticle(vertx, addresses.popArrived(), arrivals, parts::make, clock);
    }

    private AssignmentVerticle assignments(BrokerIdentity identity, Tables tables) {
        RequestModesFile file = new RequestModesFile(disk, events);
        List<String> nameServers =
                config.broker().nameservers().stream().map(Object::toString).toList();
        return new AssignmentVerticle(
                tables,
                file,
                file.load(),
                () -> new TopicRoutes(
                        new RemotingClient(
                                vertx, clock, RemotingPorts.frameLimits(config.limits()), RemotingClient.Bounds.USUAL),
                        nameServers,
                        identity.name(),
                        tables,
                        clock));
    }

    static TopicTable topics(TopicsFile file) {
        @Nullable TopicConfigTable stored = file.load();
        return stored == null
                ? TopicTable.of(List.of(), NEVER_CHANGED)
                : TopicTable.of(stored.topics().values(), stored.version());
    }

    static GroupTable groups(GroupsFile file) {
        @Nullable SubscriptionGroupTable stored = file.load();
        if (stored == null) return GroupTable.of(List.of(), Map.of(), NEVER_CHANGED);
        Map<String, Map<String, Integer>> forbidden = new HashMap<>();
        stored.forbidden().forEach((group, topics) -> forbidden.put(group.value(), topics));
        return GroupTable.of(stored.groups().values(), forbidden, stored.version());
    }

    private void deployFronts(
            int loops,
            IdentityHashMap<EventLoop, CommandRouter> routers,
            @Nullable Calls calls,
            @Nullable LateTls tls) {
        Config.Broker own = config.broker();
        List<RemotingVerticle.Port> ports = new ArrayList<>();
        ports.add(new RemotingVerticle.Port(own.port(), "broker.port"));
        if (own.vipPort() != 0) ports.add(new RemotingVerticle.Port(own.vipPort(), "broker.vipPort"));
        RemotingVerticle.Settings settings = remoting.settings("broker", ports, loops, counters, calls);
        for (int loop = 0; loop < loops; loop++) {
            RemotingVerticle front =
                    new RemotingVerticle(settings, clock, remoting.portHandlers(tls), () -> routerOfThisLoop(routers));
            deployments.start(front);
            fronts.add(front);
        }
    }

    private CommandRouter routerOfThisLoop(IdentityHashMap<EventLoop, CommandRouter> routers) {
        EventLoop loop = ((ContextInternal) vertx.getOrCreateContext()).nettyEventLoop();
        @Nullable CommandRouter router = routers.get(loop);
        if (router == null) throw new IllegalStateException("no pull verticle on event loop " + loop);
        return router;
    }

    /** Begins what can wait until every role has started. */
    void started() {
        if (dispatching != null) dispatching.indexRest();
    }

    /** Returns the broker as the event loop sees it that asks; after {@link #start}. */
    BrokerFace faceOfThisLoop() {
        EventLoop loop = ((ContextInternal) vertx.getOrCreateContext()).nettyEventLoop();
        @Nullable BrokerFace face = faces.get(loop);
        if (face == null) throw new IllegalStateException("no pull verticle on event loop " + loop);
        return face;
    }

    /** Returns what is counted and measured here; after {@link #start}. */
    BrokerFigures figures() {
        @Nullable BrokerFigures made = figures;
        if (made == null) throw new IllegalStateException("not started");
        return made;
    }

    /** Returns why this broker takes no messages now, or null. Any thread. */
    @Nullable
    String notReady() {
        @Nullable StoreException refusal = store == null ? null : store.refusal();
        return refusal == null ? null : "the store takes no messages: " + refusal.getMessage();
    }

    private void register(BrokerIdentity identity, TopicRules topicRules, Tables tables) {
        RouteRegistrar.Identity registered = new RouteRegistrar.Identity(
                identity.cluster(),
                identity.name(),
                identity.id(),
                identity.address(),
                identity.advertisedHost() + ":" + (identity.port() + 1),
                null,
                false,
                NAME_SERVER_PATIENCE);
        RegistrarVerticle starting = new RegistrarVerticle(() -> new RouteRegistrar(
                vertx,
                new RemotingClient(
                        vertx, clock, RemotingPorts.frameLimits(config.limits()), RemotingClient.Bounds.USUAL),
                () -> new RouteRegistrar.Announcement(registered, announced(topicRules, tables)),
                config.broker().nameservers().stream().map(Object::toString).toList(),
                new RouteRegistrar.Timing(
                        config.broker().registerInterval(),
                        RouteRegistrar.Timing.USUAL.callTimeout(),
                        RouteRegistrar.Timing.USUAL.retryAfter())));
        deployments.start(starting);
        registrar = starting;
        try {
            starting.firstRound()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(START_PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException slow) {
            LOG.warn(
                    "name servers have not answered yet, registration goes on addresses={}",
                    config.broker().nameservers());
        } catch (ExecutionException | InterruptedException failure) {
            throw Deployments.failed("register with the name servers", failure);
        }
    }

    private static TopicConfigTable announced(TopicRules topicRules, Tables tables) {
        TopicTable topics = tables.topics();
        Map<TopicName, Topic> announced = new LinkedHashMap<>();
        for (Topic topic : topics.all()) {
            if (topicRules.announced(topic)) announced.put(topic.name(), topic);
        }
        return new TopicConfigTable(announced, topics.version(), List.of());
    }

    private Future<?> announce() {
        @Nullable RegistrarVerticle running = registrar;
        return running == null ? Future.succeededFuture() : running.announce();
    }

    private StoreSettings storeSettings() {
        Config.Store own = config.store();
        return new StoreSettings(
                own.segmentBytes(),
                own.queueFileUnits(),
                own.flush() == Config.Flush.SYNC,
                own.recordCrc(),
                own.maxMessageBytes(),
                own.retention(),
                own.deleteHour(),
                own.diskCleanRatio(),
                own.diskForceRatio(),
                own.diskFullRatio(),
                own.touchAheadBytes(),
                own.indexSlots(),
                own.indexEntries(),
                own.mappedQueueFiles());
    }

    private SessionSettings sessionSettings() {
        SessionSettings usual = SessionSettings.defaults();
        return new SessionSettings(
                config.sessions().channelExpiry(),
                usual.maxRegistrations(),
                usual.maxGroupsPerHeartbeat(),
                usual.maxSubscriptionsPerGroup());
    }

    /**
     * Stops in the order that loses nothing: out of the routes, no new requests, answers that are under way, then the
     * store. Blocks.
     */
    void stop() {
        deployments.undeploy(registrar);
        for (RemotingVerticle front : fronts) deployments.await("stop reading requests", front.quiesce());
        deployments.undeploy(timer);
        deployments.undeploy(transactions);
        deployments.undeploy(redrives);
        deployments.undeploy(pops);
        waitUntil("appends are answered", () -> brokers == null || brokers.inFlightBytes() == 0);
        waitUntil("queues are built", this::dispatched);
        // While the connections are still open: what waits is answered instead of cut off.
        for (PullVerticle pulls : pullVerticles) deployments.undeploy(pulls);
        deployments.undeployAll();
        try {
            saveProgress();
            if (timers != null) timers.close();
            if (offsets != null) offsets.close();
        } finally {
            if (store != null) store.close();
        }
    }

    /** The log first: what is said to be done must be durable. */
    private void saveProgress() {
        if (timer == null || transactions == null || store == null) return;
        try {
            store.flusher().flush();
            transactions.saveLast();
            if (pops != null) pops.settleLast();
            timer.saveLast();
            if (redrives != null) redrives.saveLast();
        } catch (StoreException failure) {
            LOG.warn("progress of delayed messages not written, some come again: {}", failure.getMessage());
        }
    }

    private boolean dispatched() {
        if (store == null) return true;
        Watermarks marks = store.watermarks();
        return marks.dispatched() >= marks.confirmed();
    }

    private void waitUntil(String what, BooleanSupplier condition) {
        long end = clock.monotonicNanos() + STOP_PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (clock.monotonicNanos() - end > 0) {
                LOG.warn("stopping without waiting longer until {}", what);
                return;
            }
            LockSupport.parkNanos(1_000_000);
        }
    }
}
