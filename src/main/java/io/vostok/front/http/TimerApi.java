package io.vostok.front.http;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vostok.service.Broker;
import io.vostok.service.Endpoint;
import io.vostok.service.TimerAdmin;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Messages that wait for their time, over HTTP: which they are, and what becomes of them instead. One per event loop. */
final class TimerApi {
    static final String RECALL = "recallTimers";
    static final String DELIVER = "deliverTimers";

    private static final int USUAL_LIMIT = 100;

    private final Broker broker;
    private final TimerAdmin timers;
    private final JsonBodies bodies;

    TimerApi(Broker broker, TimerAdmin timers, JsonBodies bodies) {
        this.broker = broker;
        this.timers = timers;
        this.bodies = bodies;
    }

    /** Lists what waits. */
    void list(RoutingContext request) {
        Query query = new Query(request);
        @Nullable String named = query.text("kind");
        TimerAdmin.Kind kind =
                named == null ? TimerAdmin.Kind.ALL : TimerAdmin.Kind.valueOf(named.toUpperCase(Locale.ROOT));
        int limit = query.integer("limit", USUAL_LIMIT);
        Answers.when(request, timers.list(kind, query.text("topic"), limit, query.text("next")), page -> {
            JsonArray items = new JsonArray();
            for (TimerAdmin.Pending each : page.items()) items.add(toJson(each));
            JsonObject pending = new JsonObject().put("time", page.timed()).put("level", page.onLevels());
            Answers.json(
                    request,
                    200,
                    new JsonObject()
                            .put("items", items)
                            .put("next", page.next())
                            .put("pending", pending));
        });
    }

    private static JsonObject toJson(TimerAdmin.Pending timer) {
        boolean onLevel = timer.level() > 0;
        JsonObject item = new JsonObject().put("id", timer.id()).put("kind", onLevel ? "level" : "time");
        if (onLevel) item.put("level", timer.level());
        item.put("deliverAt", Instant.ofEpochMilli(timer.deliverMillis()).toString());
        MessageJson.putWaiting(item, timer.message());
        if (timer.recallHandle() != null) item.put("recallHandle", timer.recallHandle());
        if (!onLevel) item.put("recalled", timer.recalled());
        return item;
    }

    /** Keeps messages from being delivered. */
    void recall(RoutingContext request) {
        Endpoint bornHost = Sending.bornHost(request);
        bodies.read(
                request,
                RECALL,
                body -> Results.each(
                        request,
                        body.getJsonArray("ids"),
                        "id",
                        id -> timers.recall(id)
                                .compose(recall -> broker.recall(
                                        Sending.PRODUCER_GROUP, recall.topic(), recall.handle(), bornHost))
                                .mapEmpty()));
    }

    /** Delivers messages before their time. */
    void deliver(RoutingContext request) {
        bodies.read(request, DELIVER, body -> Results.each(request, body.getJsonArray("ids"), "id", timers::deliver));
    }
}
