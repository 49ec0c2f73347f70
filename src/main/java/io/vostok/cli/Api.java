package io.vostok.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The HTTP API of one server. Blocks until it has answered. */
final class Api {
    static final JsonMapper JSON = new JsonMapper();

    private static final String ROOT = "/api/v1";
    private static final Duration CONNECT = Duration.ofSeconds(5);
    /** Longer than the server holds any request that waits for messages. */
    private static final Duration ANSWER = Duration.ofMinutes(2);

    private static final int PAGE = 500;

    private final String url;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .build();

    /** @param url of the server, without a path */
    Api(String url) {
        this.url = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    }

    /** Prepares a request; each {@code {}} of the path stands for one of {@code names}. */
    Call call(String method, String path, String... names) {
        StringBuilder filled = new StringBuilder(path.startsWith("/") ? path : ROOT + "/" + path);
        for (String name : names) {
            int at = filled.indexOf("{}");
            filled.replace(at, at + 2, encoded(name));
        }
        return new Call(method, filled.toString());
    }

    Call get(String path, String... names) {
        return call("GET", path, names);
    }

    /** Name of the broker that answers, among those of its cluster. */
    String brokerName() {
        JsonNode brokers = get("cluster").answer().path("brokers");
        for (JsonNode broker : brokers) {
            if (broker.path("self").asBoolean()) return broker.path("name").asText();
        }
        throw strange("no broker of the cluster is its own");
    }

    String url() {
        return url;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** A request that is being written. */
    final class Call {
        private final String method;
        private final StringBuilder address;
        private @Nullable JsonNode body;
        private @Nullable String eventId;

        private Call(String method, String path) {
            this.method = method;
            this.address = new StringBuilder(path);
        }

        /** Adds a parameter; null leaves it out. */
        Call with(String name, @Nullable Object value) {
            if (value == null) return this;
            address.append(address.indexOf("?") < 0 ? '?' : '&')
                    .append(name)
                    .append('=')
                    .append(encoded(value.toString()));
            return this;
        }

        Call body(JsonNode json) {
            body = json;
            return this;
        }

        /** Goes on behind this event of a stream. */
        Call after(@Nullable String id) {
            eventId = id;
            return this;
        }

        /** Sends it. Returns the answer; a missing node when that has no body. @throws ApiException unless it was served */
        JsonNode answer() {
            HttpResponse<String> response = send(BodyHandlers.ofString(StandardCharsets.UTF_8));
            if (response.statusCode() >= 400) throw problem(response.statusCode(), response.body());
            return response.body().isEmpty() ? MissingNode.getInstance() : parse(response.body());
        }

        /** As {@link #answer}, whatever the status is. */
        JsonNode anyAnswer() {
            return parse(send(BodyHandlers.ofString(StandardCharsets.UTF_8)).body());
        }

        /** Sends it, and again for each further page. Returns the first answer with the items of all. */
        ObjectNode pages() {
            int written = with("limit", PAGE).address.length();
            JsonNode first = answer();
            if (!(first instanceof ObjectNode all)) throw strange("no list");
            ArrayNode items = all.withArray("items");
            for (JsonNode next = all.path("next"); next.isTextual(); ) {
                address.setLength(written);
                JsonNode page = with("next", next.asText()).answer();
                page.path("items").forEach(items::add);
                next = page.path("next");
            }
            all.remove("next");
            return all;
        }

        /** Sends it and returns what does not end by itself. */
        InputStream stream() {
            HttpResponse<InputStream> response = send(BodyHandlers.ofInputStream());
            if (response.statusCode() < 400) return response.body();
            try (InputStream rest = response.body()) {
                throw problem(response.statusCode(), new String(rest.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw broken(e);
            }
        }

        private <T> HttpResponse<T> send(HttpResponse.BodyHandler<T> handler) {
            try {
                HttpRequest.Builder request =
                        HttpRequest.newBuilder(URI.create(url + address)).timeout(ANSWER);
                if (body != null) request.header("content-type", "application/json");
                if (eventId != null) request.header("last-event-id", eventId);
                request.method(
                        method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body.toString()));
                return client.send(request.build(), handler);
            } catch (IllegalArgumentException e) {
                throw ApiException.unreachable(
                        url + " is no URL of a server: " + e.getMessage(), "such as http://127.0.0.1:8082");
            } catch (IOException e) {
                throw broken(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw ApiException.unreachable("interrupted", "do it again");
            }
        }
    }

    private ApiException broken(IOException e) {
        String why = e instanceof HttpTimeoutException
                ? "no answer in time"
                : e instanceof ConnectException ? "nothing listens there" : String.valueOf(e.getMessage());
        return ApiException.unreachable(
                "cannot reach " + url + ": " + why,
                "is the server running, with the role http? --url or VOSTOK_URL say where it is");
    }

    private ApiException strange(String what) {
        return ApiException.unreachable(
                url + " does not answer as Vostok's HTTP port does: " + what, "--url takes the address of `http.port`");
    }

    private ApiException problem(int status, String body) {
        JsonNode problem;
        try {
            problem = JSON.readTree(body);
        } catch (JsonProcessingException e) {
            return strange("status " + status);
        }
        if (!problem.path("remark").isTextual()) return strange("status " + status);
        return ApiException.refused(
                problem.path("remark").asText(), problem.path("hint").asText());
    }

    private JsonNode parse(String body) {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw strange("no JSON");
        }
    }
}
