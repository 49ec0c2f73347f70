package io.vostok.front.http;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Consumer;
import java.util.function.Function;

/** Waits for the results of all elements of a request; one that fails does not stop the others. */
final class Results {
    private final JsonObject[] results;
    private final Consumer<JsonObject> whenComplete;
    private int missing;
    private int failed;

    Results(int count, Consumer<JsonObject> whenComplete) {
        this.results = new JsonObject[count];
        this.whenComplete = whenComplete;
        this.missing = count;
    }

    void put(int index, JsonObject result, boolean isFailure) {
        results[index] = result;
        if (isFailure) failed++;
        if (--missing > 0) return;
        JsonArray items = new JsonArray();
        for (JsonObject each : results) items.add(each);
        whenComplete.accept(new JsonObject()
                .put("items", items)
                .put("accepted", results.length - failed)
                .put("failed", failed));
    }

    /**
     * Acts on each of {@code names}, and answers with what became of all.
     *
     * @param field under which an item shows its name
     */
    static void each(RoutingContext request, JsonArray names, String field, Function<String, Future<Void>> act) {
        Results results = new Results(names.size(), all -> Answers.json(request, 200, all));
        for (int i = 0; i < names.size(); i++) {
            int index = i;
            String name = names.getString(i);
            act.apply(name).onComplete(done -> {
                JsonObject result = done.succeeded()
                        ? new JsonObject().put("status", 200)
                        : Problem.of(done.cause()).toJson();
                results.put(index, result.put(field, name), done.failed());
            });
        }
    }
}
