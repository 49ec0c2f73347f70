package io.vostok.front.http;

import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the parameters of a request that the {@link Contract} has let through. */
final class Query {
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,12})(ms|s|m|h|d)");
    private static final Pattern MILLIS = Pattern.compile("[0-9]{1,15}");

    private final MultiMap parameters;

    Query(RoutingContext request) {
        this.parameters = request.queryParams();
    }

    @Nullable
    String text(String name) {
        @Nullable String value = parameters.get(name);
        return value == null || value.isEmpty() ? null : value;
    }

    int integer(String name, int usual) {
        @Nullable String value = text(name);
        return value == null ? usual : Integer.parseInt(value);
    }

    @Nullable
    Long number(String name) {
        @Nullable String value = text(name);
        return value == null ? null : Long.valueOf(value);
    }

    boolean flag(String name, boolean usual) {
        @Nullable String value = text(name);
        return value == null ? usual : Boolean.parseBoolean(value);
    }

    /** Returns what is given as {@code name[key]=value}, in its order. */
    Map<String, String> entries(String name) {
        Map<String, String> entries = new LinkedHashMap<>();
        String start = name + "[";
        for (Map.Entry<String, String> parameter : parameters) {
            String key = parameter.getKey();
            if (key.startsWith(start) && key.endsWith("]")) {
                entries.put(key.substring(start.length(), key.length() - 1), parameter.getValue());
            }
        }
        return entries;
    }

    /** Returns a duration such as {@code 30s}. @throws Problem.Found when it is none */
    static Duration duration(String name, String text) {
        Matcher parts = DURATION.matcher(text);
        if (!parts.matches()) {
            throw new Problem.Found(Problem.badRequest("`" + name
                    + "` must be a number with ms, s, m, h or d, such as 30s, was `" + Shape.shown(text) + "`"));
        }
        long count = Long.parseLong(parts.group(1));
        return switch (parts.group(2)) {
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
        };
    }

    /** Returns milliseconds since 1970 of a time such as {@code 2026-01-31T12:00:00Z}, or of such a number itself. */
    static long millis(String name, String text) {
        if (MILLIS.matcher(text).matches()) return Long.parseLong(text);
        try {
            return OffsetDateTime.parse(text).toInstant().toEpochMilli();
        } catch (java.time.DateTimeException e) {
            throw new Problem.Found(Problem.badRequest("`" + name
                    + "` must be a time such as 2026-01-31T12:00:00Z or milliseconds since 1970, was `"
                    + Shape.shown(text) + "`"));
        }
    }
}
