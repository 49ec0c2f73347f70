package io.vostok.service;

import io.vertx.core.Future;
import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.transaction.EndTransaction;
import io.vostok.model.MessageProperties;
import io.vostok.model.OffsetMessageId;
import io.vostok.store.LogView;
import io.vostok.store.transaction.Half;
import io.vostok.store.transaction.HalfMessages;
import io.vostok.store.transaction.PendingHalves;
import io.vostok.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** Half messages of this process's broker, for administrators; used on one event loop. */
final class LocalTransactionAdmin implements TransactionAdmin {
    /** Half messages asked for at once. */
    private static final int STRETCH = 256;
    /** Questions to the owner for one page; what they do not find comes with the next. */
    private static final int MOST_STRETCHES = 64;

    private final TransactionsClient owner;
    private final LogView view;
    private final LocalQueries queries;
    private final Clock clock;
    private final IntSupplier pending;

    LocalTransactionAdmin(
            TransactionsClient owner, LogView view, LocalQueries queries, Clock clock, IntSupplier pending) {
        this.owner = owner;
        this.view = view;
        this.queries = queries;
        this.clock = clock;
        this.pending = pending;
    }

    @Override
    public Future<Page> list(@Nullable String producerGroup, @Nullable String topic, int limit, @Nullable String next) {
        long[] from = {0};
        if (next != null) {
            long @Nullable [] given = PlaceId.parse(next, 1);
            if (given == null) return refused(Refusal.INVALID_ARGUMENT, "`" + next + "` is no place in this list");
            from = given;
        }
        return read(new Wish(producerGroup, topic, limit), from[0], new ArrayList<>(), 0);
    }

    private record Wish(
            @Nullable String producerGroup, @Nullable String topic, int limit) {}

    private Future<Page> read(Wish wish, long from, List<Pending> found, int stretches) {
        return owner.pending(from, STRETCH)
                .compose(stretch -> queries.run(() -> take(wish, stretch, found)))
                .compose(next -> {
                    boolean over = next == PendingHalves.END;
                    if (!over && found.size() < wish.limit() && stretches + 1 < MOST_STRETCHES) {
                        return read(wish, next, found, stretches + 1);
                    }
                    return Future.succeededFuture(new Page(found, over ? null : PlaceId.of(next), pending.getAsInt()));
                });
    }

    /** Reads what the log says of each. Returns the offset to go on at. */
    private long take(Wish wish, PendingHalves stretch, List<Pending> found) {
        WaitingMessage.Reader reader = new WaitingMessage.Reader(view);
        for (PendingHalves.Each each : stretch.halves()) {
            Half half = each.half();
            if (found.size() == wish.limit()) return half.offset();
            if (wish.producerGroup() != null && !wish.producerGroup().equals(half.group())) continue;
            @Nullable Map<String, String> properties = reader.properties(half.position(), half.sizeBytes());
            if (properties == null) continue;
            if (wish.topic() != null && !wish.topic().equals(properties.get(MessageProperties.REAL_TOPIC))) continue;
            long nextCheck =
                    each.untilCheckMillis() == HalfMessages.NEVER ? -1 : clock.wallMillis() + each.untilCheckMillis();
            found.add(new Pending(
                    PlaceId.of(half.offset(), half.position()),
                    half.group(),
                    reader.message(half.position(), half.sizeBytes(), properties),
                    half.checks(),
                    nextCheck));
        }
        return stretch.next();
    }

    @Override
    public Future<Void> decide(String id, EndTransaction.Outcome outcome) {
        long @Nullable [] place = PlaceId.parse(id, 2);
        if (place == null) return refused(Refusal.INVALID_ARGUMENT, "`" + id + "` is no id of a transaction");
        return owner.decide(place[0], place[1], outcome)
                .compose(before -> before == null
                        ? Future.succeededFuture()
                        : refused(Refusal.ILLEGAL_OPERATION, "transaction `" + id + "` was decided before"));
    }

    @Override
    public String id(Sent half) {
        return PlaceId.of(
                half.queueOffset(), OffsetMessageId.parse(half.messageId()).physicalOffset());
    }

    private static <T> Future<T> refused(Refusal refusal, String words) {
        return Future.failedFuture(new Registry.RefusedException(new Refused(refusal, words)));
    }
}
