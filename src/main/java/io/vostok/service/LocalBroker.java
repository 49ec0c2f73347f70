package io.vostok.service;

import io.vertx.core.Future;
import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.offset.Boundary;
import io.vostok.broker.offset.OffsetRules;
import io.vostok.broker.offset.PendingResets;
import io.vostok.broker.offset.QueueBounds;
import io.vostok.broker.pop.PopReceipt;
import io.vostok.broker.pop.PopRequest;
import io.vostok.broker.pull.PullRequest;
import io.vostok.broker.retry.SendBack;
import io.vostok.broker.send.Send;
import io.vostok.broker.session.ClientChannel;
import io.vostok.broker.session.ConsumerView;
import io.vostok.broker.session.Subscription;
import io.vostok.broker.transaction.EndTransaction;
import io.vostok.model.GroupName;
import io.vostok.model.PropertiesEditor;
import io.vostok.model.QueueId;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import io.vostok.store.ConsumeQueue;
import io.vostok.store.KeyReader;
import io.vostok.store.MessageStore;
import io.vostok.store.ReadResult;
import io.vostok.store.StoreException;
import io.vostok.store.meta.ConsumerOffsets;
import io.vostok.wire.body.CheckClientConfig;
import io.vostok.wire.body.HeartbeatData;
import io.vostok.wire.body.LockBatch;
import io.vostok.wire.body.LockBatchResult;
import io.vostok.wire.body.QueryAssignment;
import io.vostok.wire.body.QueueAssignments;
import io.vostok.wire.body.RequestModeTable;
import io.vostok.wire.body.SubscriptionData;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The broker of this process as one event loop sees it. */
final class LocalBroker implements Broker {
    private static final Logger LOG = LoggerFactory.getLogger(LocalBroker.class);

    private final Tables tables;
    private final LocalSends sends;
    private final LocalReplies replies;
    private final LocalRequests requests;
    private final LocalRetries retries;
    private final LocalTransactions transactions;
    private final LocalRecalls recalls;
    private final LocalPulls pulls;
    private final LoopPulls waiting;
    private final SessionsClient sessions;
    private final OffsetRules offsetRules;
    private final ConsumerOffsets offsets;
    private final MessageStore store;
    private final LocalQueries queries;
    private final PendingResets resets;
    private final LocalPops pops;
    private final PoppedRecords poppedRecords;
    private final LocalAssignments assignments;

    LocalBroker(
            Tables tables,
            LocalSends sends,
            LocalReplies replies,
            LocalRequests requests,
            LocalRetries retries,
            LocalTransactions transactions,
            LocalRecalls recalls,
            LocalPulls pulls,
            LoopPulls waiting,
            SessionsClient sessions,
            OffsetRules offsetRules,
            ConsumerOffsets offsets,
            MessageStore store,
            LocalQueries queries,
            PendingResets resets,
            LocalPops pops,
            LocalAssignments assignments) {
        this.tables = tables;
        this.sends = sends;
        this.replies = replies;
        this.requests = requests;
        this.retries = retries;
        this.transactions = transactions;
        this.recalls = recalls;
        this.pulls = pulls;
        this.waiting = waiting;
        this.sessions = sessions;
        this.offsetRules = offsetRules;
        this.offsets = offsets;
        this.store = store;
        this.queries = queries;
        this.resets = resets;
        this.pops = pops;
        this.poppedRecords = new PoppedRecords(store.view());
        this.assignments = assignments;
    }

    @Override
    public void send(
            Send send, PropertiesEditor properties, ByteBuffer body, Endpoint bornHost, SendListener listener) {
        sends.send(send, properties, body, bornHost, listener);
    }

    @Override
    public void reply(
            Send send,
            PropertiesEditor properties,
            ByteBuffer body,
            Peer replier,
            Endpoint bornHost,
            SendListener listener) {
        replies.reply(send, properties, body, replier, bornHost, listener);
    }

    @Override
    public Future<RequestReply> request(
            Send send, PropertiesEditor properties, ByteBuffer body, Endpoint bornHost, Duration patience) {
        return requests.request(send, properties, body, bornHost, patience);
    }

