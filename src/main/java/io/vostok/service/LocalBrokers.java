package io.vostok.service;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vostok.broker.delay.DelayRules;
import io.vostok.broker.delay.RecallRules;
import io.vostok.broker.flow.RateLimits;
import io.vostok.broker.offset.OffsetRules;
import io.vostok.broker.offset.PendingResets;
import io.vostok.broker.pull.PullRules;
import io.vostok.broker.retry.RetryRules;
import io.vostok.broker.send.SendRules;
import io.vostok.broker.send.SendSettings;
import io.vostok.broker.session.QueueLocks;
import io.vostok.broker.topic.GroupRules;
import io.vostok.broker.topic.TopicRules;
import io.vostok.broker.transaction.TransactionCounts;
import io.vostok.broker.transaction.TransactionRules;
import io.vostok.metrics.Traffic;
import io.vostok.model.TopicName;
import io.vostok.store.MessageStore;
import io.vostok.store.dedupe.RepeatKeys;
import io.vostok.store.file.Disk;
import io.vostok.store.meta.ConsumerOffsets;
import io.vostok.time.Clock;
import io.vostok.wire.body.DelayOffsetTable;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Makes the broker's face for each event loop, all on the same store and tables. */
public final class LocalBrokers {
    /**
     * What every event loop shares.
     *
     * @param appending what one event loop appends with
     * @param repeatKeys null when a send that comes again is stored again
     */
    public record Shared(
            Vertx vertx,
            MessageStore store,
            ConsumerOffsets offsets,
            Traffic traffic,
            Tables tables,
            Registry registry,
            QueueLocks locks,
            Clock clock,
            SendSettings sendSettings,
            TopicRules topicRules,
            DelayRules delayRules,
            TransactionRules transactionRules,
            TransactionCounts transactionCounts,
            RecallRules recallRules,
            PullRules pullRules,
            OffsetRules offsetRules,
            Appending appending,
            @Nullable RepeatKeys repeatKeys,
            RateLimits topicRates,
            RateLimits groupRates,
            PendingResets resets,
            Owners owners) {}

    /** Who owns what all event loops ask for, and the event loop of each. */
    public record Owners(
            PopOwner pops, ContextInternal popLoop, AssignmentOwner assignments, ContextInternal assignmentLoop) {}

    /**
     * What administration needs besides.
     *
     * @param delayOffsets how far each delay level is delivered, or null when that was never saved; may block
     */
    public record Administration(
            GroupRules groupRules,
            TopicRemoval removal,
            StoreKeeper keeper,
            SettingsOwner settings,
            Disk disk,
            Supplier<@Nullable DelayOffsetTable> delayOffsets,
            String brokerName) {}

    /** Ways from one event loop to the owners of what administrators look at. */
    public record Clients(
            SessionsClient sessions,
            TransactionsClient transactions,
            TimersClient timers,
            RedriveAdmin redrives,
            ClusterAdmin cluster) {}

    /** One event loop and the pulls that wait on it. */
    private record Loop(ContextInternal context, LoopPulls waiting) {}

    private final Shared shared;
    private final PendingResets resets;
    private final List<Loop> loops = new CopyOnWriteArrayList<>();
    private final List<SendRules> sendRules = new CopyOnWriteArrayList<>();
    private final List<RetryRules> retryRules = new CopyOnWriteArrayList<>();
    private final Waker waker = new AllLoops();
    private final long startedMillis;
    private final LocalQueries queries;
    private final WaitingRequests requests;
    private final RecentProducers producers;
    private final List<LogClient> logs = new CopyOnWriteArrayList<>();

    public LocalBrokers(Shared shared) {
        this.shared = shared;
        this.resets = shared.resets();
        this.startedMillis = shared.clock().wallMillis();
        this.producers = new RecentProducers(shared.clock());
        this.requests =
                new WaitingRequests("HTTP@" + shared.appending().storeHost().text());
        this.queries = new LocalQueries(shared.vertx(), shared.store().keys());
    }

    /** Returns who has sent to which topic; every front puts its sends down there. */
    public RecentProducers producers() {
        return producers;
    }

