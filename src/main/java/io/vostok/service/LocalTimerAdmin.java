package io.vostok.service;

import io.vertx.core.Future;
import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.delay.DelayRules;
import io.vostok.model.MessageProperties;
import io.vostok.model.QueueId;
import io.vostok.store.ConsumeQueue;
import io.vostok.store.ConsumeQueues;
import io.vostok.store.LogView;
import io.vostok.store.QueueUnit;
import io.vostok.store.timer.DelayQueues;
import io.vostok.store.timer.PendingTimers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What waits for its time in this process's broker, for administrators; used on one event loop. */
final class LocalTimerAdmin implements TimerAdmin {
    private static final int TIMED = 0;
    private static final int ON_LEVEL = 1;

    /** Units of delay levels looked at for one page. */
    private static final int MOST_UNITS = 4_096;
    /** Questions to the owner of the index for one page. */
    private static final int MOST_STRETCHES = 16;

    private final TimersClient owner;
    private final DelayRules rules;
    private final ConsumeQueues queues;
    private final LogView view;
    private final LocalQueries queries;

    LocalTimerAdmin(TimersClient owner, DelayRules rules, ConsumeQueues queues, LogView view, LocalQueries queries) {
        this.owner = owner;
        this.rules = rules;
        this.queues = queues;
        this.view = view;
        this.queries = queries;
    }

    /** One page in the making. */
    private static final class Making {
        private final @Nullable String topic;
        private final int limit;
        private final TimersClient.Waiting waiting;
        private final List<Pending> found = new ArrayList<>();
        private final Map<Long, Set<String>> recalls = new HashMap<>();
        private int stretches;

        Making(@Nullable String topic, int limit, TimersClient.Waiting waiting) {
            this.topic = topic;
            this.limit = limit;
            this.waiting = waiting;
        }

        boolean full() {
            return found.size() >= limit;
        }

        boolean wants(@Nullable Map<String, String> properties) {
            return properties != null && (topic == null || topic.equals(properties.get(MessageProperties.REAL_TOPIC)));
        }
    }

    @Override
    public Future<Page> list(Kind kind, @Nullable String topic, int limit, @Nullable String next) {
        long @Nullable [] from = next == null ? null : PlaceId.parse(next, 3);
        if (next != null && (from == null || from[0] > ON_LEVEL)) {
            return refused(Refusal.INVALID_ARGUMENT, "`" + next + "` is no place in this list");
        }
        return owner.waiting().compose(waiting -> {
            Making making = new Making(topic, limit, waiting);
            if (from != null && from[0] == TIMED) return timed(making, from[1], (int) from[2]);
            if (kind == Kind.TIME) return timed(making, 0, 0);
            int level = from == null ? 1 : (int) from[1];
            long offset = from == null ? 0 : from[2];
            return queries.run(() -> onLevels(making, level, offset)).compose(place -> {
                if (place != null) return page(making, place);
                return kind == Kind.LEVEL ? page(making, null) : timed(making, 0, 0);
            });
        });
    }

    /** Returns where to go on, or null at the end. May block. */
    private @Nullable String onLevels(Making making, int firstLevel, long firstOffset) {
        long[] delivered = making.waiting.deliveredTo();
        WaitingMessage.Reader reader = new WaitingMessage.Reader(view);
        QueueUnit unit = new QueueUnit();
        int left = MOST_UNITS;
        for (int level = firstLevel; level <= delivered.length; level++) {
            @Nullable ConsumeQueue queue = queues.find(new QueueId(DelayQueues.TOPIC, level - 1));
            if (queue == null) continue;
            long offset = Math.max(delivered[level - 1], level == firstLevel ? firstOffset : 0);
            for (long end = queue.maxOffset(); offset < end; offset++, left--) {
                if (left == 0 || making.full()) return PlaceId.of(ON_LEVEL, level, offset);
                if (!queue.read(offset, unit)) continue;
                @Nullable Map<String, String> properties = reader.properties(unit.position(), unit.sizeBytes());
                if (properties == null || !making.wants(properties)) continue;
                making.found.add(new Pending(
                        PlaceId.of(ON_LEVEL, level, offset, unit.position()),
                        level,
                        unit.tagsCode(),
                        reader.message(unit.position(), unit.sizeBytes(), properties),
                        null,
                        false));
            }
        }
        return null;
    }

    private Future<Page> timed(Making making, long bucket, int index) {
        if (making.full()) return page(making, PlaceId.of(TIMED, bucket, index));
        return owner.pending(bucket, index)
                .compose(stretch -> recalls(making, stretch, 0))
                .compose(stretch -> queries.run(() -> take(making, stretch)))
                .compose(place -> {
                    if (place.bucket() == PendingTimers.END) return page(making, null);
                    making.stretches++;
                    return making.stretches < MOST_STRETCHES
                            ? timed(making, place.bucket(), place.index())
                            : page(making, PlaceId.of(TIMED, place.bucket(), place.index()));
                });
    }

