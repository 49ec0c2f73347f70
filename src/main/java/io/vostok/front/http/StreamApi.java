package io.vostok.front.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import io.vostok.model.Topic;
import io.vostok.service.Broker;
import io.vostok.time.Clock;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Streams of a topic's messages, as server-sent events or over a WebSocket. One per event loop. */
final class StreamApi {
    private final Vertx vertx;
    private final Broker broker;
    private final Clock clock;
    private final HttpSettings settings;
    private final AtomicLong ids;
    private final Set<Tail> tails = new LinkedHashSet<>();

    /** @param ids of peers, counted downwards */
    StreamApi(Vertx vertx, Broker broker, Clock clock, HttpSettings settings, AtomicLong ids) {
        this.vertx = vertx;
        this.broker = broker;
        this.clock = clock;
        this.settings = settings;
        this.ids = ids;
    }

    /** Follows a topic until the client goes. */
    void stream(RoutingContext request) {
        HttpServerRequest incoming = request.request();
        Query query = new Query(request);
        Topic topic = StartingPoint.topic(broker, request.pathParam("topic"));
        String name = topic.name().value();
        Reader reader = Reader.of(broker, name, query.text("tag"), query.text("filter"));
        MessageJson.BodyForm form = MessageJson.BodyForm.of(query.text("body"));
        @Nullable String from = query.text("from");
        // A browser that comes back says in the header what no page can change in the address.
        @Nullable String cursor = incoming.getHeader("last-event-id");
        if (cursor == null || cursor.isEmpty()) cursor = query.text("next");
        long[] next = StartingPoint.offsets(
                broker, topic, StartingPoint.queues(topic), from == null ? StartingPoint.LATEST : from, cursor);
        if (settings.streams().incrementAndGet() > settings.maxStreams()) {
            settings.streams().decrementAndGet();
            throw new Problem.Found(Problem.tooMany(
                    settings.maxStreams() + " streams are open already (http.maxStreams)",
                    "close one, or try again later"));
        }
        if (!"websocket".equalsIgnoreCase(incoming.getHeader("upgrade"))) {
            Tail tail = open(request, name, reader, form, next, new EventSink(request.response()));
            request.response().closeHandler(closed -> tail.end()).exceptionHandler(broken -> tail.end());
            tail.start();
            return;
        }
        incoming.toWebSocket().onComplete(upgraded -> {
            if (upgraded.failed()) {
                settings.streams().decrementAndGet();
                request.fail(new Problem.Found(
                        Problem.badRequest("no WebSocket: " + upgraded.cause().getMessage())));
                return;
            }
            Tail tail = open(request, name, reader, form, next, new WebSocketSink(upgraded.result()));
            upgraded.result().closeHandler(closed -> tail.end()).exceptionHandler(broken -> tail.end());
            tail.start();
        });
    }

    private Tail open(
            RoutingContext request, String topic, Reader reader, MessageJson.BodyForm form, long[] next, Sink sink) {
        Tail[] self = new Tail[1];
        Tail tail = new Tail(
                vertx,
                broker,
                clock,
                topic,
                reader,
                form,
                next,
                sink,
                ids.decrementAndGet(),
                String.valueOf(request.request().remoteAddress()),
                () -> forget(self[0]));
        self[0] = tail;
        tails.add(tail);
        return tail;
    }

    private void forget(Tail tail) {
        if (tails.remove(tail)) settings.streams().decrementAndGet();
    }

    /** Ends every stream of this event loop. */
    void endAll() {
        for (Tail tail : List.copyOf(tails)) tail.end();
    }
}
