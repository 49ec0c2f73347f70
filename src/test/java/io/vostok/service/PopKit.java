package io.vostok.service;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vostok.broker.Refused;
import io.vostok.broker.flow.FlowCounters;
import io.vostok.broker.flow.FlowKit;
import io.vostok.broker.flow.RateLimits;
import io.vostok.broker.offset.OffsetRules;
import io.vostok.broker.offset.PendingResets;
import io.vostok.broker.pop.PopReceipt;
import io.vostok.broker.pop.PopRequest;
import io.vostok.broker.pop.PopRules;
import io.vostok.broker.pop.PopSettings;
import io.vostok.broker.pop.ReviveRules;
import io.vostok.broker.session.ClientChannel;
import io.vostok.broker.session.SubscriptionTable;
import io.vostok.broker.topic.BrokerIdentity;
import io.vostok.broker.topic.GroupRules;
import io.vostok.broker.topic.GroupTable;
import io.vostok.broker.topic.TopicRules;
import io.vostok.broker.topic.TopicSettings;
import io.vostok.broker.topic.TopicTable;
import io.vostok.kit.SimStore;
import io.vostok.metrics.Traffic;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.DataVersion;
import io.vostok.model.GroupName;
import io.vostok.model.QueueId;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import io.vostok.store.ConsumeQueue;
import io.vostok.store.MessageStore;
import io.vostok.store.StoreException;
import io.vostok.store.Stored;
import io.vostok.store.meta.ConsumerOffsets;
import io.vostok.store.pop.InFlight;
import io.vostok.store.pop.PopReplay;
import io.vostok.wire.record.RecordEncoder;
import io.vostok.wire.record.RecordView;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A pop owner on a small store and virtual time, without threads: what the log does, and when, is up to the test. */
final class PopKit extends SimStore {
    static final TopicName TOPIC = new TopicName("orders");
    static final int MOST_WAITING_PER_QUEUE = 50;
    static final GroupName GROUP = new GroupName("g");
    static final int MOST_ATTEMPTS = 3;
    private static final DataVersion VERSION = new DataVersion(0, 0, 0);
    private static final int SEGMENT = 1 << 20;
    private static final byte[] HOST = {127, 0, 0, 1};
    private static final Vertx NO_VERTX = (Vertx) Proxy.newProxyInstance(
            PopKit.class.getClassLoader(), new Class<?>[] {Vertx.class}, (proxy, method, arguments) -> {
                throw new UnsupportedOperationException("no Vert.x here");
            });

    static final ClientChannel CHANNEL = new ClientChannel() {
        @Override
        public long id() {
            return 1;
        }

        @Override
        public String address() {
            return "test";
        }
    };

    final boolean sync;
    final int queues;
    int mostInFlight = 1_000;
    long lateUntilMillis = 0;
    PendingResets resets = new PendingResets();
    Map<String, Long> groupRates = Map.of();
    MessageStore store;
    ConsumerOffsets offsets;
    Tables tables;
    InFlight inFlight;
    Pops pops;
    /** Appends that the log has not looked at. */
    final ArrayDeque<Append> appends = new ArrayDeque<>();
    /** Appends whose answers are on the way. */
    final ArrayDeque<Runnable> answers = new ArrayDeque<>();

    private final ArrayDeque<Runnable> afterTurn = new ArrayDeque<>();
    private final SplittableRandom random;

    record Append(QueueId queue, ByteBuffer record, AppendListener listener) {}

    /** A message as a consumer got it. */
    record Got(String text, int reconsumeTimes, QueueId queue, long offset, PopReceipt receipt) {}

    PopKit(boolean sync, int queues, long seed) {
        this.sync = sync;
        this.queues = queues;
        this.random = new SplittableRandom(seed);
        Topic topic = Topic.of(TOPIC, queues, 6);
        ConsumerGroup usual = ConsumerGroup.of(GROUP);
        ConsumerGroup group = new ConsumerGroup(
                GROUP,
                usual.consumeEnable(),
                usual.consumeFromMinEnable(),
                usual.consumeBroadcastEnable(),
                usual.consumeMessageOrderly(),
                usual.retryQueues(),
                MOST_ATTEMPTS,
                usual.brokerId(),
                usual.whichBrokerWhenConsumeSlowly(),
                usual.notifyConsumerIdsChanged(),
                usual.sysFlag(),
                usual.consumeTimeoutMinutes(),
                null);
        tables = new Tables(
                TopicTable.of(List.of(topic), VERSION),
                GroupTable.of(List.of(group), Map.of(), VERSION),
                SubscriptionTable.EMPTY);
        open();
    }

