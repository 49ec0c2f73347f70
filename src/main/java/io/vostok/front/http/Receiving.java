package io.vostok.front.http;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vostok.broker.pop.PopRequest;
import io.vostok.broker.pop.PopTopics;
import io.vostok.service.Broker;
import io.vostok.service.PopHandle;
import io.vostok.service.PopOutcome;
import io.vostok.service.Popped;
import io.vostok.time.Clock;
import io.vostok.wire.record.RecordView;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request for messages: takes what there is of each topic, and waits when there is nothing. What nobody is there to
 * take goes back. Used on its event loop only.
 */
final class Receiving {
    /** Of all messages of one answer; a single larger one comes alone. */
    private static final int MOST_BYTES = 4 << 20;
    /** Between a word that something is there and the next, when there was nothing for this one. */
    private static final long LEAST_ROUND_MILLIS = 200;

    /**
     * What is asked for.
     *
     * @param tags that are wanted, or null; the queue tells them apart by their hash only
     * @param ordered whether a queue gives nothing more before what it gave is acked
     */
    record Wish(
            String group,
            List<String> topics,
            int max,
            long waitMillis,
            long invisibleMillis,
            boolean fromLast,
            String expression,
            String expressionType,
            @Nullable List<String> tags,
            boolean ordered,
            MessageJson.BodyForm form) {}

    private final Vertx vertx;
    private final Broker broker;
    private final Clock clock;
    private final AtomicLong ids;
    private final RoutingContext request;
    private final Wish wish;
    private final Consumer<Receiving> whenOver;
    private final long deadlineNanos;
    private final List<Popped> taken = new ArrayList<>();
    private final JsonArray items = new JsonArray();
    private final RecordView view = new RecordView();
    private HttpPeer peer;
    private int at;
    private long bytes;
    private int round;
    private int unanswered;
    private boolean full;
    private boolean over;

    Receiving(
            Vertx vertx,
            Broker broker,
            Clock clock,
            AtomicLong ids,
            RoutingContext request,
            Wish wish,
            Consumer<Receiving> whenOver) {
        this.vertx = vertx;
        this.broker = broker;
        this.clock = clock;
        this.ids = ids;
        this.request = request;
        this.wish = wish;
        this.whenOver = whenOver;
        this.deadlineNanos = clock.monotonicNanos() + TimeUnit.MILLISECONDS.toNanos(wish.waitMillis());
        this.peer = newPeer();
    }

    void start() {
        request.response().closeHandler(closed -> leave()).exceptionHandler(broken -> leave());
        next();
    }

    /** Ends the wait with what there is. */
    void end() {
        if (over) return;
        broker.closed(peer);
        answer();
    }

    private HttpPeer newPeer() {
        return new HttpPeer(
                ids.decrementAndGet(), String.valueOf(request.request().remoteAddress()), this::end);
    }

    private long leftMillis() {
        return Math.max(0, TimeUnit.NANOSECONDS.toMillis(deadlineNanos - clock.monotonicNanos()));
    }

    private void next() {
        if (over) return;
        if (at < wish.topics().size() && items.size() < wish.max() && bytes < MOST_BYTES) {
            pop(wish.topics().get(at++));
        } else if (!items.isEmpty() || wish.topics().size() == 1 || leftMillis() == 0) {
            answer();
        } else {
            waitForAny();
        }
    }

    private void pop(String topic) {
        long hold = wish.topics().size() == 1 ? leftMillis() : 0;
        ask(PopRequest.Kind.POP, topic, wish.max() - items.size(), hold, outcome -> {
            if (outcome instanceof PopOutcome.Found found) {
                found(topic, found.popped());
            } else if (outcome instanceof PopOutcome.Nothing nothing) {
                full |= nothing.full();
            }
            next();
        });
    }

