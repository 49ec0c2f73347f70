package io.vostok.front.http;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vostok.broker.Refused;
import io.vostok.service.Broker;
import io.vostok.service.Endpoint;
import io.vostok.service.SendListener;
import io.vostok.service.Sent;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** Sends over HTTP: a body as it is, messages written as JSON, CloudEvents. One per event loop. */
final class SendApi {
    static final String OPERATION = "sendMessages";
    static final String RECALL = "recallMessage";

    private final Broker broker;
    private final Sending sending;
    private final Bodies bodies;
    private final JsonBodies json;
    private final List<Duration> delayLevels;

    SendApi(Broker broker, Sending sending, Bodies bodies, JsonBodies json, List<Duration> delayLevels) {
        this.broker = broker;
        this.sending = sending;
        this.bodies = bodies;
        this.json = json;
        this.delayLevels = delayLevels;
    }

    /** Stores one message or several. */
    void send(RoutingContext request, Contract contract) {
        String topic = request.pathParam("topic");
        bodies.read(request, body -> {
            DraftReader drafts = new DraftReader(delayLevels, contract, OPERATION, Set.of());
            String mediaType = JsonBodies.mediaType(request.request().getHeader("content-type"));
            boolean event = CloudEvents.isBinary(request.request().headers());
            if (!event && mediaType.equals(CloudEvents.BATCH)) {
                Object events = JsonBodies.parse(body);
                contract.checkBody(OPERATION, mediaType, events);
                sendAll(request, topic, (JsonArray) events, each -> {
                    Draft.Builder draft = drafts.fromQuery(request);
                    return draft.body(CloudEvents.structured(each, each.toBuffer(), draft));
                });
            } else if (!event && mediaType.equals(JsonBodies.JSON)) {
                Object messages = JsonBodies.parse(body);
                contract.checkBody(OPERATION, mediaType, messages);
                if (messages instanceof JsonArray array) {
                    drafts.refuseQuery(request);
                    sendAll(request, topic, array, drafts::fromJson);
                } else {
                    sendOne(request, topic, drafts.oneFromJson(request, (JsonObject) messages));
                }
            } else {
                sendOne(request, topic, drafts.one(request, body));
            }
        });
    }

    /** Keeps a message that waits for its time from being delivered. */
    void recall(RoutingContext request) {
        String topic = request.pathParam("topic");
        json.read(
                request,
                RECALL,
                body -> Answers.when(
                        request,
                        broker.recall(
                                Sending.PRODUCER_GROUP,
                                topic,
                                body.getString("recallHandle"),
                                Sending.bornHost(request)),
                        uniqueId -> Answers.json(request, 200, new JsonObject().put("uniqueId", uniqueId))));
    }

    private void sendOne(RoutingContext request, String topic, Draft.Builder draft) {
        Endpoint bornHost = Sending.bornHost(request);
        sending.store(topic, draft.build(), Sending.PRODUCER_GROUP, bornHost, new SendListener() {
            @Override
            public void sent(Sent sent) {
                JsonObject result = Sending.toJson(topic, sent);
                request.response().putHeader("location", Sending.messagePath(topic, sent.messageId()));
                Answers.json(request, Sending.status(sent), result);
            }

            @Override
            public void refused(Refused refused) {
                Answers.problem(request, Problem.of(refused));
            }
        });
    }

    /** Makes a draft of one element; its problem concerns that element only. */
    private interface Reading {
        Draft.Builder read(JsonObject element);
    }

    private void sendAll(RoutingContext request, String topic, JsonArray elements, Reading reading) {
        if (request.request().getHeader("idempotency-key") != null) {
            throw new Problem.Found(Problem.badRequest(
                    "one Idempotency-Key cannot be the unique id of several messages; each may have its own"));
        }
        Endpoint bornHost = Sending.bornHost(request);
        Results results = new Results(elements.size(), all -> Answers.json(request, 200, all));
        for (int i = 0; i < elements.size(); i++) {
            int index = i;
            try {
                Draft draft = reading.read(elements.getJsonObject(i)).build();
                sending.store(topic, draft, Sending.PRODUCER_GROUP, bornHost, new SendListener() {
                    @Override
                    public void sent(Sent sent) {
                        results.put(index, Sending.toJson(topic, sent).put("status", Sending.status(sent)), false);
                    }

                    @Override
                    public void refused(Refused refused) {
                        results.put(index, Problem.of(refused).toJson(), true);
                    }
                });
            } catch (Problem.Found found) {
                results.put(index, found.problem().toJson(), true);
            }
        }
    }
}
