package io.vostok.service;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vostok.broker.flow.FlowCounters;
import io.vostok.broker.flow.FlowEvent;
import io.vostok.broker.session.ConsumerView;
import io.vostok.broker.session.Member;
import io.vostok.broker.session.ProducerView;
import io.vostok.broker.topic.GroupRules;
import io.vostok.broker.topic.TopicRules;
import io.vostok.broker.transaction.TransactionCounts;
import io.vostok.metrics.Calls;
import io.vostok.metrics.Durations;
import io.vostok.metrics.Figure;
import io.vostok.metrics.Folding;
import io.vostok.metrics.Meter;
import io.vostok.metrics.Reading;
import io.vostok.metrics.Traffic;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.GroupName;
import io.vostok.model.QueueId;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import io.vostok.store.ConsumeQueue;
import io.vostok.store.MessageStore;
import io.vostok.store.QueueUnit;
import io.vostok.store.Watermarks;
import io.vostok.store.file.Disk;
import io.vostok.store.meta.ConsumerOffsets;
import io.vostok.store.pop.InFlight;
import io.vostok.store.timer.DelayQueues;
import io.vostok.store.timer.Timers;
import io.vostok.time.Clock;
import io.vostok.wire.Language;
import io.vostok.wire.RequestCode;
import io.vostok.wire.ResponseCode;
import io.vostok.wire.body.ConsumerData;
import io.vostok.wire.body.DelayOffsetTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The figures of this process's broker, computed when they are asked for. Nothing here runs between two questions.
 *
 * <p>Any event loop may ask, one question at a time. What one thread owns is asked there; who does not answer soon is left
 * out. The rest is read and summed up on the query threads.
 */
public final class BrokerFigures {
    private static final long PATIENCE_SECONDS = 2;
    /** Numbers of 4.0.0-SNAPSHOT and 6.0.0-SNAPSHOT in Apache's MQVersion; between them every patch has two. */
    private static final int FIRST_NAMED = 212;

    private static final int FIRST_UNNAMED = 612;
    private static final double[] QUANTILES = {0.5, 0.99, 0.999};
    private static final String[] LOCAL_DISK = {"local", "disk"};

    /**
     * Where they come from.
     *
     * @param producers by group; on {@code sessions}
     * @param popHeld on {@code popLoop}
     * @param delivered how far each delay level is, or null when that was never saved; may block
     * @param permission what clients may do
     * @param loops of clients
     */
    public record Sources(
            Vertx vertx,
            Clock clock,
            MessageStore store,
            Disk disk,
            ConsumerOffsets offsets,
            Tables tables,
            TopicRules topicRules,
            GroupRules groupRules,
            Traffic traffic,
            FlowCounters flow,
            TransactionCounts transactions,
            TopicName reviveTopic,
            Supplier<Map<String, List<ProducerView>>> producers,
            Context sessions,
            Supplier<List<PopHeld>> popHeld,
            Context popLoop,
            Supplier<Future<Long>> timers,
            Supplier<@Nullable DelayOffsetTable> delivered,
            LongSupplier inFlightBytes,
            Supplier<Integer> permission,
            List<ContextInternal> loops) {}

    /** What other threads answered; null or absent where they did not in time. */
    private record Answers(
            @Nullable Map<String, List<ProducerView>> producers,
            @Nullable List<PopHeld> held,
            @Nullable Long timers,
            Map<Integer, Double> loopDelays) {}

    private record Pair(GroupName group, Topic topic) {}

    /** How far a group is with a topic. */
    private static final class Progress {
        final Pair pair;
        long lag;
        long ready;
        int held;
        boolean pops;
        /** Where the oldest message is that is not consumed, of each queue that has one; then of those that are ready. */
        final List<QueueLag> queues = new ArrayList<>();

        Progress(Pair pair) {
            this.pair = pair;
        }

        long lag() {
            return lag;
        }
    }

    private record QueueLag(ConsumeQueue queue, int index, long lag, long offset, long readyOffset, long max) {}

