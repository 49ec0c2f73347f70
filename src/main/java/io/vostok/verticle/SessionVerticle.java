package io.vostok.verticle;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.session.ClientChannel;
import io.vostok.broker.session.Conflict;
import io.vostok.broker.session.ConflictWatch;
import io.vostok.broker.session.Gone;
import io.vostok.broker.session.Heard;
import io.vostok.broker.session.Member;
import io.vostok.broker.session.Notice;
import io.vostok.broker.session.ProducerView;
import io.vostok.broker.session.QueueLocks;
import io.vostok.broker.session.Sessions;
import io.vostok.broker.session.SubscriptionTable;
import io.vostok.service.Peer;
import io.vostok.service.Registry;
import io.vostok.service.SessionsClient;
import io.vostok.service.Tables;
import io.vostok.store.meta.QueueLocksFile;
import io.vostok.time.Clock;
import io.vostok.wire.body.HeartbeatData;
import io.vostok.wire.body.LockBatch;
import io.vostok.wire.body.LockBatchResult;
import io.vostok.wire.body.MessageQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns who is connected and which queues are locked, on one event loop; publishes the consumer groups for pulls on every
 * loop. One timer, for the client that has been silent longest.
 */
public final class SessionVerticle extends VerticleBase implements SessionsClient.Owner {
    private static final Logger LOG = LoggerFactory.getLogger(SessionVerticle.class);
    private static final long NO_TIMER = -1;
    /** Members that come together are looked at together. */
    private static final long LOOK_MILLIS = 1_000;

    private final Sessions sessions;
    private final QueueLocks locks;
    private final Tables tables;
    private final Registry registry;
    private final Clock clock;
    private final QueueLocksFile locksFile;
    private final ConflictWatch conflicts;
    private SubscriptionTable looked = SubscriptionTable.EMPTY;
    private @Nullable LockSaver saver;
    private long timer = NO_TIMER;
    private long lockTimer = NO_TIMER;
    private long conflictTimer = NO_TIMER;
    private boolean lookPlanned;

    public SessionVerticle(
            Sessions sessions,
            QueueLocks locks,
            QueueLocksFile locksFile,
            ConflictWatch conflicts,
            Tables tables,
            Registry registry,
            Clock clock) {
        this.sessions = sessions;
        this.locks = locks;
        this.locksFile = locksFile;
        this.conflicts = conflicts;
        this.tables = tables;
        this.registry = registry;
        this.clock = clock;
    }

    @Override
    public Future<?> start() {
        saver = new LockSaver(vertx, locks, locksFile, clock);
        armLocks();
        return Future.succeededFuture();
    }

    /** Returns the context on which the calls of {@link SessionsClient.Owner} must run; once deployed. */
    public Context ownContext() {
        return context;
    }

    @Override
    public void heartbeat(HeartbeatData heartbeat, Peer peer, int language, int version, Promise<Boolean> done) {
        Ruling<Heard> ruling = sessions.heartbeat(
                heartbeat, peer, language, version, clock.monotonicNanos(), tables.groups(), tables.topics());
        @Nullable Refused refused = ruling.refused();
        if (refused != null) {
            done.fail(new Registry.RefusedException(refused));
            return;
        }
        Heard heard = ruling.value();
        for (String skipped : heard.skipped()) LOG.warn("heartbeat peer={} skipped: {}", peer.address(), skipped);
        publish(heard.notices());
        if (heard.groupsToCreate().isEmpty() && heard.topicsToCreate().isEmpty()) {
            done.complete(heard.subChanged());
            return;
        }
        registry.create(heard.topicsToCreate(), heard.groupsToCreate()).onComplete(created -> {
            if (created.failed()) {
                done.fail(created.cause());
            } else {
                done.complete(heard.subChanged());
            }
        });
    }

    @Override
    public void unregister(@Nullable String producerGroup, @Nullable String consumerGroup, Peer peer) {
        publish(sessions.unregister(peer, producerGroup, consumerGroup));
    }

    @Override
    public void closed(Peer peer) {
        publish(sessions.closed(peer));
    }

