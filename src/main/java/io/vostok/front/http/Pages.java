package io.vostok.front.http;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Answers that are lists: {@code {items, next}}. */
final class Pages {
    private static final int USUAL_LIMIT = 100;

    private Pages() {}

    /** Returns the page that the query's {@code limit} and {@code next} ask for, of elements sorted by name. */
    static <T> JsonObject of(Query query, List<T> sorted, Function<T, String> name, Function<T, JsonObject> toJson) {
        int limit = query.integer("limit", USUAL_LIMIT);
        @Nullable String after = query.text("next");
        JsonArray items = new JsonArray();
        @Nullable String last = null;
        for (T each : sorted) {
            String own = name.apply(each);
            if (after != null && own.compareTo(after) <= 0) continue;
            if (items.size() == limit) return list(items).put("next", last);
            items.add(toJson.apply(each));
            last = own;
        }
        return list(items);
    }

    /** Returns a list that is complete. */
    static JsonObject list(JsonArray items) {
        return new JsonObject().put("items", items).putNull("next");
    }
}
