package io.vostok.it.kit;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A client of the HTTP API: the JDK's own. */
public final class Http implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String root;
    private final List<WebSocket> sockets = new CopyOnWriteArrayList<>();

    public Http(int port) {
        this.root = "http://127.0.0.1:" + port;
    }

    /** Returns the JSON of a 200. */
    public JsonObject get(String path) {
        HttpResponse<String> answer = call(request(path).GET());
        if (answer.statusCode() != 200) throw new AssertionError(path + ": " + answer.statusCode() + answer.body());
        return new JsonObject(answer.body());
    }

    /** Returns whatever was answered. */
    public HttpResponse<String> answer(String method, String path, String body) {
        return call(request(path)
                .header("content-type", "application/json")
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body)));
    }

    public HttpResponse<String> post(String path, String contentType, String body) {
        return call(request(path).header("content-type", contentType).POST(BodyPublishers.ofString(body)));
    }

    /** Sends an array of messages, all of which must be taken. */
    public void post(String path, JsonArray messages) {
        HttpResponse<String> answer = post(path, "application/json", messages.encode());
        JsonObject results = new JsonObject(answer.body());
        if (answer.statusCode() != 200 || results.getInteger("failed") != 0) {
            throw new AssertionError(path + ": " + answer.statusCode() + answer.body());
        }
    }

    /** Sends a raw body, which must be taken. */
    public void postBytes(String path, byte[] body) {
        HttpResponse<String> answer = call(request(path).POST(BodyPublishers.ofByteArray(body)));
        if (answer.statusCode() != 201) throw new AssertionError(path + ": " + answer.statusCode() + answer.body());
    }

    /** Sends one message, which must be taken; returns the answer. */
    public JsonObject send(String topic, JsonObject message) {
        HttpResponse<String> answer =
                post("/api/v1/topics/" + topic + "/messages", "application/json", message.encode());
        if (answer.statusCode() != 201) throw new AssertionError(answer.statusCode() + answer.body());
        return new JsonObject(answer.body());
    }

    /** Returns what comes over a WebSocket, as it comes. */
    public List<JsonObject> webSocket(String path) {
        List<JsonObject> received = new CopyOnWriteArrayList<>();
        StringBuilder text = new StringBuilder();
        sockets.add(client.newWebSocketBuilder()
                .buildAsync(URI.create(root.replace("http:", "ws:") + path), new WebSocket.Listener() {
                    @Override
                    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
                        text.append(data);
                        if (last) {
                            received.add(new JsonObject(text.toString()));
                            text.setLength(0);
                        }
                        socket.request(1);
                        return null;
                    }
                })
                .join());
        return received;
    }

    /** Follows a stream of events. */
    public Events events(String path, Map<String, String> headers) {
        HttpRequest.Builder request = request(path);
        headers.forEach(request::header);
        return new Events(open(request), false);
    }

    /** Opens a stream of events and takes none before {@link Events#goOn}. */
    public Events slowEvents(String path) {
        return new Events(open(request(path)), true);
    }

    private InputStream open(HttpRequest.Builder request) {
        try {
            HttpResponse<InputStream> answer = client.send(request.GET().build(), BodyHandlers.ofInputStream());
            if (answer.statusCode() != 200) throw new AssertionError("no stream: " + answer.statusCode());
            return answer.body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(root + path));
    }

    private HttpResponse<String> call(HttpRequest.Builder request) {
        try {
            return client.send(request.timeout(PATIENCE).build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        sockets.forEach(WebSocket::abort);
    }

    /** A stream of events that is being read on a thread of its own. */
    public static final class Events implements AutoCloseable {
        private final InputStream in;
        private final List<String> bodies = new CopyOnWriteArrayList<>();
        private final AtomicInteger count = new AtomicInteger();
        private final CountDownLatch mayRead;
        private final boolean keepsNone;
        private volatile String lastId = "";

        Events(InputStream in, boolean slow) {
            this.in = in;
            this.mayRead = new CountDownLatch(slow ? 1 : 0);
            this.keepsNone = slow;
            Thread reading = new Thread(this::read, "events");
            reading.setDaemon(true);
            reading.start();
        }

        private void read() {
            try (BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
                mayRead.await();
                String line = lines.readLine();
                String id = "";
                while (line != null) {
                    if (line.startsWith("id: ")) id = line.substring(4);
                    if (line.startsWith("data: ")) {
                        if (!keepsNone) bodies.add(new JsonObject(line.substring(6)).getString("body"));
                        lastId = id;
                        count.incrementAndGet();
                    }
                    line = lines.readLine();
                }
            } catch (IOException | InterruptedException closed) {
                // The end of a stream that was closed from here.
            }
        }

        /** Bodies of the messages so far. */
        public List<String> bodies() {
            return bodies;
        }

        public int count() {
            return count.get();
        }

        public String lastId() {
            return lastId;
        }

        /** Lets a slow reader read. */
        public void goOn() {
            mayRead.countDown();
        }

        @Override
        public void close() {
            mayRead.countDown();
            try {
                in.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