    @Override
    public Future<Void> sendBack(SendBack wish) {
        return retries.sendBack(wish);
    }

    @Override
    public Future<Void> endTransaction(EndTransaction end) {
        return transactions.end(end);
    }

    @Override
    public Future<Void> resumeChecks(long position) {
        return transactions.resume(position);
    }

    @Override
    public Future<String> recall(String producerGroup, String topic, String handle, Endpoint bornHost) {
        return recalls.recall(producerGroup, topic, handle, bornHost);
    }

    @Override
    public void pull(PullRequest request, ClientChannel channel, PullListener listener) {
        pulls.pull(request, channel, listener);
    }

    @Override
    public boolean copy(ReadResult result, int index, ByteBuffer target) {
        try {
            return store.view().copy(result.position(index), result.sizeBytes(index), target);
        } catch (StoreException damaged) {
            LOG.error("message not delivered position={} reason={}", result.position(index), damaged.getMessage());
            return false;
        }
    }

    @Override
    public void pop(PopRequest request, ClientChannel channel, PopListener listener) {
        pops.pop(request, channel, listener);
    }

    @Override
    public int mostBytes(Popped popped, Popped.Part part, int index) {
        return PoppedRecords.mostBytes(popped, part, index);
    }

    @Override
    public boolean copy(Popped popped, Popped.Part part, int index, ByteBuffer target) {
        try {
            return poppedRecords.copy(popped, part, index, target);
        } catch (StoreException damaged) {
            LOG.error("message not delivered position={} reason={}", part.positions()[index], damaged.getMessage());
            return false;
        }
    }

    @Override
    public void giveBack(String group, Popped popped) {
        pops.giveBack(group, popped);
    }

    @Override
    public Future<Void> ack(List<PopHandle> handles) {
        return pops.ack(handles);
    }

    @Override
    public Future<PopReceipt> changeInvisible(PopHandle handle, long invisibleMillis) {
        return pops.changeInvisible(handle, invisibleMillis);
    }

    @Override
    public Future<Void> deadLetter(PopHandle handle) {
        return pops.deadLetter(handle);
    }

    @Override
    public Future<Integer> waitingPops(String group, String topic, int queueId) {
        return pops.waiting(group, topic, queueId);
    }

    @Override
    public Future<QueueAssignments> assignment(QueryAssignment query) {
        return assignments.assignment(query);
    }

    @Override
    public Future<Void> requestMode(RequestModeTable.Mode mode) {
        return assignments.requestMode(mode);
    }

    @Override
    public RequestModeTable requestModes() {
        return assignments.requestModes();
    }

    @Override
    public Future<Boolean> heartbeat(HeartbeatData heartbeat, Peer peer, int language, int version) {
        return sessions.heartbeat(heartbeat, peer, language, version);
    }

    @Override
    public @Nullable Refused checkSubscription(CheckClientConfig question) {
        SubscriptionData wish = question.subscription();
        Ruling<Subscription> parsed =
                Subscription.parse(wish.topic(), wish.subString(), wish.expressionType(), wish.subVersion());
        @Nullable Refused refused = parsed.refused();
        if (refused != null) return refused;
        Subscription subscription = parsed.value();
        if (!subscription.isTag() && !subscription.isSql()) {
            return new Refused(
                    Refusal.SUBSCRIPTION_MALFORMED,
                    "expressions of type `" + subscription.expressionType() + "` are not known, only TAG and SQL92");
        }
        @Nullable String warning = subscription.warning();
        if (warning != null) {
            LOG.warn(
                    "subscription has no full effect topic={} group={} client={}: {}",
                    subscription.topic(),
                    question.group(),
                    question.clientId(),
                    warning);
        }
        return null;
    }

    @Override
    public Future<Void> unregister(@Nullable String producerGroup, @Nullable String consumerGroup, Peer peer) {
        return sessions.unregister(producerGroup, consumerGroup, peer);
    }

    @Override
    public void closed(Peer peer) {
        waiting.closed(peer);
        pops.closed(peer);
        sessions.closed(peer);
    }

