package io.vostok.front.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vostok.broker.Refused;
import io.vostok.model.MessageProperties;
import io.vostok.service.RequestReply;
import io.vostok.service.SendListener;
import io.vostok.service.Sent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Request and reply over HTTP: a request waits here for its reply, and a reply finds its requester. One per event loop. */
final class RequestApi {
    static final String REQUEST = "requestReply";
    static final String REPLY = "replyToRequest";

    private static final String USUAL_TIMEOUT = "3s";
    private static final Duration LONGEST = Duration.ofMinutes(5);
    private static final String REPLY_TYPE = "reply";

    private final Sending sending;
    private final Bodies bodies;
    private final JsonBodies json;
    private final List<Duration> delayLevels;
    private final String replyTopic;
    private final AtomicLong ids;

    /**
     * @param cluster whose reply topic takes replies
     * @param ids of peers, counted downwards
     */
    RequestApi(
            Sending sending,
            Bodies bodies,
            JsonBodies json,
            List<Duration> delayLevels,
            String cluster,
            AtomicLong ids) {
        this.sending = sending;
        this.bodies = bodies;
        this.json = json;
        this.delayLevels = delayLevels;
        this.replyTopic = cluster + "_REPLY_TOPIC";
        this.ids = ids;
    }

    /** Sends a message and answers with the reply to it. */
    void request(RoutingContext request, Contract contract) {
        String topic = request.pathParam("topic");
        Query query = new Query(request);
        @Nullable String wanted = query.text("timeout");
        Duration patience = Query.duration("timeout", wanted == null ? USUAL_TIMEOUT : wanted);
        if (patience.isZero() || patience.compareTo(LONGEST) > 0) {
            throw new Problem.Found(Problem.badRequest("`timeout` must be 1ms to 300s, was `" + wanted + "`"));
        }
        MessageJson.BodyForm form = MessageJson.BodyForm.of(query.text("body"));
        DraftReader drafts = new DraftReader(delayLevels, contract, REQUEST, Set.of("timeout", "body"));
        bodies.read(request, body -> {
            Draft draft = drafts.one(request, body).build();
            if (draft.waits()) {
                throw new Problem.Found(Problem.badRequest("a request is answered now: give no delay or deliverAt"));
            }
            Answers.when(
                    request,
                    sending.request(topic, draft, Sending.bornHost(request), patience),
                    reply -> Answers.json(request, 200, toJson(topic, reply, form)));
        });
    }

    private static JsonObject toJson(String topic, RequestReply reply, MessageJson.BodyForm form) {
        Map<String, String> properties = MessageProperties.parse(reply.properties(), 0, reply.properties().length);
        JsonObject shown = new JsonObject();
        MessageJson.putProperties(shown, properties);
        shown.put("bornAt", Instant.ofEpochMilli(reply.bornMillis()).toString()).put("bornHost", reply.replier());
        MessageJson.putContentType(shown, properties);
        if (form != MessageJson.BodyForm.NONE) MessageJson.putBody(shown, reply.body(), reply.sysFlag(), form);
        return new JsonObject()
                .put("correlationId", reply.correlationId())
                .put("request", Sending.toJson(topic, reply.request()))
                .put("reply", shown);
    }

    /** Answers a request that was received over HTTP. */
    void reply(RoutingContext request) {
        String group = request.pathParam("group");
        json.read(request, REPLY, body -> {
            String correlationId = body.getString("correlationId");
            Draft.Builder draft = new Draft.Builder(delayLevels)
                    .contentType(body.getString("contentType"))
                    .system(MessageProperties.MSG_TYPE, REPLY_TYPE)
                    .system(MessageProperties.CORRELATION_ID, correlationId)
                    .system(MessageProperties.REPLY_TO_CLIENT, body.getString("replyTo"));
            JsonObject own = body.getJsonObject("properties", new JsonObject());
            draft.properties(DraftReader.texts(own));
            Buffer bytes = DraftReader.bodyOf(body, draft);
            HttpPeer peer = new HttpPeer(
                    ids.decrementAndGet(), String.valueOf(request.request().remoteAddress()), () -> {});
            sending.reply(
                    replyTopic, draft.body(bytes).build(), group, peer, Sending.bornHost(request), new SendListener() {
                        @Override
                        public void sent(Sent sent) {
                            Answers.json(request, 200, new JsonObject().put("correlationId", correlationId));
                        }

                        @Override
                        public void refused(Refused refused) {
                            Answers.problem(request, Problem.of(refused));
                        }
                    });
        });
    }
}
