package io.vostok.front.http;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The files for browsers, from the jar: read on first use and kept. One for all event loops.
 *
 * <p>Only names that a pattern allows are looked up, so nothing outside of {@code console/} can be asked for, but for the
 * libraries that are named here.
 */
public final class Files {
    /** Nothing runs or loads that this server did not deliver as a file; data images are for drawings in style sheets. */
    static final String CONTENT_SECURITY_POLICY = "default-src 'none'; script-src 'self'; style-src 'self';"
            + " img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none';"
            + " form-action 'none'; frame-ancestors 'none'";

    private static final String FOLDER = "console/";

    /** Where the jars of others have what the console knows under a name of its own; the version is that of the pom. */
    private static final Map<String, String> LIBRARIES =
            Map.of("lib/htm.js", "META-INF/resources/_static/htm/3.1.1/preact/standalone.module.js");

    private static final Pattern NAME = Pattern.compile("(?:[a-zA-Z0-9_-]+/){0,4}[a-zA-Z0-9_-]+(?:\\.[a-zA-Z0-9_-]+)*");
    private static final int MOST_FILES = 1_000;
    private static final Map<String, String> TYPES = Map.ofEntries(
            Map.entry("html", "text/html; charset=utf-8"),
            Map.entry("js", "text/javascript; charset=utf-8"),
            Map.entry("mjs", "text/javascript; charset=utf-8"),
            Map.entry("css", "text/css; charset=utf-8"),
            Map.entry("json", "application/json"),
            Map.entry("webmanifest", "application/manifest+json"),
            Map.entry("svg", "image/svg+xml"),
            Map.entry("png", "image/png"),
            Map.entry("ico", "image/x-icon"),
            Map.entry("woff2", "font/woff2"),
            Map.entry("txt", "text/plain; charset=utf-8"));

    private final Map<String, Found> kept = new ConcurrentHashMap<>();

    /** @param tag changes with the content */
    record Found(Buffer content, String type, String tag) {}

    /** Serves a file of the console; a folder is its {@code index.html}. */
    void serve(RoutingContext request, Vertx vertx) {
        String path = request.normalizedPath().substring(1);
        serve(request, vertx, path.isEmpty() || path.endsWith("/") ? path + "index.html" : path);
    }

    /** Serves the file {@code name} of the console's folder. */
    void serve(RoutingContext request, Vertx vertx, String name) {
        if (!NAME.matcher(name).matches()) {
            request.fail(404);
            return;
        }
        @Nullable Found already = kept.get(name);
        if (already != null) {
            answer(request, already);
            return;
        }
        Future<@Nullable Found> reading = vertx.executeBlocking(() -> find(name));
        Answers.when(request, reading, found -> {
            if (found == null) {
                request.fail(404);
                return;
            }
            if (kept.size() < MOST_FILES) kept.put(name, found);
            answer(request, found);
        });
    }

    private static void answer(RoutingContext request, Found found) {
        request.response()
                .putHeader("etag", found.tag())
                .putHeader("cache-control", "no-cache")
                .putHeader("content-security-policy", CONTENT_SECURITY_POLICY)
                .putHeader("referrer-policy", "no-referrer")
                .putHeader("x-frame-options", "DENY");
        if (found.tag().equals(request.request().getHeader("if-none-match"))) {
            request.response().setStatusCode(304).end();
            return;
        }
        Answers.send(request, 200, found.type(), found.content());
    }

    /** Reads what the console knows as {@code name}, or returns null when there is none. Blocks. */
    static @Nullable Found find(String name) {
        @Nullable String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        @Nullable Buffer content = type == null ? null : resource(LIBRARIES.getOrDefault(name, FOLDER + name));
        if (content == null || type == null) return null;
        CRC32 sum = new CRC32();
        sum.update(content.getBytes());
        return new Found(content, type, "\"" + Long.toHexString(sum.getValue()) + "-" + content.length() + "\"");
    }

    /** Reads a file of the jar, or returns null when there is none. Blocks. */
    static @Nullable Buffer resource(String name) {
        try (@Nullable InputStream in = Files.class.getClassLoader().getResourceAsStream(name)) {
            return in == null ? null : Buffer.buffer(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + name + " from the jar", e);
        }
    }
}
