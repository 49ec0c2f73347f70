package io.vostok.front.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes drafts of messages of what requests say: a body as it is, messages written as JSON, CloudEvents. */
final class DraftReader {
    private final List<Duration> delayLevels;
    private final Contract contract;
    private final String operation;
    private final Set<String> otherParameters;

    /**
     * @param operation whose JSON bodies the contract describes
     * @param otherParameters of the query that say nothing about the message
     */
    DraftReader(List<Duration> delayLevels, Contract contract, String operation, Set<String> otherParameters) {
        this.delayLevels = delayLevels;
        this.contract = contract;
        this.operation = operation;
        this.otherParameters = Set.copyOf(otherParameters);
    }

    /** Reads a request that is one message. @throws Problem.Found when it is none */
    Draft.Builder one(RoutingContext request, Buffer body) {
        @Nullable String contentType = request.request().getHeader("content-type");
        String mediaType = JsonBodies.mediaType(contentType);
        if (CloudEvents.isBinary(request.request().headers())) {
            Draft.Builder draft = fromQuery(request);
            CloudEvents.binary(request.request().headers(), contentType, draft);
            return draft.body(body);
        }
        if (mediaType.equals(CloudEvents.STRUCTURED)) {
            Object event = JsonBodies.parse(body);
            contract.checkBody(operation, mediaType, event);
            Draft.Builder draft = fromQuery(request);
            return draft.body(CloudEvents.structured((JsonObject) event, body, draft));
        }
        if (mediaType.equals(JsonBodies.JSON)) {
            Object message = JsonBodies.parse(body);
            contract.checkBody(operation, mediaType, message);
            return oneFromJson(request, (JsonObject) message);
        }
        if (mediaType.equals(CloudEvents.BATCH)) {
            throw new Problem.Found(Problem.badRequest("this operation takes one message, not a batch of events"));
        }
        Draft.Builder draft = fromQuery(request);
        if (!mediaType.equals(JsonBodies.FORM)) draft.contentType(contentType);
        return draft.body(body);
    }

    Draft.Builder oneFromJson(RoutingContext request, JsonObject message) {
        refuseQuery(request);
        return fromJson(message).uniqueId(request.request().getHeader("idempotency-key"));
    }

    Draft.Builder fromQuery(RoutingContext request) {
        Query query = new Query(request);
        return new Draft.Builder(delayLevels)
                .keys(query.text("key"))
                .tag(query.text("tag"))
                .uniqueId(request.request().getHeader("idempotency-key"))
                .messageGroup(query.text("messageGroup"))
                .queue(query.text("queue") == null ? null : query.integer("queue", 0))
                .deliver(query.text("delay"), query.text("deliverAt"))
                .properties(query.entries("properties"));
    }

    /** What a message says in JSON is not said a second time beside it. */
    void refuseQuery(RoutingContext request) {
        for (String name : request.queryParams().names()) {
            if (otherParameters.contains(name)) continue;
            throw new Problem.Found(Problem.badRequest("a message written as JSON says `" + name
                    + "` in its JSON; query parameters are for other bodies"));
        }
    }

    Draft.Builder fromJson(JsonObject message) {
        Draft.Builder draft = draftOf(message);
        return draft.body(bodyOf(message, draft));
    }

    private Draft.Builder draftOf(JsonObject message) {
        return new Draft.Builder(delayLevels)
                .keys(message.getString("key"))
                .tag(message.getString("tag"))
                .uniqueId(message.getString("idempotencyKey"))
                .messageGroup(message.getString("messageGroup"))
                .queue(message.getInteger("queue"))
                .contentType(message.getString("contentType"))
                .deliver(message.getString("delay"), message.getString("deliverAt"))
                .properties(texts(message.getJsonObject("properties", new JsonObject())));
    }

    static Map<String, String> texts(JsonObject given) {
        Map<String, String> texts = new LinkedHashMap<>();
        for (String name : given.fieldNames()) texts.put(name, given.getString(name));
        return texts;
    }

    /** A text is the body; any other JSON value is stored as JSON. */
    static Buffer bodyOf(JsonObject message, Draft.Builder draft) {
        @Nullable String base64 = message.getString("bodyBase64");
        if ((base64 == null) == !message.containsKey("body")) {
            throw new Problem.Found(Problem.badRequest("a message has body or bodyBase64, and not both"));
        }
        if (base64 != null) {
            try {
                return Buffer.buffer(Base64.getDecoder().decode(base64));
            } catch (IllegalArgumentException e) {
                throw new Problem.Found(Problem.badRequest("bodyBase64 is no base64: " + e.getMessage()));
            }
        }
        @Nullable Object body = message.getValue("body");
        if (body instanceof String text) return Buffer.buffer(text);
        if (!message.containsKey("contentType")) draft.contentType(JsonBodies.JSON);
        return Json.encodeToBuffer(body);
    }
}