    /** Asks for the recalls of every bucket of the stretch, one after another. */
    private Future<PendingTimers> recalls(Making making, PendingTimers stretch, int from) {
        for (int i = from; i < stretch.entries().size(); i++) {
            long bucket = stretch.entries().get(i).bucket();
            if (making.recalls.containsKey(bucket)) continue;
            int next = i;
            return owner.recalls(bucket).compose(names -> {
                making.recalls.put(bucket, names);
                return recalls(making, stretch, next);
            });
        }
        return Future.succeededFuture(stretch);
    }

    private record Next(long bucket, int index) {}

    /** Reads what the log says of a stretch; may block. */
    private Next take(Making making, PendingTimers stretch) {
        WaitingMessage.Reader reader = new WaitingMessage.Reader(view);
        for (PendingTimers.Each each : stretch.entries()) {
            if (making.full()) return new Next(each.bucket(), each.index());
            if (each.recall()) continue;
            @Nullable Map<String, String> properties = reader.properties(each.position(), each.sizeBytes());
            if (properties == null || !making.wants(properties)) continue;
            WaitingMessage message = reader.message(each.position(), each.sizeBytes(), properties);
            @Nullable String key = DelayRules.recallKey(properties::get);
            Set<String> names = making.recalls.getOrDefault(each.bucket(), Set.of());
            making.found.add(new Pending(
                    PlaceId.of(TIMED, each.entry(), each.offset(), each.position()),
                    0,
                    each.dueMillis(),
                    message,
                    handle(message, each.dueMillis()),
                    key != null && names.contains(TimerRequests.nameOf(each.dueMillis(), key))));
        }
        return new Next(stretch.nextBucket(), stretch.nextIndex());
    }

    private @Nullable String handle(WaitingMessage message, long dueMillis) {
        @Nullable String uniqueId = message.uniqueId();
        return uniqueId == null ? null : rules.recallHandle(message.topic(), dueMillis, uniqueId);
    }

    private Future<Page> page(Making making, @Nullable String next) {
        long onLevels = 0;
        long[] delivered = making.waiting.deliveredTo();
        for (int level = 1; level <= delivered.length; level++) {
            @Nullable ConsumeQueue queue = queues.find(new QueueId(DelayQueues.TOPIC, level - 1));
            if (queue != null) onLevels += Math.max(0, queue.maxOffset() - delivered[level - 1]);
        }
        return Future.succeededFuture(new Page(making.found, next, making.waiting.timed(), onLevels));
    }

    @Override
    public Future<Recall> recall(String id) {
        return place(id)
                .compose(owner::find)
                .compose(each -> queries.run(() -> recall(each)))
                .compose(recall -> recall == null
                        ? refused(
                                Refusal.ILLEGAL_OPERATION,
                                "the message is gone, has no unique id, or is a retry of a consumer: it cannot be recalled")
                        : Future.succeededFuture(recall));
    }

    private @Nullable Recall recall(PendingTimers.Each each) {
        WaitingMessage.Reader reader = new WaitingMessage.Reader(view);
        @Nullable Map<String, String> properties = reader.properties(each.position(), each.sizeBytes());
        if (properties == null) return null;
        WaitingMessage message = reader.message(each.position(), each.sizeBytes(), properties);
        @Nullable String handle = handle(message, each.dueMillis());
        return handle == null ? null : new Recall(message.topic(), handle);
    }

    @Override
    public Future<Void> deliver(String id) {
        return place(id).compose(owner::deliver);
    }

    private static Future<TimersClient.Place> place(String id) {
        long @Nullable [] numbers = PlaceId.parse(id, 4);
        if (numbers == null || numbers[0] > ON_LEVEL || numbers[1] > Integer.MAX_VALUE) {
            return refused(Refusal.INVALID_ARGUMENT, "`" + id + "` is no id of a message that waits");
        }
        if (numbers[0] == ON_LEVEL) {
            return refused(
                    Refusal.UNSUPPORTED,
                    "the message waits on a delay level, which delivers in order; only one with a time of its own can be"
                            + " recalled or delivered early");
        }
        return Future.succeededFuture(new TimersClient.Place((int) numbers[1], numbers[2], numbers[3]));
    }

    private static <T> Future<T> refused(Refusal refusal, String words) {
        return Future.failedFuture(new Registry.RefusedException(new Refused(refusal, words)));
    }
}