    private final Sources from;
    private final LocalQueries queries;
    private final Folding folding;
    private final int mostSeries;

    BrokerFigures(Sources from, LocalQueries queries, int mostSeries) {
        this.from = from;
        this.queries = queries;
        this.mostSeries = mostSeries;
        this.folding = new Folding(mostSeries);
    }

    /** Returns all figures, with as few series as the settings want. */
    public Future<Reading> read() {
        Future<Map<String, List<ProducerView>>> producers =
                ask(from.sessions(), () -> from.producers().get());
        Future<List<PopHeld>> held = ask(from.popLoop(), () -> from.popHeld().get());
        Future<Long> timers = soon(from.timers().get());
        List<Future<Double>> delays = new ArrayList<>();
        for (ContextInternal loop : from.loops()) {
            long asked = from.clock().monotonicNanos();
            delays.add(ask(loop, () -> (from.clock().monotonicNanos() - asked) / 1e9));
        }
        List<Future<?>> all = new ArrayList<>(delays);
        all.addAll(List.of(producers, held, timers));
        return Future.join(all).transform(done -> {
            Map<Integer, Double> answered = new HashMap<>();
            for (int loop = 0; loop < delays.size(); loop++) {
                if (delays.get(loop).succeeded())
                    answered.put(loop, delays.get(loop).result());
            }
            Answers answers = new Answers(producers.result(), held.result(), timers.result(), answered);
            return queries.run(() -> folding.fold(compute(answers)));
        });
    }

    private <T> Future<T> ask(Context owner, Callable<T> question) {
        Promise<T> answer = Promise.promise();
        owner.runOnContext(turn -> {
            try {
                answer.complete(question.call());
            } catch (Exception failure) {
                answer.fail(failure);
            }
        });
        return soon(answer.future());
    }

