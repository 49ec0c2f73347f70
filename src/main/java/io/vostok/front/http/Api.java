package io.vostok.front.http;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import io.vostok.service.Broker;
import io.vostok.service.RedriveAdmin;
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
     * @param face of the broker on this event loop, or null in a process without one
     * @param notReady says why this process should get no traffic, or null when it should
     * @param peerIds counted downwards, one for all event loops
     */
    public record Parts(
            @Nullable BrokerFace face,
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
    private final @Nullable ConsumeApi consuming;

    public Api(Vertx vertx, HttpSettings settings, Parts parts) {
        this.vertx = vertx;
        this.settings = settings;
        this.parts = parts;
        this.bodies = new Bodies(vertx, settings.maxBodyBytes(), settings.heldBytes(), settings.unfinishedTime());
        JsonBodies json = new JsonBodies(bodies, parts.resources());
        @Nullable BrokerFace face = parts.face();
        if (face == null) {
            streams = null;
            consuming = null;
        } else {
            Broker broker = face.broker();
            streams = new StreamApi(vertx, broker, parts.clock(), settings, parts.peerIds());
            consuming = new ConsumeApi(vertx, broker, face.admin().groups(), parts.clock(), json, parts.peerIds());
            Sending sending = new Sending(broker, parts.clock(), settings.usualQueues());
            messages(broker, face.admin().redrives(), sending, streams, json);
            redrives(new RedriveApi(face.admin().redrives(), json));
            consuming(consuming);
            topics(new TopicApi(face.admin(), face.identity(), json, settings.usualQueues()));
            groups(new GroupApi(face.admin(), json));
            progress(new ProgressApi(broker, face.admin().groups(), json));
            broker(new BrokerApi(
                    face.admin().status(),
                    face.admin().cluster(),
                    () -> face.admin().topics().all().all().size(),
                    face.identity(),
                    json));
            transactions(new TransactionApi(
                    face.admin().transactions(), sending, bodies, json, parts.clock(), settings.delayLevels()));
            requests(new RequestApi(
                    sending,
                    bodies,
                    json,
                    settings.delayLevels(),
                    face.identity().cluster(),
                    parts.peerIds()));
            timers(new TimerApi(broker, face.admin().timers(), json));
            ProcessApi process = new ProcessApi(vertx, face.identity());
            add("getProcess", HttpMethod.GET, ROOT + "/brokers/{broker}/process", process::get);
            ClientApi clients = new ClientApi(face.admin().clients());
            add("listClients", HttpMethod.GET, ROOT + "/clients", clients::list);
            add("listSubscriptions", HttpMethod.GET, ROOT + "/subscriptions", clients::subscriptions);
        }
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

    private void messages(Broker broker, RedriveAdmin redrives, Sending sending, StreamApi streaming, JsonBodies json) {
        SendApi sends = new SendApi(broker, sending, bodies, json, settings.delayLevels());
        BrowseApi browse = new BrowseApi(vertx, broker, redrives, parts.peerIds());
        String topic = ROOT + "/topics/{topic}";
        add(SendApi.OPERATION, HttpMethod.POST, topic + "/messages", request -> sends.send(request, contractOf()));
        add("listMessages", HttpMethod.GET, topic + "/messages", browse::list);
        add("getMessage", HttpMethod.GET, topic + "/messages/{id}", browse::get);
        add(SendApi.RECALL, HttpMethod.POST, topic + "/messages:recall", sends::recall);
        add("listDeadLetters", HttpMethod.GET, ROOT + "/groups/{group}/dlq", browse::listDeadLetters);
        add("streamMessages", HttpMethod.GET, topic + "/stream", streaming::stream);
    }

    private void transactions(TransactionApi transactions) {
        String all = ROOT + "/transactions";
        add(
                TransactionApi.SEND,
                HttpMethod.POST,
                ROOT + "/topics/{topic}/messages:transact",
                request -> transactions.send(request, contractOf()));
        add("listTransactions", HttpMethod.GET, all, transactions::list);
        add(TransactionApi.COMMIT, HttpMethod.POST, all + ":commit", transactions::commit);
        add(TransactionApi.ROLLBACK, HttpMethod.POST, all + ":rollback", transactions::rollback);
    }

    private void requests(RequestApi requests) {
        add(
                RequestApi.REQUEST,
                HttpMethod.POST,
                ROOT + "/topics/{topic}/messages:request",
                request -> requests.request(request, contractOf()));
        add(RequestApi.REPLY, HttpMethod.POST, ROOT + "/groups/{group}/messages:reply", requests::reply);
    }

    private void redrives(RedriveApi redrives) {
        String one = ROOT + "/groups/{group}/dlq:redrive";
        add(RedriveApi.START, HttpMethod.POST, one, redrives::start);
        add("getRedrive", HttpMethod.GET, one, redrives::get);
        add("stopRedrive", HttpMethod.DELETE, one, redrives::stop);
    }

    private void timers(TimerApi timers) {
        String all = ROOT + "/timers";
        add("listTimers", HttpMethod.GET, all, timers::list);
        add(TimerApi.RECALL, HttpMethod.POST, all + ":recall", timers::recall);
        add(TimerApi.DELIVER, HttpMethod.POST, all + ":deliver", timers::deliver);
    }

    private void consuming(ConsumeApi consume) {
        String messages = ROOT + "/groups/{group}/messages";
        add("receiveMessages", HttpMethod.POST, messages + ":receive", consume::receive);
        add(ConsumeApi.ACK, HttpMethod.POST, messages + ":ack", consume::ack);
        add(ConsumeApi.NACK, HttpMethod.POST, messages + ":nack", consume::nack);
        add(ConsumeApi.EXTEND, HttpMethod.POST, messages + ":extend", consume::extend);
    }

    private void topics(TopicApi topics) {
        String all = ROOT + "/topics";
        String one = all + "/{topic}";
        add("listTopics", HttpMethod.GET, all, topics::list);
        add(TopicApi.CREATE, HttpMethod.POST, all, topics::create);
        add("getTopic", HttpMethod.GET, one, topics::get);
        add(TopicApi.PUT, HttpMethod.PUT, one, topics::put);
        add(TopicApi.PATCH, HttpMethod.PATCH, one, topics::patch);
        add("deleteTopic", HttpMethod.DELETE, one, topics::delete);
        add("listTopicQueues", HttpMethod.GET, one + "/queues", topics::queues);
        add("getTopicRoute", HttpMethod.GET, one + "/route", topics::route);
        add("listTopicProducers", HttpMethod.GET, one + "/producers", topics::producers);
        add("listTopicGroups", HttpMethod.GET, one + "/groups", topics::groups);
    }

    private void groups(GroupApi groups) {
        String all = ROOT + "/groups";
        add("listGroups", HttpMethod.GET, all, groups::list);
        add(GroupApi.CREATE, HttpMethod.POST, all, groups::create);
        add("getGroup", HttpMethod.GET, all + "/{group}", groups::get);
        add(GroupApi.PUT, HttpMethod.PUT, all + "/{group}", groups::put);
        add(GroupApi.PATCH, HttpMethod.PATCH, all + "/{group}", groups::patch);
        add("deleteGroup", HttpMethod.DELETE, all + "/{group}", groups::delete);
    }

    private void progress(ProgressApi progress) {
        String group = ROOT + "/groups/{group}";
        add("getLag", HttpMethod.GET, group + "/lag", progress::lag);
        add("listOffsets", HttpMethod.GET, group + "/offsets", progress::offsets);
        add(ProgressApi.RESET, HttpMethod.POST, group + "/offsets:reset", progress::reset);
        add("listLag", HttpMethod.GET, ROOT + "/lag", progress::lags);
    }

    private void broker(BrokerApi broker) {
        String one = ROOT + "/brokers/{broker}";
        add("getCluster", HttpMethod.GET, ROOT + "/cluster", broker::cluster);
        add("getBroker", HttpMethod.GET, one, broker::get);
        add("listSettings", HttpMethod.GET, one + "/settings", broker::settings);
        add(BrokerApi.CHANGE, HttpMethod.PATCH, one + "/settings", broker::change);
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

    /** Ends every stream and every wait for messages of this event loop. */
    void endStreams() {
        if (streams != null) streams.endAll();
        if (consuming != null) consuming.endAll();
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
        @Nullable Supplier<Future<Buffer>> metrics = parts.resources().metrics();
        if (metrics != null) router.get("/metrics").handler(request -> metrics(request, metrics));
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

    /** For Prometheus, not for programs: no part of the contract. */
    private static void metrics(RoutingContext request, Supplier<Future<Buffer>> metrics) {
        Answers.when(
                request,
                metrics.get(),
                text -> Answers.send(request, 200, "text/plain; version=0.0.4; charset=utf-8", text));
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
