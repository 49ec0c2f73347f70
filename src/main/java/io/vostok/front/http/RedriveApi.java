package io.vostok.front.http;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vostok.broker.retry.RedriveRules.Target;
import io.vostok.service.RedriveAdmin;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Dead letters that are sent again, over HTTP. One per event loop. */
final class RedriveApi {
    static final String START = "redriveDeadLetters";

    private static final int USUAL_RATE = 100;

    private final RedriveAdmin redrives;
    private final JsonBodies bodies;

    RedriveApi(RedriveAdmin redrives, JsonBodies bodies) {
        this.redrives = redrives;
        this.bodies = bodies;
    }

    /** Starts a redrive, or shows what it would send. */
    void start(RoutingContext request) {
        bodies.read(request, START, body -> {
            RedriveAdmin.Wish wish = wish(request.pathParam("group"), body);
            if (body.getBoolean("dryRun", false)) {
                Answers.when(
                        request,
                        redrives.preview(wish),
                        seen -> Answers.json(
                                request,
                                200,
                                new JsonObject()
                                        .put("group", wish.group())
                                        .put("dryRun", true)
                                        .put("scanned", seen.scanned())
                                        .put("matched", seen.matched())
                                        .put("skipped", seen.skipped())
                                        .put("complete", seen.complete())));
                return;
            }
            Answers.when(request, redrives.start(wish), begun -> {
                if (begun == null) {
                    throw new Problem.Found(Problem.conflict(
                            "a redrive of group `" + wish.group() + "` runs already",
                            "wait for its end, or stop it with DELETE /api/v1/groups/…/dlq:redrive"));
                }
                Answers.json(request, 202, toJson(begun));
            });
        });
    }

    private static RedriveAdmin.Wish wish(String group, JsonObject body) {
        List<String> ids = new ArrayList<>();
        JsonArray named = body.getJsonArray("ids", new JsonArray());
        for (int i = 0; i < named.size(); i++) ids.add(named.getString(i));
        if (!ids.isEmpty()) {
            for (String other : List.of("topic", "tag", "filter", "from", "to")) {
                if (body.containsKey(other)) {
                    throw new Problem.Found(Problem.badRequest("`ids` cannot be combined with `" + other + "`"));
                }
            }
        }
        @Nullable String tag = body.getString("tag");
        if (tag != null && body.containsKey("filter")) {
            throw new Problem.Found(Problem.badRequest("give tag or filter, not both"));
        }
        @Nullable String from = body.getString("from");
        @Nullable String to = body.getString("to");
        return new RedriveAdmin.Wish(
                group,
                ids,
                body.getString("topic"),
                tag == null ? null : Reader.tags(tag),
                body.getString("filter"),
                from == null ? 0 : Query.millis("from", from),
                to == null ? Long.MAX_VALUE : Query.millis("to", to),
                Target.valueOf(body.getString("target", "group").toUpperCase(Locale.ROOT)),
                body.getInteger("ratePerSecond", USUAL_RATE),
                body.getBoolean("again", false));
    }

    /** Tells how far the redrive is. */
    void get(RoutingContext request) {
        String group = request.pathParam("group");
        Answers.when(request, redrives.progress(group), progress -> {
            JsonObject none = new JsonObject().put("group", group).put("state", "none");
            Answers.json(request, 200, progress == null ? none : toJson(progress));
        });
    }

    /** Stops the redrive; what was sent stays sent. */
    void stop(RoutingContext request) {
        String group = request.pathParam("group");
        Answers.when(request, redrives.stop(group), progress -> {
            if (progress == null) {
                throw new Problem.Found(Problem.notFound("no redrive of group `" + group + "` runs"));
            }
            Answers.json(request, 200, toJson(progress));
        });
    }

    private static JsonObject toJson(RedriveAdmin.Progress progress) {
        JsonArray failures = new JsonArray();
        for (RedriveAdmin.Failure each : progress.failures()) {
            failures.add(new JsonObject().put("id", each.id()).put("remark", each.remark()));
        }
        JsonObject json = new JsonObject()
                .put("group", progress.group())
                .put("state", progress.state().name().toLowerCase(Locale.ROOT))
                .put("target", progress.target().name().toLowerCase(Locale.ROOT))
                .put("ratePerSecond", progress.perSecond())
                .put("startedAt", time(progress.startedMillis()))
                .put("total", progress.total())
                .put("scanned", progress.scanned())
                .put("matched", progress.matched())
                .put("sent", progress.sent())
                .put("skipped", progress.skipped())
                .put("failed", progress.failed())
                .put("failures", failures);
        if (progress.endedMillis() > 0) json.put("endedAt", time(progress.endedMillis()));
        if (progress.remark() != null) json.put("remark", progress.remark());
        return json;
    }

    private static String time(long millis) {
        return Instant.ofEpochMilli(millis).toString();
    }
}