    @Override
    public @Nullable Peer producer(String clientId) {
        @Nullable Member member = sessions.producer(clientId);
        return member != null && member.channel() instanceof Peer peer ? peer : null;
    }

    @Override
    public List<Peer> producersOf(String group) {
        List<Peer> peers = new ArrayList<>();
        for (Member member : sessions.producers(group)) {
            if (member.channel() instanceof Peer peer) peers.add(peer);
        }
        return peers;
    }

    @Override
    public Map<String, List<ProducerView>> producers() {
        return sessions.producersByGroup();
    }

    @Override
    public void lock(LockBatch request, Promise<LockBatchResult> done) {
        List<MessageQueue> locked =
                locks.lock(request.consumerGroup(), request.clientId(), request.queues(), clock.monotonicNanos());
        armLocks();
        // A client that is told so consumes for half a minute: the broker that comes after this one must know.
        saver().whenSaved(() -> done.complete(new LockBatchResult(locked)));
    }

    @Override
    public void unlock(LockBatch request) {
        locks.unlock(request.consumerGroup(), request.clientId(), request.queues());
        // Nobody waits for it: a restart that does not know of it only keeps the queue from others for a minute.
        saver().save();
    }

    private LockSaver saver() {
        @Nullable LockSaver ready = saver;
        if (ready == null) throw new IllegalStateException("asked before it was started");
        return ready;
    }

    /** While there are locks, those that nobody refreshes are taken out, so that a restart does not bring them back. */
    private void armLocks() {
        if (lockTimer != NO_TIMER || locks.size() == 0) return;
        lockTimer = vertx.setTimer(QueueLocks.LIFE.toMillis(), id -> {
            lockTimer = NO_TIMER;
            locks.forgetExpired(clock.monotonicNanos());
            saver().save();
            armLocks();
        });
    }

    private void publish(List<Notice> notices) {
        // Before the notices: whoever hears one asks for the members at once.
        tables.subscriptions(sessions.table());
        for (Notice notice : notices) {
            for (ClientChannel channel : notice.channels()) {
                if (channel instanceof Peer peer) peer.membersChanged(notice.group());
            }
        }
        arm();
        watchForConflicts();
    }

    /** Looks soon after members have changed, and when a contradiction is to be told; without one there is no timer. */
    private void watchForConflicts() {
        if (lookPlanned || tables.subscriptions() == looked) return;
        vertx.cancelTimer(conflictTimer);
        lookPlanned = true;
        conflictTimer = vertx.setTimer(LOOK_MILLIS, id -> lookForConflicts());
    }

    private void lookForConflicts() {
        lookPlanned = false;
        conflictTimer = NO_TIMER;
        looked = tables.subscriptions();
        long now = clock.monotonicNanos();
        for (Conflict conflict : conflicts.look(looked.conflicts(), now))
            LOG.warn("subscriptions conflict {}", conflict.words());
        @Nullable Long next = conflicts.nextNanos();
        if (next != null) {
            long millis = Math.max(1, (next - now + 999_999) / 1_000_000);
            conflictTimer = vertx.setTimer(millis, id -> lookForConflicts());
        }
    }

    private void arm() {
        long next = sessions.nextDeadlineNanos();
        if (timer != NO_TIMER || next == Sessions.NONE) return;
        // Heartbeats only move deadlines back, so a timer that is set is never too late.
        long millis = Math.max(1, (next - clock.monotonicNanos()) / 1_000_000 + 1);
        timer = vertx.setTimer(millis, id -> {
            timer = NO_TIMER;
            expire();
        });
    }

    private void expire() {
        Gone gone = sessions.expire(clock.monotonicNanos());
        for (ClientChannel channel : gone.channels()) {
            if (channel instanceof Peer peer) peer.close("no heartbeat within sessions.channelExpiry");
        }
        publish(gone.notices());
    }

    @Override
    public Future<?> stop() {
        if (timer != NO_TIMER) vertx.cancelTimer(timer);
        if (conflictTimer != NO_TIMER) vertx.cancelTimer(conflictTimer);
        if (lockTimer != NO_TIMER) vertx.cancelTimer(lockTimer);
        return saver().idle();
    }
}
