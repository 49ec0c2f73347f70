package io.vostok.front.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.kit.Await;
import io.vostok.time.SystemClock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpVerticleTest {
    private static final int LARGEST_BODY = 100_000;
    private static final Duration SOON = Duration.ofSeconds(20);

    private final Vertx vertx = Vertx.vertx();
    private final ScriptedBroker broker = new ScriptedBroker();
    private final HttpClient client = HttpClient.newHttpClient();
    private final HttpSettings settings = settings(freePort());
    private volatile @Nullable String notReady;
    private volatile @Nullable Api api;

    static HttpSettings settings(int port) {
        return new HttpSettings(
                "127.0.0.1",
                port,
                LARGEST_BODY,
                2 * LARGEST_BODY,
                8,
                new AtomicInteger(),
                2,
                new AtomicInteger(),
                Duration.ofSeconds(2),
                Duration.ofSeconds(60),
                8,
                List.of(Duration.ofSeconds(1), Duration.ofSeconds(5)),
                "1.2.3");
    }

    private static int freePort() {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        } catch (IOException e) {
            throw new AssertionError("no free port", e);
        }
    }

    @BeforeEach
    void start() throws Exception {
        Api.Parts parts = new Api.Parts(
                broker.faceWith(new ScriptedAdmin()),
                new SystemClock(),
                () -> notReady,
                new Resources(),
                new AtomicLong());
        vertx.deployVerticle(new HttpVerticle(settings, own -> {
                    Api made = new Api(own, settings, parts);
                    api = made;
                    return made;
                }))
                .toCompletionStage()
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
    }

    @AfterEach
    void stop() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    @Test
    void tellsThatItRunsAndWhatItIs() throws Exception {
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
        assertThat(get("/health/startup").statusCode()).isEqualTo(200);
        assertThat(json(get("/version")).getString("version")).isEqualTo("1.2.3");
    }

    @Test
    void isReadyUnlessThereIsAReason() throws Exception {
        assertThat(get("/health/ready").statusCode()).isEqualTo(200);

        notReady = "the disk is full";

        HttpResponse<String> answer = get("/health/ready");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(json(answer).getString("reason")).isEqualTo("the disk is full");
    }

    @Test
    void handsOverARawBodyWithAllThatGoesWithIt() throws Exception {
        HttpResponse<String> answer = client.send(
                post("/api/v1/topics/orders/messages?key=k1%20k2&tag=created&properties%5Bregion%5D=eu&queue=3")
                        .header("content-type", "text/csv; charset=utf-8")
                        .header("Idempotency-Key", "once")
                        .POST(BodyPublishers.ofString("a;b"))
                        .build(),
                BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(201);
        assertThat(answer.headers().firstValue("location"))
                .hasValue("/api/v1/topics/orders/messages/7F00000100002A9F0000000000000000");
        assertThat(broker.taken).singleElement().satisfies(taken -> {
            assertThat(taken.body()).isEqualTo("a;b");
            assertThat(taken.send().queueId()).isEqualTo(3);
            assertThat(taken.properties())
                    .containsEntry("KEYS", "k1 k2")
                    .containsEntry("TAGS", "created")
                    .containsEntry("UNIQ_KEY", "once")
                    .containsEntry("contentType", "text/csv; charset=utf-8")
                    .containsEntry("region", "eu")
                    .hasSize(5);
        });
    }

    @Test
    void sendsOneGroupToTheQueueThatApachesSelectorChooses() throws Exception {
        // The absolute hash code modulo four; that of the last text has no absolute value.
        Map<String, Integer> queues = Map.of("order-1", 2, "order-2", 1, "order-5", 2, "polygenelubricants", 0);

        for (Map.Entry<String, Integer> each : queues.entrySet()) {
            sendJson(new JsonObject().put("body", "x").put("messageGroup", each.getKey()));
            assertThat(broker.taken.get(broker.taken.size() - 1).send().queueId())
                    .as(each.getKey())
                    .isEqualTo(each.getValue());
        }
    }

    @Test
    void turnsADelayIntoALevelOrATime() throws Exception {
        sendJson(new JsonObject().put("body", "x").put("delay", "5s"));
        sendJson(new JsonObject().put("body", "x").put("delay", "90s"));
        sendJson(new JsonObject().put("body", "x").put("deliverAt", "2033-05-18T03:33:20Z"));

        assertThat(broker.taken.get(0).properties()).containsOnly(Map.entry("DELAY", "2"));
        assertThat(broker.taken.get(1).properties()).containsOnly(Map.entry("TIMER_DELAY_MS", "90000"));
        assertThat(broker.taken.get(2).properties()).containsOnly(Map.entry("TIMER_DELIVER_MS", "2000000000000"));
    }

    @Test
    void keepsWhatIsNoTextAsJson() throws Exception {
        sendJson(new JsonObject().put("body", new JsonObject().put("a", 1)));
        sendJson(new JsonObject().put("bodyBase64", "AQI="));

        assertThat(broker.taken.get(0).body()).isEqualTo("{\"a\":1}");
        assertThat(broker.taken.get(0).properties()).containsEntry("contentType", "application/json");
        assertThat(broker.taken.get(1).body()).isEqualTo("\u0001\u0002");
    }

    @Test
    void answersForEachElementOfAnArray() throws Exception {
        JsonArray array = new JsonArray()
                .add(new JsonObject().put("body", "one"))
                .add(new JsonObject())
                .add(new JsonObject().put("body", "three").put("properties", new JsonObject().put("KEYS", "k")))
                .add(new JsonObject().put("body", "four"));

        HttpResponse<String> answer = send("application/json", array.encode());

        assertThat(answer.statusCode()).isEqualTo(200);
        JsonObject results = json(answer);
        assertThat(results.getInteger("accepted")).isEqualTo(2);
        assertThat(results.getJsonArray("items").stream().map(item -> ((JsonObject) item).getInteger("status")))
                .containsExactly(201, 400, 400, 201);
        assertThat(broker.taken).extracting(ScriptedBroker.Taken::body).containsExactly("one", "four");
    }

    @Test
    void refusesOneIdempotencyKeyForSeveralMessages() throws Exception {
        HttpResponse<String> answer = client.send(
                post("/api/v1/topics/orders/messages")
                        .header("content-type", "application/json")
                        .header("Idempotency-Key", "once")
                        .POST(BodyPublishers.ofString("[{\"body\":\"a\"},{\"body\":\"b\"}]"))
                        .build(),
                BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(broker.taken).isEmpty();
    }

    @Test
    void keepsACloudEventOfHeadersAsTheRocketmqBindingWants() throws Exception {
        client.send(
                post("/api/v1/topics/orders/messages")
                        .header("content-type", "text/plain")
                        .header("ce-specversion", "1.0")
                        .header("ce-id", "e1")
                        .header("ce-source", "/shop%20one")
                        .header("ce-type", "created+")
                        .header("ce-partitionkey", "order-1")
                        .POST(BodyPublishers.ofString("data"))
                        .build(),
                BodyHandlers.ofString());

        assertThat(broker.taken).singleElement().satisfies(taken -> {
            assertThat(taken.body()).isEqualTo("data");
            assertThat(taken.send().queueId()).isEqualTo(2);
            assertThat(taken.properties())
                    .containsEntry("CE_specversion", "1.0")
                    .containsEntry("CE_id", "e1")
                    .containsEntry("CE_source", "/shop one")
                    .containsEntry("CE_type", "created+")
                    .containsEntry("CE_contenttype", "text/plain")
                    .containsEntry("KEYS", "e1");
        });
    }

    @Test
    void keepsAStructuredCloudEventAsItIs() throws Exception {
        String event = "{ \"specversion\": \"1.0\", \"id\":\"e 2\", \"source\":\"s\", \"type\":\"t\", \"data\":1 }";

        assertThat(send("application/cloudevents+json; charset=utf-8", event).statusCode())
                .isEqualTo(201);
        assertThat(send("application/cloudevents-batch+json", "[" + event + "]").statusCode())
                .isEqualTo(200);
        assertThat(send("application/cloudevents+json", "{\"id\":\"1\"}").statusCode())
                .isEqualTo(400);

        assertThat(broker.taken).hasSize(2);
        assertThat(broker.taken.get(0).body()).isEqualTo(event);
        assertThat(broker.taken.get(0).properties())
                .containsEntry("CE_contenttype", "application/cloudevents+json")
                .doesNotContainKey("KEYS");
        assertThat(new JsonObject(broker.taken.get(1).body())).isEqualTo(new JsonObject(event));
    }

    @ParameterizedTest
    @EnumSource(Refusal.class)
    void tellsEveryRefusalAsAProblem(Refusal refusal) throws Exception {
        broker.refuse(new Refused(refusal, "these words"));

        HttpResponse<String> answer = send("text/plain", "x");

        JsonObject problem = json(answer);
        assertThat(answer.headers().firstValue("content-type")).hasValue("application/problem+json");
        assertThat(answer.statusCode()).isBetween(400, 599).isEqualTo(problem.getInteger("status"));
        assertThat(problem.getString("remark")).isEqualTo("these words");
        assertThat(problem.getInteger("code")).isPositive();
        assertThat(problem.getString("hint")).isNotBlank();
        boolean mayPass = EnumSet.of(
                        Refusal.BUSY,
                        Refusal.FLOW_CONTROL,
                        Refusal.NOT_WRITABLE,
                        Refusal.NO_ANSWER,
                        Refusal.SUBSCRIPTION_OUTDATED)
                .contains(refusal);
        assertThat(answer.headers().firstValue("retry-after").isPresent()).isEqualTo(mayPass);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"body\":\"x\",\"bodyBase64\":\"eA==\"}",
                "{\"bodyBase64\":\"?\"}",
                "{\"body\":\"x\",\"delay\":\"soon\"}",
                "{\"body\":\"x\",\"delay\":\"1s\",\"deliverAt\":\"1\"}",
                "{\"body\":\"x\",\"queue\":1,\"messageGroup\":\"g\"}",
                "{\"body\":\"x\",\"properties\":{\"TIMER_DELIVER_MS\":\"1\"}}",
                "{\"body\":\"x\",\"properties\":{\"a\":\"b\\u0001c\"}}",
                "{\"body\":\"x\",\"nobody\":1}",
                "{\"body\":",
                "null",
                "7",
                "[]",
                "[1]",
            })
    void refusesWhatItCannotKeep(String message) throws Exception {
        HttpResponse<String> answer = send("application/json", message);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(broker.taken).isEmpty();
    }

    @Test
    void refusesJsonThatIsNestedTooDeep() throws Exception {
        String deep = "{\"body\":" + "[".repeat(40_000) + "]".repeat(40_000) + "}";

        assertThat(send("application/json", deep).statusCode()).isEqualTo(400);
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void takesALargestBodyAndRefusesALargerOne() throws Exception {
        assertThat(send("text/plain", "x".repeat(LARGEST_BODY)).statusCode()).isEqualTo(201);
        assertThat(send("text/plain", "x".repeat(LARGEST_BODY + 1)).statusCode())
                .isEqualTo(413);
    }

    @Test
    void refusesABodyThatInflatesBeyondTheLimit() throws Exception {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
            for (int i = 0; i < 500; i++) out.write(new byte[LARGEST_BODY]);
        }
        assertThat(zipped.size()).isLessThan(LARGEST_BODY);

        HttpResponse<String> answer = client.send(
                post("/api/v1/topics/orders/messages")
                        .header("content-encoding", "gzip")
                        .POST(BodyPublishers.ofByteArray(zipped.toByteArray()))
                        .build(),
                BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(broker.taken).isEmpty();
    }

    @Test
    void breaksOffABodyThatDoesNotCome() throws Exception {
        try (Socket socket = connect()) {
            write(
                    socket,
                    "POST /api/v1/topics/orders/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf");

            assertThat(readAll(socket)).startsWith("HTTP/1.1 408 ");
        }
        assertThat(broker.taken).isEmpty();
    }

    @Test
    void refusesABodyWhileTooManyAreBeingRead() throws Exception {
        try (Socket one = connect();
                Socket two = connect();
                Socket three = connect()) {
            String half = "x".repeat(90_000);
            for (Socket each : List.of(one, two)) {
                write(
                        each,
                        "POST /api/v1/topics/orders/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 90001\r\n\r\n"
                                + half);
            }
            Await.until("both are read", SOON, () -> api != null && api.heldBytes() == 180_000);
            write(
                    three,
                    "POST /api/v1/topics/orders/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 30000\r\n\r\n");

            String answer = readAll(three);
            assertThat(answer).startsWith("HTTP/1.1 503 ").contains("retry-after: 1");
        }
        Await.until("nothing is held", SOON, () -> api != null && api.heldBytes() == 0);
    }

    @Test
    void closesConnectionsBeyondTheLimit() throws Exception {
        Socket[] sockets = new Socket[settings.connections() + 1];
        try {
            for (int i = 0; i < sockets.length; i++) sockets[i] = connect();

            assertThat(sockets[settings.connections()].getInputStream().read()).isEqualTo(-1);
        } finally {
            for (@Nullable Socket each : sockets) if (each != null) each.close();
        }
        Await.until("the others are forgotten", SOON, () -> settings.open().get() == 0);
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void endsTheStreamsOfReadersThatWent() throws Exception {
        Socket[] sockets = {connect(), connect()};
        for (Socket each : sockets) write(each, "GET /api/v1/topics/orders/stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Await.until("two streams are open", SOON, () -> settings.streams().get() == 2);

        HttpResponse<String> third = get("/api/v1/topics/orders/stream");
        assertThat(third.statusCode()).isEqualTo(429);
        assertThat(third.headers().firstValue("retry-after")).isPresent();

        for (Socket each : sockets) each.close();
        Await.until("no stream is open", SOON, () -> settings.streams().get() == 0);
    }

    @Test
    void turnsAwayPagesOfOtherOrigins() throws Exception {
        assertThat(status("Origin: http://evil.example")).isEqualTo(403);
        assertThat(status("Origin: null")).isEqualTo(403);
        assertThat(status("Origin: http://localhost:" + settings.port())).isEqualTo(200);
        assertThat(statusFor("evil.example", "")).isEqualTo(403);
        assertThat(statusFor("127.0.0.1:" + settings.port(), "")).isEqualTo(200);
        assertThat(statusFor("[::1]:" + settings.port(), "")).isEqualTo(200);
    }

    private int status(String header) throws IOException {
        return statusFor("localhost:" + settings.port(), header + "\r\n");
    }

    private int statusFor(String host, String headers) throws IOException {
        try (Socket socket = connect()) {
            write(socket, "GET /version HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n" + headers + "\r\n");
            return Integer.parseInt(readAll(socket).substring(9, 12));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/nothing", "/api/v1/nothing", "/api/../../http/openapi.json", "/..%2f..%2fhttp/openapi.json"})
    void tellsWhatThereIsNot(String path) throws Exception {
        try (Socket socket = connect()) {
            write(socket, "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

            assertThat(readAll(socket)).startsWith("HTTP/1.1 404 ").contains("application/problem+json");
        }
    }

    @Test
    void servesPagesThatMayRunNothingOfOthers() throws Exception {
        for (String path : List.of("/", "/api/docs")) {
            HttpResponse<String> page = get(path);
            assertThat(page.statusCode()).isEqualTo(200);
            assertThat(page.headers().firstValue("content-type")).hasValue("text/html; charset=utf-8");
            assertThat(page.headers().firstValue("content-security-policy").orElse(""))
                    .contains("script-src 'self'")
                    .doesNotContain("unsafe");
            assertThat(page.body()).doesNotContain("style=").doesNotContain("onclick");
        }
    }

    @Test
    void answersThatAFileHasNotChanged() throws Exception {
        String tag = get("/api/docs.js").headers().firstValue("etag").orElseThrow();

        HttpResponse<String> again = client.send(
                HttpRequest.newBuilder(uri("/api/docs.js"))
                        .header("if-none-match", tag)
                        .build(),
                BodyHandlers.ofString());

        assertThat(again.statusCode()).isEqualTo(304);
    }

    @Test
    void compressesLargeAnswersForThoseWhoTakeThem() throws Exception {
        HttpResponse<InputStream> answer = client.send(
                HttpRequest.newBuilder(uri("/api/v1/openapi.json"))
                        .header("accept-encoding", "gzip")
                        .build(),
                BodyHandlers.ofInputStream());

        assertThat(answer.headers().firstValue("content-encoding")).hasValue("gzip");
        try (InputStream plain = new GZIPInputStream(answer.body())) {
            JsonObject document = new JsonObject(new String(plain.readAllBytes(), StandardCharsets.UTF_8));
            assertThat(document.getString("openapi")).isEqualTo("3.1.0");
        }
    }

    private HttpResponse<String> sendJson(JsonObject message) throws Exception {
        HttpResponse<String> answer = send("application/json", message.encode());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        return answer;
    }

    private HttpResponse<String> send(String contentType, String body) throws Exception {
        return client.send(
                post("/api/v1/topics/orders/messages")
                        .header("content-type", contentType)
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpRequest.Builder post(String path) {
        return HttpRequest.newBuilder(uri(path)).version(HttpClient.Version.HTTP_1_1);
    }

    private HttpResponse<String> get(String path) throws Exception {
        return client.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString());
    }

    private URI uri(String path) {
        return URI.create("http://localhost:" + settings.port() + path);
    }

    private Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), settings.port());
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String readAll(Socket socket) throws IOException {
        socket.setSoTimeout(20_000);
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }

    private static JsonObject json(HttpResponse<String> answer) {
        return new JsonObject(answer.body());
    }
}