    private <T> Future<T> soon(Future<T> answer) {
        return answer.timeout(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private Reading compute(Answers answers) {
        Reading reading = new Reading();
        traffic(reading);
        clients(reading, answers.producers());
        progress(reading, answers.held());
        transactions(reading);
        waiting(reading, answers.timers());
        store(reading);
        process(reading, answers.loopDelays());
        return reading;
    }

    private void traffic(Reading reading) {
        from.traffic().puts().totals().forEach((pair, total) -> {
            String topic = pair.topic();
            String[] labels = {topic, messageType(topic), isSystem(topic)};
            reading.add(Figure.MESSAGES_IN, total.messages(), labels);
            reading.add(Figure.THROUGHPUT_IN, total.bytes(), labels);
            if (topic.startsWith(TopicName.DLQ_PREFIX)) {
                String group = topic.substring(TopicName.DLQ_PREFIX.length());
                reading.add(Figure.TO_DEAD_LETTERS, total.messages(), topic, group, isSystem(topic));
            }
        });
        from.traffic().puts().sizes().forEach((pair, sizes) -> {
            String topic = pair.topic();
            reading.add(Figure.MESSAGE_SIZE, sizes, topic, messageType(topic), isSystem(topic));
        });
        from.traffic()
                .finishes()
                .sizes()
                .forEach((pair, seconds) -> reading.add(Figure.FINISH_LATENCY, seconds, pair.topic()));
        from.traffic()
                .delays()
                .sizes()
                .forEach((pair, seconds) -> reading.add(Figure.DELAY_LATENCY, seconds, pair.topic()));
        from.traffic().calls().totals().forEach((key, millis) -> reading.add(Figure.RPC_LATENCY, millis, labels(key)));
        uncounted(reading);
        from.traffic().gets().totals().forEach((pair, total) -> {
            String[] labels = {pair.topic(), pair.group(), isSystem(pair.topic(), pair.group()), isRetry(pair.topic())};
            reading.add(Figure.MESSAGES_OUT, total.messages(), labels);
            reading.add(Figure.THROUGHPUT_OUT, total.bytes(), labels);
        });
        from.traffic()
                .sentBack()
                .totals()
                .forEach((pair, total) -> reading.add(Figure.SENT_BACK, total.messages(), pair.topic(), pair.group()));
        reading.add(Figure.PULLS, from.traffic().found().total().messages(), "found");
        reading.add(Figure.PULLS, from.traffic().missed().total().messages(), "missed");
        for (FlowEvent event : FlowEvent.values()) {
            if (event == FlowEvent.SEND_REPEATED)
                reading.add(Figure.REPEATED, from.flow().of(event));
            else reading.add(Figure.REFUSED, from.flow().of(event), reason(event));
        }
        Durations appends = from.traffic().appends();
        for (double share : QUANTILES) {
            reading.add(Figure.APPEND, appends.quantileMillis(share), Double.toString(share));
        }
        reading.add(Figure.APPEND, appends.longestMillis(), "1");
    }

    /** A timer's entry counts before it is due, so its topic tells how many came. */
    private void uncounted(Reading reading) {
        Meter.@Nullable Total timers = from.traffic().puts().total(Timers.TOPIC.value(), "");
        reading.add(Figure.TIMERS_IN, timers == null ? 0 : timers.messages());
    }

    /** As Apache names them; a number that is no request code could be any. */
    private static String[] labels(Calls.Key key) {
        return new String[] {
            "remoting",
            key.request() == Calls.UNKNOWN
                    ? "other"
                    : RequestCode.nameOf(key.request()).toLowerCase(Locale.ROOT),
            ResponseCode.nameOf(key.response()).toLowerCase(Locale.ROOT),
            Boolean.toString(key.waited()),
            key.oneWay() ? "oneway" : "success"
        };
    }

    private static String reason(FlowEvent event) {
        return event.name().substring("REFUSED_".length()).toLowerCase(Locale.ROOT);
    }

    private void clients(Reading reading, @Nullable Map<String, List<ProducerView>> producers) {
        if (producers != null) {
            producers
                    .values()
                    .forEach(group -> group.forEach(each -> reading.add(
                            Figure.PRODUCERS,
                            1,
                            language(each.member()),
                            version(each.member().version()))));
        }
        for (ConsumerView group : from.tables().subscriptions().all()) {
            String mode = mode(group.consumeType());
            String system = Boolean.toString(from.groupRules().isSystem(group.group()));
            for (Member member : group.members()) {
                reading.add(
                        Figure.CONSUMERS, 1, group.group(), language(member), version(member.version()), mode, system);
            }
        }
        reading.add(Figure.CONFLICTS, from.tables().subscriptions().conflicts().size());
        reading.add(Figure.BROKER_PERMISSION, from.permission().get());
        reading.add(Figure.TOPICS, from.tables().topics().size());
        reading.add(Figure.GROUPS, from.tables().groups().size());
    }

    private static String language(Member member) {
        return Language.nameOf(member.language()).toLowerCase(Locale.ROOT);
    }

    /** Returns the version as Apache's brokers name it: {@code v4_9_8}, {@code v5_1_0_snapshot}; its number if it has no name. */
    static String version(int number) {
        if (number < FIRST_NAMED || number >= FIRST_UNNAMED) return Integer.toString(number);
        int release = (number - FIRST_NAMED) / 2 + 400;
        String name = "v" + release / 100 + "_" + release / 10 % 10 + "_" + release % 10;
        return number % 2 == 0 ? name + "_snapshot" : name;
    }

    private static String mode(String consumeType) {
        return switch (consumeType) {
            case ConsumerData.PASSIVELY -> "push";
            case ConsumerData.ACTIVELY -> "pull";
            default -> "pop";
        };
    }

    private void progress(Reading reading, @Nullable List<PopHeld> held) {
        Map<GroupName, Map<QueueId, PopHeld>> popped = new HashMap<>();
        if (held != null) {
            held.forEach(each -> popped.computeIfAbsent(each.group(), none -> new HashMap<>())
                    .put(each.queue(), each));
        }
        List<Progress> all = new ArrayList<>();
        for (ConsumerGroup group : from.tables().groups().all()) {
            for (Topic topic : topicsOf(group.name())) {
                all.add(progress(new Pair(group.name(), topic), popped.getOrDefault(group.name(), Map.of())));
            }
        }
        all.sort(Comparator.comparingLong(Progress::lag).reversed());
        for (int i = 0; i < all.size(); i++) tell(reading, all.get(i), i < mostSeries);
        for (Topic topic : from.tables().topics().all()) {
            if (topic.name().isDeadLetter()) {
                String group = topic.name().value().substring(TopicName.DLQ_PREFIX.length());
                reading.add(Figure.DEAD_LETTERS, kept(topic), group);
            }
        }
    }

    private List<Topic> topicsOf(GroupName group) {
        Set<TopicName> names = new TreeSet<>(from.offsets().topicsOf(group));
        @Nullable ConsumerView online = from.tables().subscriptions().find(group.value());
        if (online != null && !online.broadcasting()) {
            online.subscriptions().forEach(each -> names.add(each.topic()));
        }
        List<Topic> topics = new ArrayList<>();
        for (TopicName name : names) {
            boolean left = online != null && !online.byTopic().isEmpty() && online.subscription(name.value()) == null;
            @Nullable Topic topic = left ? null : from.tables().topics().find(name.value());
            if (topic != null) topics.add(topic);
        }
        return topics;
    }

    private Progress progress(Pair pair, Map<QueueId, PopHeld> popped) {
        Progress progress = new Progress(pair);
        Map<Integer, Long> committed =
                from.offsets().offsets(pair.group(), pair.topic().name());
        for (int index = 0; index < pair.topic().readQueues(); index++) {
            QueueId id = new QueueId(pair.topic().name(), index);
            @Nullable ConsumeQueue queue = from.store().queues().find(id);
            if (queue == null) continue;
            long max = queue.maxOffset();
            long offset = Math.max(queue.minOffset(), committed.getOrDefault(index, 0L));
            long lag = Math.max(0, max - offset);
            @Nullable PopHeld held = popped.get(id);
            long readyOffset = held == null ? offset : Math.max(offset, held.position());
            progress.pops |= held != null;
            progress.held += held == null ? 0 : held.held();
            progress.lag += lag;
            progress.ready += Math.max(0, max - readyOffset);
            if (lag > 0) progress.queues.add(new QueueLag(queue, index, lag, offset, readyOffset, max));
        }
        return progress;
    }

    /** @param withTimes whether the log is read for ages: not for what is summed up as other */
    private void tell(Reading reading, Progress progress, boolean withTimes) {
        String topic = progress.pair.topic().name().value();
        String group = progress.pair.group().value();
        String[] labels = {topic, group, isRetry(topic), isSystem(topic, group)};
        reading.add(Figure.LAG, progress.lag, labels);
        reading.add(Figure.READY, progress.ready, labels);
        if (progress.pops || pops(group)) reading.add(Figure.IN_FLIGHT, progress.held, labels);
        for (QueueLag each : progress.queues) {
            reading.add(Figure.QUEUE_LAG, each.lag(), topic, group, Integer.toString(each.index()));
        }
        if (from.reviveTopic().value().equals(topic)
                && InFlight.REVIVE_GROUP.value().equals(group)) {
            progress.queues.forEach(each -> reading.add(Figure.REVIVE_LAG, each.lag(), Integer.toString(each.index())));
        }
        if (!withTimes) return;
        long lagMillis = 0;
        long queueingMillis = 0;
        for (QueueLag each : progress.queues) {
            lagMillis = Math.max(lagMillis, age(each.queue(), each.offset()));
            if (each.readyOffset() < each.max()) {
                queueingMillis = Math.max(
                        queueingMillis,
                        each.readyOffset() == each.offset() ? lagMillis : age(each.queue(), each.readyOffset()));
            }
        }
        reading.add(Figure.LAG_LATENCY, lagMillis, labels);
        reading.add(Figure.QUEUEING_LATENCY, queueingMillis, labels);
    }

    private boolean pops(String group) {
        @Nullable ConsumerView online = from.tables().subscriptions().find(group);
        return online != null && mode(online.consumeType()).equals("pop");
    }

    private long age(ConsumeQueue queue, long offset) {
        QueueUnit unit = new QueueUnit();
        if (!queue.read(offset, unit)) return 0;
        long stored = from.store().view().storeMillis(unit.position());
        return stored < 0 ? 0 : Math.max(0, from.clock().wallMillis() - stored);
    }

    private long kept(Topic topic) {
        long kept = 0;
        for (int index = 0; index < topic.writeQueues(); index++) {
            @Nullable ConsumeQueue queue = from.store().queues().find(new QueueId(topic.name(), index));
            if (queue != null) kept += queue.maxOffset() - queue.minOffset();
        }
        return kept;
    }

    private void transactions(Reading reading) {
        TransactionCounts counts = from.transactions();
        reading.add(Figure.COMMITTED, counts.committed());
        reading.add(Figure.ROLLED_BACK, counts.rolledBack());
        reading.add(Figure.HALVES, counts.pending());
        reading.add(Figure.CHECKS, counts.checksSent(), "sent");
        reading.add(Figure.CHECKS, counts.checksUnheard(), "unheard");
        reading.add(Figure.GIVEN_UP, counts.givenUp());
        reading.add(Figure.LOST, counts.lost());
    }

    private void waiting(Reading reading, @Nullable Long timers) {
        if (timers != null) reading.add(Figure.TIMERS, timers);
        @Nullable DelayOffsetTable table = from.delivered().get();
        Map<Integer, Long> delivered = table == null ? Map.of() : table.offsets();
        for (QueueId id : from.store().queues().all()) {
            if (!id.topic().equals(DelayQueues.TOPIC)) continue;
            @Nullable ConsumeQueue queue = from.store().queues().find(id);
            if (queue == null) continue;
            long next = Math.max(queue.minOffset(), delivered.getOrDefault(id.index() + 1, 0L));
            reading.add(Figure.DELAYED, Math.max(0, queue.maxOffset() - next), Integer.toString(id.index() + 1));
        }
    }

    private void store(Reading reading) {
        Watermarks marks = from.store().watermarks();
        long first = from.store().view().firstPosition();
        long earliest = from.store().view().storeMillis(first);
        reading.add(Figure.STORAGE_SIZE, marks.appended() - first, LOCAL_DISK);
        reading.add(Figure.FLUSH_BEHIND, marks.appended() - marks.flushed(), LOCAL_DISK);
        reading.add(Figure.DISPATCH_BEHIND, Math.max(0, marks.confirmed() - marks.dispatched()), LOCAL_DISK);
        reading.add(
                Figure.RESERVE_TIME, earliest < 0 ? 0 : Math.max(0, from.clock().wallMillis() - earliest), LOCAL_DISK);
        reading.add(Figure.FORCES, from.store().flusher().forces());
        reading.add(Figure.WRITABLE, from.store().refusal() == null ? 1 : 0);
        reading.add(Figure.DISK_USED, from.disk().usedRatio());
        reading.add(Figure.DISK_FREE, from.disk().freeBytes());
    }

    private void process(Reading reading, Map<Integer, Double> loopDelays) {
        reading.add(Figure.IN_FLIGHT_BYTES, from.inFlightBytes().getAsLong());
        loopDelays.forEach((loop, seconds) -> reading.add(Figure.LOOP_DELAY, seconds, Integer.toString(loop)));
    }

    private String messageType(String topic) {
        @Nullable Topic known = from.tables().topics().find(topic);
        String type = known == null ? "" : known.attributes().getOrDefault("message.type", "");
        return type.isEmpty() ? "normal" : type.toLowerCase(Locale.ROOT);
    }

    private String isSystem(String topic) {
        return Boolean.toString(from.topicRules().isSystem(topic));
    }

    private String isSystem(String topic, String group) {
        return Boolean.toString(
                from.topicRules().isSystem(topic) || from.groupRules().isSystem(group));
    }

    private static String isRetry(String topic) {
        return Boolean.toString(topic.startsWith(TopicName.RETRY_PREFIX));
    }
}
