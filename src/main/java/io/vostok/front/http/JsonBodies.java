package io.vostok.front.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads request bodies that are JSON, and holds them against the contract. One per event loop. */
final class JsonBodies {
    static final String JSON = "application/json";
    /** What curl says when it was told nothing: no statement about the body. */
    static final String FORM = "application/x-www-form-urlencoded";

    private static final Set<String> TAKEN = Set.of(JSON, FORM, "");

    private final Bodies bodies;
    private final Resources resources;

    JsonBodies(Bodies bodies, Resources resources) {
        this.bodies = bodies;
        this.resources = resources;
    }

    /** Hands the body, an object as the contract has it for the operation, to {@code then}. */
    void read(RoutingContext request, String operation, Consumer<JsonObject> then) {
        String mediaType = mediaType(request.request().getHeader("content-type"));
        if (!TAKEN.contains(mediaType)) {
            throw new Problem.Found(new Problem(
                    415,
                    "media-type",
                    1,
                    "the body must be " + JSON + ", was " + Shape.shown(mediaType),
                    "send JSON with the header content-type: " + JSON,
                    0));
        }
        bodies.read(request, body -> {
            Object value = parse(body);
            @Nullable Contract contract = resources.contractIfRead();
            if (contract == null) throw new IllegalStateException("a request came past the contract");
            contract.checkBody(operation, JSON, value);
            then.accept((JsonObject) value);
        });
    }

    static String mediaType(@Nullable String contentType) {
        if (contentType == null) return "";
        int end = contentType.indexOf(';');
        return (end < 0 ? contentType : contentType.substring(0, end)).trim().toLowerCase(Locale.ROOT);
    }

    /** Returns the body as a JSON object or array. @throws Problem.Found when it is none */
    static Object parse(Buffer body) {
        try {
            @Nullable Object value = body.length() == 0 ? null : Json.decodeValue(body);
            if (value != null) return value;
        } catch (DecodeException e) {
            throw new Problem.Found(Problem.badRequest("the body is broken JSON: " + firstLine(e.getMessage())));
        }
        throw new Problem.Found(Problem.badRequest("the body must be a JSON object or array, was null"));
    }

    private static String firstLine(@Nullable String text) {
        String line = String.valueOf(text).lines().findFirst().orElse("");
        return Shape.shown(line.replace("Failed to decode:", "").trim());
    }
}