    void open() {
        resets = new PendingResets();
        appends.clear();
        answers.clear();
        afterTurn.clear();
        store = MessageStore.open(
                SimStore.settings(SEGMENT, 4_096, sync, Duration.ofHours(99), 64 << 10), disk, clock, events);
        offsets = ConsumerOffsets.open(disk, events, clock, 64 * 1024, 1_000);
        offsets.clamp(store.queues()::maxOffset);
        inFlight = new InFlight(new TopicName("rmq_sys_REVIVE_LOG_c"), 2, mostInFlight, mostInFlight);
        PopReplay.run(
                inFlight,
                store.queues(),
                store.view(),
                offsets,
                store.deletedTopics(),
                events,
                clock.wallMillis(),
                clock.monotonicNanos());
        TopicSettings topicSettings = new TopicSettings(true, true, 4, true, 1_000, 1_000, 64);
        pops = new PopParts(
                        NO_VERTX,
                        store,
                        offsets,
                        inFlight,
                        tables,
                        this::change,
                        new PopRules(
                                new PopSettings(6, 64 << 10, Duration.ofSeconds(30), true),
                                new GroupRules(topicSettings)),
                        new ReviveRules(
                                new TopicRules(topicSettings, new BrokerIdentity("c", "b", 0, "127.0.0.1", 10911))),
                        new OffsetRules(1L << 30),
                        resets,
                        RateLimits.ofGroups(groupRates, clock, new FlowCounters()),
                        new Traffic(100, clock.monotonicNanos(), 0),
                        new Pops.WaitingPopsLimits(100, MOST_WAITING_PER_QUEUE),
                        new PopReplay(inFlight, store.queues(), store.view(), offsets, store.deletedTopics(), events),
                        lateUntilMillis,
                        clock,
                        random,
                        new Appending(
                                "nowhere",
                                new DeliveryOptions(),
                                0,
                                FlowKit.noPressure(),
                                new FlowCounters(),
                                Endpoint.of(new java.net.InetSocketAddress(
                                        java.net.InetAddress.getLoopbackAddress(), 10911)),
                                true),
                        "b")
                .make(new Sink(), () -> {});
    }

    private Future<Void> change(Registry.Change change) {
        Registry.Outcome outcome = change.apply(tables.topics(), tables.groups(), clock.wallMillis());
        tables.topics(outcome.topics());
        tables.groups(outcome.groups());
        return Future.succeededFuture();
    }

    private final class Sink implements RecordSink {
        private @Nullable ByteBuffer room;

        @Override
        public @Nullable Refused admission(int sizeBytes) {
            return null;
        }

        @Override
        public ByteBuffer room(int sizeBytes) {
            ByteBuffer fresh = ByteBuffer.allocate(sizeBytes);
            room = fresh;
            return fresh;
        }

        @Override
        public void append(QueueId queue, int sizeBytes, int count, AppendListener listener) {
            appends.add(new Append(queue, Objects.requireNonNull(room).flip(), listener));
        }

        @Override
        public void afterTurn(Runnable work) {
            afterTurn.add(work);
        }
    }

    /** Ends the turn of the event loop: what was to follow it is done. */
    void endTurn() {
        for (@Nullable Runnable work = afterTurn.poll(); work != null; work = afterTurn.poll()) work.run();
    }

    /** The log takes the next append, or refuses it; the answer is on the way. */
    void append(boolean refuse) {
        @Nullable Append next = appends.poll();
        if (next == null) return;
        if (refuse) {
            refuse(next, StoreException.Kind.DISK_FULL);
            return;
        }
        Stored stored = append(next.queue(), next.record());
        answers.add(() -> next.listener().stored(stored));
    }

    /** The log refuses an append; the answer is on the way. */
    void refuse(Append append, StoreException.Kind kind) {
        answers.add(() -> append.listener().failed(new StoreException(kind, "refused")));
    }

    private Stored append(QueueId queue, ByteBuffer record) {
        store.housekeeping().makeRoom();
        return store.log().append(queue, record, 1, clock.wallMillis());
    }

    /** Delivers the next answer of the log; with synchronous flush what it answers is durable. */
    void answer() {
        @Nullable Runnable next = answers.poll();
        if (next == null) return;
        if (sync) store.flusher().flush();
        dispatch();
        next.run();
        endTurn();
    }

    /** Lets the log do all that is asked of it. */
    void answerAll() {
        endTurn();
        while (!appends.isEmpty() || !answers.isEmpty()) {
            append(false);
            answer();
        }
    }

    /** Time passes; what is due is done. */
    void go() {
        dispatch();
        pops.go();
        endTurn();
    }

    void dispatch() {
        while (store.dispatcher().dispatch(1_000, (queue, nextOffset, tagsCode) -> {})) {
            // until nothing is left
        }
    }

    Stored send(int queue, String text) {
        return send(TOPIC, queue, text);
    }

    Stored send(TopicName to, int queue, String text) {
        return send(to, queue, text, "UNIQ_KEY\u0001" + text + "\u0002");
    }