    /** Several topics cannot be popped at once without taking more than was asked for: whichever speaks first is asked. */
    private void waitForAny() {
        int current = ++round;
        unanswered = wish.topics().size();
        long startNanos = clock.monotonicNanos();
        long hold = leftMillis();
        for (String topic : wish.topics()) {
            ask(PopRequest.Kind.NOTIFY, topic, 1, hold, outcome -> {
                if (current != round) return;
                if (outcome instanceof PopOutcome.Notified) {
                    round++;
                    broker.closed(peer);
                    peer = newPeer();
                    long tookMillis = TimeUnit.NANOSECONDS.toMillis(clock.monotonicNanos() - startNanos);
                    again(current == 1 ? 0 : LEAST_ROUND_MILLIS - tookMillis);
                } else if (--unanswered == 0) {
                    full |= outcome instanceof PopOutcome.Nothing nothing && nothing.full();
                    answer();
                }
            });
        }
    }

    private void again(long afterMillis) {
        at = 0;
        if (afterMillis <= 0) next();
        else vertx.setTimer(afterMillis, id -> guarded(this::next));
    }

    private void ask(PopRequest.Kind kind, String topic, int max, long holdMillis, Consumer<PopOutcome> then) {
        PopRequest pop = new PopRequest(
                kind,
                wish.group(),
                topic,
                PopRequest.ANY_QUEUE,
                max,
                wish.invisibleMillis(),
                holdMillis,
                0,
                wish.fromLast(),
                wish.expression(),
                wish.expressionType(),
                wish.ordered(),
                null);
        broker.pop(pop, peer, outcome -> {
            if (over) {
                if (outcome instanceof PopOutcome.Found late) broker.giveBack(wish.group(), late.popped());
                return;
            }
            guarded(() -> {
                if (outcome instanceof PopOutcome.Refuse refuse) refuse(Problem.of(refuse.refused()));
                else then.accept(outcome);
            });
        });
    }

    private void found(String topic, Popped popped) {
        taken.add(popped);
        for (Popped.Part part : popped.parts()) {
            for (int i = 0; i < part.offsets().length; i++) {
                ByteBuffer copy = ByteBuffer.allocate(broker.mostBytes(popped, part, i));
                // One that was deleted or damaged meanwhile is left out; the broker finds that it is gone.
                if (!broker.copy(popped, part, i, copy)) continue;
                view.wrap(copy, 0);
                if (wanted()) add(topic, popped, part, i);
                else pass(popped, part, i);
            }
        }
    }

    private boolean wanted() {
        @Nullable List<String> tags = wish.tags();
        return tags == null || tags.contains(String.valueOf(view.property("TAGS")));
    }

    /** Another tag with the same hash: a consumer that filters for itself would ack it, too. If that fails it comes again. */
    private void pass(Popped popped, Popped.Part part, int index) {
        broker.ack(List.of(new PopHandle(
                wish.group(),
                part.queue().topic().value(),
                part.queue().index(),
                part.offsets()[index],
                popped.receipt(part, index))));
    }

    private void add(String topic, Popped popped, Popped.Part part, int index) {
        int @Nullable [] attempts = part.attempts();
        bytes += view.sizeBytes();
        items.add(MessageJson.of(view, wish.form())
                .put("topic", part.retry() == PopTopics.NORMAL ? view.topic() : topic)
                .put("receipt", Receipt.write(wish.group(), part.queue().topic().value(), popped.receipt(part, index)))
                .put("attempt", (attempts == null ? view.reconsumeTimes() : attempts[index]) + 1)
                .put(
                        "invisibleUntil",
                        Instant.ofEpochMilli(popped.popMillis() + popped.invisibleMillis())
                                .toString()));
    }

    private void answer() {
        if (items.isEmpty() && full) {
            refuse(Problem.tooMany(
                    "too many wait for messages already (pop.maxHeld, 1024 a queue)", "ask again later, or with max"));
            return;
        }
        over();
        Answers.json(request, 200, new JsonObject().put("items", items)).onFailure(lost -> giveBack());
    }

    private void refuse(Problem problem) {
        over();
        giveBack();
        broker.closed(peer);
        Answers.problem(request, problem);
    }

    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException failure) {
            leave();
            request.fail(failure);
        }
    }

    /** The client is gone, or cannot be answered. */
    private void leave() {
        if (over) return;
        over();
        broker.closed(peer);
        giveBack();
    }

    private void over() {
        over = true;
        whenOver.accept(this);
    }

    private void giveBack() {
        for (Popped popped : taken) broker.giveBack(wish.group(), popped);
        taken.clear();
    }
}
