package io.vostok.front.http;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.util.regex.Pattern;

/**
 * One thing that can be asked for over HTTP.
 *
 * @param id names it in the OpenAPI document
 * @param path with its variables in braces, as the document has it: {@code /api/v1/topics/{topic}/messages}
 */
record Operation(String id, HttpMethod method, String path, Handler<RoutingContext> handler) {
    private static final Pattern VARIABLE = Pattern.compile("\\{([a-zA-Z]+)}");
    private static final Pattern SPECIAL = Pattern.compile("[.:]");

    /** Returns the expression that exactly the paths of this operation match, with a named group for each variable. */
    String pathPattern() {
        String literal = SPECIAL.matcher(path).replaceAll("\\\\$0");
        return VARIABLE.matcher(literal).replaceAll("(?<$1>[^/:]+)");
    }
}