    /** A record as Apache's timer lets it out to the revive topic; the pop owner hears of it. */
    void revive(int queue, String tag, byte[] body) {
        TopicName topic = inFlight.reviveTopic();
        Stored stored = send(
                topic,
                queue,
                new String(body, StandardCharsets.US_ASCII),
                "TAGS\u0001" + tag + "\u0002UNIQ_KEY\u0001" + tag + "\u0002");
        ArrivalBatch arrivals = new ArrivalBatch();
        arrivals.arrived(new QueueId(topic, queue), stored.queueOffset() + 1, 0);
        if (pops.expects(arrivals)) pops.arrived(arrivals);
    }

    private Stored send(TopicName to, int queue, String text, String named) {
        byte[] properties = named.getBytes(StandardCharsets.US_ASCII);
        byte[] topic = to.value().getBytes(StandardCharsets.US_ASCII);
        ByteBuffer record = ByteBuffer.allocate(1_024);
        new RecordEncoder()
                .encode(
                        record,
                        queue,
                        0,
                        0,
                        clock.wallMillis(),
                        HOST,
                        1,
                        HOST,
                        2,
                        0,
                        0,
                        ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)),
                        topic,
                        properties,
                        0,
                        properties.length,
                        true);
        Stored stored = append(new QueueId(to, queue), record.flip());
        if (sync) store.flusher().flush();
        dispatch();
        return stored;
    }

    /** Pops without waiting. */
    List<Got> pop(int most, long invisibleMillis, boolean order, @Nullable String attemptId) {
        PopRequest request = new PopRequest(
                PopRequest.Kind.POP,
                GROUP.value(),
                TOPIC.value(),
                PopRequest.ANY_QUEUE,
                most,
                invisibleMillis,
                0,
                0,
                false,
                null,
                null,
                order,
                attemptId);
        List<Got> got = new ArrayList<>();
        pops.pop(request, CHANNEL, outcome -> got.addAll(read(outcome)));
        endTurn();
        return got;
    }

    List<Got> read(PopOutcome outcome) {
        List<Got> got = new ArrayList<>();
        if (outcome instanceof PopOutcome.Refuse refuse) throw new AssertionError(refuse.toString());
        if (!(outcome instanceof PopOutcome.Found found)) return got;
        for (Popped.Part part : found.popped().parts()) {
            for (int i = 0; i < part.offsets().length; i++) got.add(read(found.popped(), part, i));
        }
        return got;
    }

    private Got read(Popped popped, Popped.Part part, int index) {
        ByteBuffer record = ByteBuffer.allocate(PoppedRecords.mostBytes(popped, part, index));
        if (!new PoppedRecords(store.view()).copy(popped, part, index, record)) throw new AssertionError("gone");
        RecordView view = new RecordView().wrap(record.flip(), 0);
        String text = StandardCharsets.US_ASCII.decode(view.body()).toString();
        int[] attempts = part.attempts();
        return new Got(
                text,
                view.reconsumeTimes() + (attempts == null ? 0 : attempts[index]),
                part.queue(),
                part.offsets()[index],
                popped.receipt(part, index));
    }

    private static PopHandle handle(Got got) {
        return new PopHandle(
                GROUP.value(), got.queue().topic().value(), got.queue().index(), got.offset(), got.receipt());
    }

    Future<Void> ack(Got got) {
        Promise<Void> done = Promise.promise();
        pops.ack(List.of(handle(got)), done);
        endTurn();
        return done.future();
    }

    Future<PopReceipt> change(Got got, long invisibleMillis) {
        Promise<PopReceipt> done = Promise.promise();
        pops.changeInvisible(handle(got), invisibleMillis, done);
        endTurn();
        return done.future();
    }

    Future<Void> deadLetter(Got got) {
        Promise<Void> done = Promise.promise();
        pops.deadLetter(handle(got), done);
        endTurn();
        return done.future();
    }

    /** The texts of the group's dead letters. */
    List<String> deadLetters() {
        List<String> texts = new ArrayList<>();
        QueueId queue = new QueueId(new TopicName(TopicName.DLQ_PREFIX + GROUP), 0);
        ConsumeQueue units = store.queues().find(queue);
        if (units == null) return texts;
        for (long offset = units.minOffset(); offset < units.maxOffset(); offset++) {
            long position = units.position(offset);
            if (position < 0) continue;
            ByteBuffer copy = ByteBuffer.allocate(store.view().sizeBytes(position));
            if (!store.view().copy(position, copy.capacity(), copy)) throw new AssertionError("gone");
            texts.add(StandardCharsets.US_ASCII
                    .decode(new RecordView().wrap(copy, 0).body())
                    .toString());
        }
        return texts;
    }

    void kill() {
        disk = disk.crashProcess();
        open();
    }

    void cutPower(long seed) {
        disk = disk.powerCut(new SplittableRandom(seed));
        open();
    }

    /** As the broker stops: the log answers, then it is flushed, then offsets are committed. */
    void stop() {
        pops.release();
        for (answerAll(); pops.underWay() > 0; answerAll()) go();
        store.flusher().flush();
        pops.settle();
        offsets.close();
        store.close();
        open();
    }
}