    /** Returns the broker for one event loop, to be used on that loop only. */
    public Broker create(
            ContextInternal loop, LoopPulls waiting, SessionsClient sessions, TransactionsClient transactions) {
        Appending appending = shared.appending();
        LogClient log = appending.client(shared.vertx(), loop);
        logs.add(log);
        loops.add(new Loop(loop, waiting));
        RandomGenerator random = RandomGenerator.of("L64X128MixRandom");
        SendRules sending = new SendRules(shared.sendSettings(), shared.topicRules(), random);
        RetryRules retrying =
                new RetryRules(shared.sendSettings().permission(), shared.topicRules(), shared.delayRules(), random);
        sendRules.add(sending);
        retryRules.add(retrying);
        LocalSends sends = new LocalSends(
                sending,
                shared.delayRules(),
                shared.transactionRules(),
                shared.transactionCounts()::pending,
                shared.topicRules(),
                shared.tables(),
                log,
                transactions,
                shared.registry(),
                group -> shared.locks().isLocked(group.value(), shared.clock().monotonicNanos()),
                shared.clock(),
                appending.storeHost(),
                appending.recordCrc(),
                shared.repeatKeys(),
                shared.topicRates(),
                shared.traffic().delays().tally());
        LocalRetries retries = new LocalRetries(
                loop,
                retrying,
                shared.tables(),
                shared.registry(),
                shared.store().view(),
                new MessageCopy(shared.store().view(), log, appending),
                shared.traffic());
        LocalPulls pulls = new LocalPulls(
                shared.pullRules(),
                shared.tables(),
                shared.registry(),
                shared.store().reader(),
                shared.store().queues(),
                shared.offsets(),
                waiting,
                shared.groupRates(),
                resets,
                shared.traffic());
        return new LocalBroker(
                shared.tables(),
                sends,
                new LocalReplies(
                        sessions,
                        sends,
                        requests,
                        shared.clock(),
                        appending.storeHost().text()),
                new LocalRequests(loop, sends, requests),
                retries,
                new LocalTransactions(transactions, queries),
                new LocalRecalls(loop, shared.recallRules(), shared.tables(), sends, shared.clock()),
                pulls,
                waiting,
                sessions,
                shared.offsetRules(),
                shared.offsets(),
                shared.store(),
                queries,
                resets,
                new LocalPops(loop, shared.owners().popLoop(), shared.owners().pops()),
                new LocalAssignments(
                        loop, shared.owners().assignmentLoop(), shared.owners().assignments()));
    }

    /** Returns the administrators' face for one event loop, to be used on that loop only. */
    public BrokerAdmin createAdmin(ContextInternal loop, Clients clients, Administration parts) {
        AdminParts alike = new AdminParts(
                loop,
                shared.tables(),
                shared.registry(),
                shared.store().queues(),
                shared.store().view(),
                shared.offsets(),
                resets,
                waker,
                shared.traffic(),
                shared.clock(),
                queries,
                parts.brokerName());
        return new BrokerAdmin(
                new LocalTopicAdmin(alike, shared.topicRules(), parts.removal()),
                new LocalGroupAdmin(alike, parts.groupRules()),
                new LocalClientAdmin(
                        loop,
                        shared.tables(),
                        clients.sessions(),
                        producers,
                        queries,
                        shared.clock(),
                        parts.brokerName()),
                new LocalStatusAdmin(
                        loop,
                        shared.tables(),
                        shared.store(),
                        parts.disk(),
                        parts.keeper(),
                        parts.settings(),
                        parts.delayOffsets(),
                        shared.traffic(),
                        shared.clock(),
                        queries,
                        this::inFlightBytes,
                        startedMillis),
                new LocalTransactionAdmin(
                        clients.transactions(),
                        shared.store().view(),
                        queries,
                        shared.clock(),
                        shared.transactionCounts()::pending),
                new LocalTimerAdmin(
                        clients.timers(),
                        shared.delayRules(),
                        shared.store().queues(),
                        shared.store().view(),
                        queries),
                clients.redrives(),
                clients.cluster());
    }

    /**
     * Returns the figures of this broker; after {@link #create} was called for every event loop.
     *
     * @param sessions owner of who is connected, on {@code sessionsContext}
     * @param timers how many messages wait for a time of their own
     * @param mostSeries of one figure
     */
    public BrokerFigures figures(
            Administration parts,
            TopicName reviveTopic,
            SessionsClient.Owner sessions,
            Context sessionsContext,
            Supplier<Future<Long>> timers,
            int mostSeries) {
        return new BrokerFigures(
                new BrokerFigures.Sources(
                        shared.vertx(),
                        shared.clock(),
                        shared.store(),
                        parts.disk(),
                        shared.offsets(),
                        shared.tables(),
                        shared.topicRules(),
                        parts.groupRules(),
                        shared.traffic(),
                        shared.appending().counters(),
                        shared.transactionCounts(),
                        reviveTopic,
                        sessions::producers,
                        sessionsContext,
                        () -> shared.owners().pops().held(),
                        shared.owners().popLoop(),
                        timers,
                        parts.delayOffsets(),
                        this::inFlightBytes,
                        () -> parts.settings().settings().live().permission(),
                        loops.stream().map(Loop::context).toList()),
                queries,
                mostSeries);
    }

    /** Lets every event loop send by other settings. Any thread. */
    public void use(SendSettings settings) {
        for (SendRules rules : sendRules) rules.use(settings);
        for (RetryRules rules : retryRules) rules.permission(settings.permission());
    }

    private final class AllLoops implements Waker {
        @Override
        public void moved(String group, String topic) {
            wake(pull -> pull.request().group().equals(group)
                    && pull.request().topic().equals(topic));
            Owners owners = shared.owners();
            owners.popLoop().runOnContext(now -> owners.pops().moved(group, topic));
        }

        @Override
        public void deleted(TopicName topic) {
            wake(pull -> pull.request().topic().equals(topic.value()));
            Owners owners = shared.owners();
            owners.popLoop().runOnContext(now -> owners.pops().deleted(topic));
        }

        private void wake(Predicate<ParkedPull> which) {
            for (Loop loop : loops)
                loop.context().runOnContext(now -> loop.waiting().wake(which));
        }
    }

    /** Returns encoded bytes that wait for confirmation on all event loops. Any thread; a moment's guess while loops run. */
    public long inFlightBytes() {
        return logs.stream().mapToLong(LogClient::inFlightBytes).sum();
    }
}
