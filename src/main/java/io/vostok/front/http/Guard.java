package io.vostok.front.http;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Keeps pages of other origins from using a browser's reach: a form or script of any page in the world may send to
 * loopback, and a WebSocket may even read from it. What sends no {@code Origin} is no page and passes.
 */
final class Guard implements Handler<RoutingContext> {
    private static final Pattern NUMERIC = Pattern.compile("[0-9.]+|\\[?[0-9a-fA-F:.]+]?");

    private final boolean loopbackOnly;

    /** @param loopbackOnly whether only this machine can connect; then names that strangers may resolve to it are refused */
    Guard(boolean loopbackOnly) {
        this.loopbackOnly = loopbackOnly;
    }

    @Override
    public void handle(RoutingContext request) {
        request.response().putHeader("x-content-type-options", "nosniff").putHeader("cache-control", "no-store");
        @Nullable Problem problem = problem(request.request());
        if (problem == null) {
            request.next();
        } else {
            Answers.problem(request, problem);
        }
    }

    private @Nullable Problem problem(HttpServerRequest request) {
        @Nullable HostAndPort authority = request.authority();
        if (authority == null) return Problem.badRequest("the header Host is missing or malformed");
        if (loopbackOnly && !ownName(authority.host())) {
            return Problem.forbidden(
                    "this port serves its own machine only and is not known as `" + shown(authority.host()) + "`",
                    "use localhost or 127.0.0.1, or set http.host");
        }
        @Nullable String origin = request.getHeader("origin");
        if (origin != null && !sameOrigin(origin, request)) {
            return Problem.forbidden(
                    "a page of another origin (`" + shown(origin) + "`) may not use this server",
                    "call it from a page that it serves, or from outside of a browser");
        }
        return null;
    }

    /** A name in the DNS may point here and belong to anybody; an address cannot. */
    private static boolean ownName(String host) {
        return host.equalsIgnoreCase("localhost")
                || host.endsWith(".localhost")
                || NUMERIC.matcher(host).matches();
    }

    private static boolean sameOrigin(String origin, HttpServerRequest request) {
        int scheme = origin.indexOf("://");
        return scheme > 0 && origin.substring(scheme + 3).equalsIgnoreCase(request.getHeader("host"));
    }

    private static String shown(String text) {
        return text.length() > 100 ? text.substring(0, 100) + "…" : text;
    }
}