    @Override
    public Ruling<List<String>> members(String group) {
        @Nullable ConsumerView view = tables.subscriptions().find(group);
        return view == null
                ? Ruling.denied(Refusal.NO_MEMBER, "no consumer of group `" + group + "` is connected")
                : Ruling.granted(view.memberIds());
    }

    @Override
    public Future<LockBatchResult> lock(LockBatch request) {
        return sessions.lock(request);
    }

    @Override
    public Future<Void> unlock(LockBatch request) {
        return sessions.unlock(request);
    }

    @Override
    public Ruling<Long> offset(String group, String topic, int queueId, boolean zeroIfNotFound) {
        @Nullable String badGroup = GroupName.problem(group);
        if (badGroup != null) return Ruling.denied(Refusal.INVALID_ARGUMENT, badGroup);
        @Nullable QueueId queue = queueId(topic, queueId);
        long stored = queue == null ? OffsetRules.NOT_STORED : stored(new GroupName(group), queue);
        return offsetRules.query(
                stored,
                zeroIfNotFound,
                bounds(topic, queueId),
                store.watermarks().appended());
    }

    /** Where an administrator has set the group counts, also while its members have not followed yet. */
    private long stored(GroupName group, QueueId queue) {
        long target = resets.target(group, queue);
        return target != PendingResets.NONE ? target : offsets.find(group, queue);
    }

    @Override
    public @Nullable Refused commit(String group, String topic, int queueId, long offset) {
        @Nullable QueueId queue = queueId(topic, queueId);
        @Nullable
        Refused refused = offsetRules.update(
                group, topic, queueId, offset, bounds(topic, queueId), tables.groups(), tables.topics());
        if (refused != null || queue == null) return refused;
        if (resets.target(new GroupName(group), queue) != PendingResets.NONE) return null;
        try {
            offsets.commit(new GroupName(group), queue, offset);
            return null;
        } catch (StoreException failure) {
            return Refusals.of(failure);
        }
    }

    @Override
    public @Nullable Topic topic(String name) {
        return tables.topics().find(name);
    }

    @Override
    public long maxOffset(String topic, int queueId) {
        return offsetRules.max(bounds(topic, queueId));
    }

    @Override
    public long minOffset(String topic, int queueId) {
        return offsetRules.min(bounds(topic, queueId));
    }

    @Override
    public long searchOffset(String topic, int queueId, long millis, Boundary boundary) {
        @Nullable ConsumeQueue queue = find(queueId(topic, queueId));
        QueueBounds bounds = bounds(topic, queueId);
        long found = 0;
        if (queue != null) {
            found = boundary == Boundary.UPPER ? queue.lastOffsetUntil(millis) : queue.firstOffsetSince(millis);
        }
        return offsetRules.search(bounds, boundary, millis, found, storeMillis(bounds));
    }

    @Override
    public Future<Ruling<KeyReader.Found>> query(KeyQuery query) {
        return queries.query(query);
    }

    @Override
    public Future<Ruling<ByteBuffer>> view(long position) {
        return queries.view(position);
    }

    @Override
    public long earliestMillis(String topic, int queueId) {
        QueueBounds bounds = bounds(topic, queueId);
        return offsetRules.earliest(bounds, storeMillis(bounds));
    }

    private long storeMillis(QueueBounds bounds) {
        return bounds.firstPosition() < 0 ? -1 : store.view().storeMillis(bounds.firstPosition());
    }

    private static @Nullable QueueId queueId(String topic, int queueId) {
        return queueId < 0 || TopicName.problem(topic) != null ? null : new QueueId(new TopicName(topic), queueId);
    }

    private @Nullable ConsumeQueue find(@Nullable QueueId queue) {
        return queue == null ? null : store.queues().find(queue);
    }

    /** A queue of a topic that exists is empty until its first message; only one that cannot have any is unknown. */
    private QueueBounds bounds(String topic, int queueId) {
        @Nullable ConsumeQueue queue = find(queueId(topic, queueId));
        if (queue == null) {
            return tables.topics().find(topic) == null ? QueueBounds.UNKNOWN : QueueBounds.EMPTY;
        }
        long min = queue.minOffset();
        long max = queue.maxOffset();
        return new QueueBounds(min, max, min < max ? queue.position(min) : -1);
    }
}
