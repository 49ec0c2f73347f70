package io.vostok.front.http;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Consumer;

/** Writes answers. One that nobody waits for any more is dropped. */
final class Answers {
    private Answers() {}

    static Future<Void> json(RoutingContext request, int status, JsonObject body) {
        return send(request, status, "application/json", body.toBuffer());
    }

    static void problem(RoutingContext request, Problem problem) {
        HttpServerResponse response = request.response();
        if (response.headWritten()) {
            // The head is gone, so the only way to tell is to break off.
            if (!response.ended()) request.request().connection().close();
            return;
        }
        if (problem.retryAfterSeconds() > 0) {
            response.putHeader("retry-after", Integer.toString(problem.retryAfterSeconds()));
        }
        send(
                request,
                problem.status(),
                "application/problem+json",
                problem.toJson().toBuffer());
    }

    /** Says that it is done, where there is nothing else to say. */
    static void done(RoutingContext request) {
        HttpServerResponse response = request.response();
        if (!response.ended() && !response.closed()) response.setStatusCode(204).end();
    }

    /** Hands {@code done}'s value to {@code answer}; a failure, its own included, becomes a problem. */
    static <T> void when(RoutingContext request, Future<T> done, Consumer<T> answer) {
        done.onComplete(result -> {
            if (result.failed()) {
                request.fail(result.cause());
                return;
            }
            guarded(request, () -> answer.accept(result.result()));
        });
    }

    /** Runs what answers outside of the request's own turn, where nobody else would answer after a failure. */
    static void guarded(RoutingContext request, Runnable answer) {
        try {
            answer.run();
        } catch (RuntimeException failure) {
            request.fail(failure);
        }
    }

    /** Completes when the answer was written; fails when nobody waits for it any more. */
    static Future<Void> send(RoutingContext request, int status, String contentType, Buffer body) {
        HttpServerResponse response = request.response();
        if (response.ended() || response.closed()) return Future.failedFuture("nobody waits for the answer");
        return response.setStatusCode(status)
                .putHeader("content-type", contentType)
                .end(body);
    }
}
