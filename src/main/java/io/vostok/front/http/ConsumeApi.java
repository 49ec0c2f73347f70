package io.vostok.front.http;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.pop.PopReceipt;
import io.vostok.model.ConsumerGroup;
import io.vostok.service.Broker;
import io.vostok.service.GroupAdmin;
import io.vostok.service.PopHandle;
import io.vostok.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Consuming over HTTP as a member of a group: messages are received, held for a time, and acked with their receipts. It is
 * popping, so a consumer keeps no state here and needs no heartbeat. One per event loop.
 */
final class ConsumeApi {
    static final String ACK = "ackMessages";
    static final String NACK = "nackMessages";
    static final String EXTEND = "extendMessages";

    private static final int USUAL_MAX = 16;
    private static final int MOST_TOPICS = 16;
    private static final String USUAL_INVISIBLE = "60s";

    private final Vertx vertx;
    private final Broker broker;
    private final GroupAdmin groups;
    private final Clock clock;
    private final JsonBodies bodies;
    private final AtomicLong ids;
    private final Set<Receiving> receivers = new LinkedHashSet<>();

    /** @param ids of peers, counted downwards */
    ConsumeApi(Vertx vertx, Broker broker, GroupAdmin groups, Clock clock, JsonBodies bodies, AtomicLong ids) {
        this.vertx = vertx;
        this.broker = broker;
        this.groups = groups;
        this.clock = clock;
        this.bodies = bodies;
        this.ids = ids;
    }

    /** Gives messages to the group, now or when some arrive. */
    void receive(RoutingContext request) {
        Query query = new Query(request);
        @Nullable String length = request.request().getHeader("content-length");
        if ((length != null && !length.equals("0")) || request.request().getHeader("transfer-encoding") != null) {
            throw new Problem.Found(Problem.badRequest("a receive says all in its query and takes no body"));
        }
        String group = request.pathParam("group");
        List<String> topics = words(String.valueOf(query.text("topic")), ",");
        if (topics.isEmpty() || topics.size() > MOST_TOPICS) {
            throw new Problem.Found(Problem.badRequest(
                    "`topic` must name 1 to " + MOST_TOPICS + " topics, joined by commas, names " + topics.size()));
        }
        @Nullable String tag = query.text("tag");
        @Nullable String filter = query.text("filter");
        if (tag != null && filter != null) {
            throw new Problem.Found(Problem.badRequest("give tag or filter, not both"));
        }
        boolean everything = tag == null || tag.trim().equals("*");
        Receiving.Wish wish = new Receiving.Wish(
                group,
                topics,
                query.integer("max", USUAL_MAX),
                millis(query, "wait", "0s"),
                millis(query, "invisible", USUAL_INVISIBLE),
                StartingPoint.LATEST.equals(query.text("from")),
                filter != null ? filter : tag == null ? "*" : tag,
                filter != null ? "SQL92" : "TAG",
                filter != null || everything ? null : words(String.valueOf(tag), "\\|\\|"),
                query.flag("ordered", isOrdered(group)),
                MessageJson.BodyForm.of(query.text("body")));
        Receiving receiving = new Receiving(vertx, broker, clock, ids, request, wish, receivers::remove);
        receivers.add(receiving);
        receiving.start();
    }

    private boolean isOrdered(String group) {
        @Nullable ConsumerGroup known = groups.all().find(group);
        return known != null && known.consumeMessageOrderly();
    }

    private static long millis(Query query, String name, String usual) {
        @Nullable String text = query.text(name);
        return Query.duration(name, text == null ? usual : text).toMillis();
    }

    private static List<String> words(String text, String separator) {
        return Arrays.stream(text.split(separator, -1))
                .map(String::trim)
                .filter(word -> !word.isEmpty())
                .distinct()
                .toList();
    }

    /** Messages are done with. */
    void ack(RoutingContext request) {
        bodies.read(
                request,
                ACK,
                body -> each(
                        request, body, handle -> broker.ack(List.of(handle)).map(done -> new JsonObject())));
    }

    /** Messages failed: they come again, at once or later, or are dead letters. */
    void nack(RoutingContext request) {
        bodies.read(request, NACK, body -> {
            boolean dead = body.getBoolean("deadLetter", false);
            @Nullable String delay = body.getString("delay");
            if (dead && delay != null) {
                throw new Problem.Found(Problem.badRequest("a dead letter does not come again: give no `delay`"));
            }
            long after = delay == null ? 0 : Query.duration("delay", delay).toMillis();
            each(
                    request,
                    body,
                    handle -> dead
                            ? broker.deadLetter(handle).map(done -> new JsonObject())
                            : broker.changeInvisible(handle, after).map(done -> new JsonObject()));
        });
    }

    /** Messages take longer: each is held for another time from now, and has a new receipt. */
    void extend(RoutingContext request) {
        bodies.read(request, EXTEND, body -> {
            long millis =
                    Query.duration("invisible", body.getString("invisible")).toMillis();
            each(
                    request,
                    body,
                    handle -> broker.changeInvisible(handle, millis).map(receipt -> extended(handle, receipt)));
        });
    }

    private static JsonObject extended(PopHandle handle, PopReceipt receipt) {
        return new JsonObject()
                .put("newReceipt", Receipt.write(handle.group(), handle.topic(), receipt))
                .put(
                        "invisibleUntil",
                        Instant.ofEpochMilli(receipt.popMillis() + receipt.invisibleMillis())
                                .toString());
    }

    private void each(RoutingContext request, JsonObject body, Function<PopHandle, Future<JsonObject>> act) {
        String group = request.pathParam("group");
        JsonArray receipts = body.getJsonArray("receipts");
        Results results = new Results(receipts.size(), all -> Answers.json(request, 200, all));
        for (int i = 0; i < receipts.size(); i++) {
            int index = i;
            String text = receipts.getString(i);
            Ruling<PopHandle> handle = Receipt.read(group, text);
            @Nullable Refused refused = handle.refused();
            if (refused != null) {
                results.put(index, Problem.of(refused).toJson().put("receipt", text), true);
                continue;
            }
            act.apply(handle.value()).onComplete(done -> {
                if (done.succeeded()) {
                    results.put(index, done.result().put("receipt", text).put("status", 200), false);
                } else {
                    results.put(index, Problem.of(done.cause()).toJson().put("receipt", text), true);
                }
            });
        }
    }

    /** Ends every wait of this event loop. */
    void endAll() {
        for (Receiving receiving : List.copyOf(receivers)) receiving.end();
    }
}
