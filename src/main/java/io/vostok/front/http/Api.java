package io.vostok.front.http;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import io.vostok.service.Broker;
import io.vostok.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything the HTTP port of one event loop answers. Used on that loop only. */
public final class Api {
    private static final Logger LOG = LoggerFactory.getLogger(Api.class);
    private static final String ROOT = "/api/v1";

    /**
     * What it stands on.
     *
     * @param broker of this event loop, or null in a process without one
     * @param notReady says why this process should get no traffic, or null when it should
     * @param peerIds counted downwards, one for all event loops
     */
    public record Parts(
            @Nullable Broker broker,
            Clock clock,
            Supplier<@Nullable String> notReady,
            Resources resources,
            AtomicLong peerIds) {}

    private final Vertx vertx;
    private final HttpSettings settings;
    private final Parts parts;
    private final Bodies bodies;
    private final List<Operation> operations = new ArrayList<>();
    private final @Nullable StreamApi streams;

    public Api(Vertx vertx, HttpSettings settings, Parts parts) {
        this.vertx = vertx;
        this.settings = settings;
        this.parts = parts;
        this.bodies = new Bodies(vertx, settings.maxBodyBytes(), settings.heldBytes(), settings.unfinishedTime());
        @Nullable Broker broker = parts.broker();
        streams = broker == null ? null : new StreamApi(vertx, broker, parts.clock(), settings, parts.peerIds());
        if (broker != null && streams != null) messages(broker, streams);
        add("getLiveness", HttpMethod.GET, "/health/live", request -> health(request, null));
        add(
                "getReadiness",
                HttpMethod.GET,
                "/health/ready",
                request -> health(request, parts.notReady().get()));
        add("getStartup", HttpMethod.GET, "/health/startup", request -> health(request, null));
        add("getVersion", HttpMethod.GET, "/version", this::version);
        add("getContract", HttpMethod.GET, ROOT + "/openapi.json", this::contract);
    }

    private void messages(Broker broker, StreamApi streaming) {
        SendApi sends = new SendApi(broker, bodies, parts.clock(), settings);
        BrowseApi browse = new BrowseApi(vertx, broker, parts.peerIds());
        String topic = ROOT + "/topics/{topic}";
        add(SendApi.OPERATION, HttpMethod.POST, topic + "/messages", request -> sends.send(request, contractOf()));
        add("listMessages", HttpMethod.GET, topic + "/messages", browse::list);
        add("getMessage", HttpMethod.GET, topic + "/messages/{id}", browse::get);
        add("streamMessages", HttpMethod.GET, topic + "/stream", streaming::stream);
    }

    private void add(String id, HttpMethod method, String path, io.vertx.core.Handler<RoutingContext> handler) {
        operations.add(new Operation(id, method, path, handler));
    }

    /** Returns what can be asked for. */
    List<Operation> operations() {
        return List.copyOf(operations);
    }

    /** Returns the bytes of request bodies that are held now. Any thread. */
    public long heldBytes() {
        return bodies.held();
    }

    /** Ends every stream of this event loop. */
    void endStreams() {
        if (streams != null) streams.endAll();
    }

    Router router() {
        Router router = Router.router(vertx);
        router.route().handler(new Guard(settings.loopbackOnly())).failureHandler(Api::fail);
        for (Operation operation : operations) {
            router.routeWithRegex(operation.method(), operation.pathPattern())
                    .handler(request -> checked(request, operation));
        }
        Files files = parts.resources().files();
        router.get("/api/docs").handler(request -> files.serve(request, vertx, "api/docs.html"));
        router.get(ROOT + "/*").handler(request -> request.fail(404));
        router.get().handler(request -> files.serve(request, vertx));
        for (int status : new int[] {400, 404, 405, 406, 413, 414, 415, 431}) {
            router.errorHandler(status, request -> Answers.problem(request, unserved(request, status)));
        }
        router.errorHandler(500, Api::fail);
        return router;
    }

    /** Holds a request against the contract, then serves it. */
    private void checked(RoutingContext request, Operation operation) {
        @Nullable Contract contract = parts.resources().contractIfRead();
        if (contract != null) {
            serve(request, operation, contract);
            return;
        }
        request.request().pause();
        Answers.when(request, parts.resources().contract(vertx), read -> {
            request.request().resume();
            serve(request, operation, read);
        });
    }

    private static void serve(RoutingContext request, Operation operation, Contract contract) {
        contract.checkParameters(
                operation.id(),
                request.pathParams(),
                request.queryParams(),
                request.request().headers());
        operation.handler().handle(request);
    }

    private Contract contractOf() {
        @Nullable Contract contract = parts.resources().contractIfRead();
        if (contract == null) throw new IllegalStateException("a request came past the contract");
        return contract;
    }

    private static void health(RoutingContext request, @Nullable String problem) {
        JsonObject body = new JsonObject().put("status", problem == null ? "UP" : "DOWN");
        if (problem != null) body.put("reason", problem);
        Answers.json(request, problem == null ? 200 : 503, body);
    }

    private void version(RoutingContext request) {
        Answers.json(
                request,
                200,
                new JsonObject()
                        .put("name", "vostok")
                        .put("version", settings.version())
                        .put("java", Runtime.version().toString()));
    }

    private void contract(RoutingContext request) {
        Buffer text = contractOf().text();
        Answers.send(request, 200, "application/json", text);
    }

    private static void fail(RoutingContext request) {
        @Nullable Throwable failure = request.failure();
        if (failure == null) {
            request.next();
            return;
        }
        if (failure instanceof HttpException known) {
            Answers.problem(request, unserved(request, known.getStatusCode()));
            return;
        }
        Problem problem = Problem.of(failure);
        if (problem.status() == 500) {
            LOG.error("request failed {} {}", request.request().method(), request.normalizedPath(), failure);
        }
        Answers.problem(request, problem);
    }

    private static Problem unserved(RoutingContext request, int status) {
        String what = request.request().method() + " " + Shape.shown(request.normalizedPath());
        return switch (status) {
            case 404 -> Problem.notFound("there is no " + what);
            case 405 ->
                new Problem(405, "method-not-allowed", 3, what + " is not possible", "see /api/docs for what is", 0);
            default -> new Problem(status, "bad-request", 1, what + " was not understood", "see /api/docs", 0);
        };
    }
}
