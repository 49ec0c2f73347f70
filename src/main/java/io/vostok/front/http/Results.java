package io.vostok.front.http;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.function.Consumer;

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
}
