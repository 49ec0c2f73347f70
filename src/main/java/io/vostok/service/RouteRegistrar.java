package io.vostok.service;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vostok.wire.RequestCode;
import io.vostok.wire.ResponseCode;
import io.vostok.wire.body.RegisterBroker;
import io.vostok.wire.body.TopicConfigTable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells every name server of a list that this broker lives and which topics it has: when started, on each change, and
 * again and again. A name server that does not answer is tried every {@link Timing#retryAfter}.
 *
 * <p>One event loop: every method is called on it and every future completes on it.
 */
public final class RouteRegistrar {
    private static final Logger LOG = LoggerFactory.getLogger(RouteRegistrar.class);

    private final Vertx vertx;
    private final RemotingClient client;
    private final Supplier<Announcement> current;
    private final Timing timing;
    private final List<Link> links;
    private boolean started;
    private boolean stopped;
    private @Nullable Body lastBody;

    /**
     * @param current what to announce; asked on the event loop before each registration
     * @param nameServers {@code host:port} of each; empty for a broker without name servers
     */
    public RouteRegistrar(
            Vertx vertx,
            RemotingClient client,
            Supplier<Announcement> current,
            List<String> nameServers,
            Timing timing) {
        this.vertx = vertx;
        this.client = client;
        this.current = current;
        this.timing = timing;
        this.links = nameServers.stream().distinct().map(Link::new).toList();
    }

    /**
     * Who this broker is.
     *
     * @param brokerId 0 for a master
     * @param address {@code ip:port} under which clients reach it
     * @param haAddress {@code ip:port} for replicas
     * @param zone null for none
     * @param heartbeatTimeout how long name servers should wait for the next registration
     */
    public record Identity(
            String cluster,
            String brokerName,
            long brokerId,
            String address,
            String haAddress,
            @Nullable String zone,
            boolean enableActingMaster,
            Duration heartbeatTimeout) {}

    /** What is registered: the whole topic table, with its version. */
    public record Announcement(Identity identity, TopicConfigTable topics) {}

    /**
     * How often.
     *
     * @param every time between two registrations
     * @param callTimeout how long a name server may take to answer
     * @param retryAfter pause before a name server is tried again
     */
    public record Timing(Duration every, Duration callTimeout, Duration retryAfter) {
        /** As Apache's brokers, but quicker to return to a name server that was away. */
        public static final Timing USUAL =
                new Timing(Duration.ofSeconds(30), Duration.ofSeconds(6), Duration.ofSeconds(2));
    }

    /**
     * How a round of registrations went.
     *
     * @param registered addresses of the name servers that have the announcement
     * @param failed what happened with the others, by address
     */
    public record Outcome(List<String> registered, Map<String, String> failed) {
        /** Tells whether every name server has it. */
        public boolean everywhere() {
            return failed.isEmpty();
        }
    }

    /** Registers and keeps registering until {@link #stop}. The future tells how the first round went; it does not fail. */
    public Future<Outcome> start() {
        started = true;
        client.onClosed(this::connectionLost);
        return announce();
    }

    /**
     * Registers what is current now with every name server. Calls made while a registration is under way share the next
     * one.
     *
     * @return completes when every name server has answered or failed, within twice the call time-out; it does not fail
     */
    public Future<Outcome> announce() {
        if (!started || stopped) {
            return Future.succeededFuture(new Outcome(List.of(), notRunning()));
        }
        List<Future<@Nullable String>> answers = new ArrayList<>(links.size());
        for (Link link : links) answers.add(link.wanted());
        return Future.join(List.copyOf(answers)).map(all -> outcome(answers));
    }

    /** Takes this broker out of every route; name servers that do not answer are left to find out by themselves. */
    public Future<Void> stop() {
        if (stopped || !started) {
            stopped = true;
            return Future.succeededFuture();
        }
        stopped = true;
        List<Future<?>> gone = new ArrayList<>(links.size());
        for (Link link : links) gone.add(link.leave());
        return Future.join(gone).mapEmpty();
    }

    private Map<String, String> notRunning() {
        var failed = new TreeMap<String, String>();
        for (Link link : links) failed.put(link.address, "the registrar does not run");
        return failed;
    }

    private Outcome outcome(List<Future<@Nullable String>> answers) {
        var registered = new ArrayList<String>();
        var failed = new TreeMap<String, String>();
        for (int i = 0; i < links.size(); i++) {
            String problem = answers.get(i).result();
            if (problem == null) registered.add(links.get(i).address);
            else failed.put(links.get(i).address, problem);
        }
        return new Outcome(List.copyOf(registered), Map.copyOf(failed));
    }

    private void connectionLost(String address) {
        if (stopped) return;
        for (Link link : links) if (link.address.equals(address)) link.lost();
    }

    /** Encodes the table once for all name servers and for as long as it stays the same. */
    private Body bodyOf(TopicConfigTable table) {
        Body last = lastBody;
        if (last != null && last.table.equals(table)) return last;
        byte[] bytes = new RegisterBroker(table, List.of()).write();
        var crc = new CRC32();
        crc.update(bytes);
        Body body = new Body(table, bytes, (int) (crc.getValue() & 0x7FFF_FFFF));
        lastBody = body;
        return body;
    }

    private static Map<String, String> headerOf(Identity identity) {
        var fields = new LinkedHashMap<String, String>();
        fields.put("brokerName", identity.brokerName());
        fields.put("brokerAddr", identity.address());
        fields.put("clusterName", identity.cluster());
        fields.put("brokerId", Long.toString(identity.brokerId()));
        return fields;
    }

    /** A table and its bytes on the wire. */
    private record Body(TopicConfigTable table, byte[] bytes, int crc32) {}

    /** One name server. */
    private final class Link {
        final String address;
        /** Those who want a registration that begins after they asked. */
        private List<Promise<@Nullable String>> asking = new ArrayList<>();

        private @Nullable Future<@Nullable String> underWay;
        private boolean turnPlanned;
        private boolean warned;
        private boolean known;
        private long timer = -1;

        Link(String address) {
            this.address = address;
        }

        /** Returns null in the future when the name server took the announcement, else what went wrong. */
        Future<@Nullable String> wanted() {
            Promise<@Nullable String> asked = Promise.promise();
            asking.add(asked);
            // Not now but after this turn of the event loop: topics that are created together travel together.
            if (underWay == null && !turnPlanned) {
                turnPlanned = true;
                vertx.runOnContext(nothing -> register());
            }
            return asked.future();
        }

        void lost() {
            if (underWay == null) next(timing.retryAfter());
        }

        Future<Void> leave() {
            cancelTimer();
            Future<?> before = underWay == null ? Future.succeededFuture() : underWay;
            Identity identity = current.get().identity();
            return before.transform(ignored -> client.call(
                            address, RequestCode.UNREGISTER_BROKER, headerOf(identity), null, timing.callTimeout()))
                    .map(answer -> {
                        LOG.info("unregistered from name server {}", address);
                        return (Void) null;
                    })
                    .recover(cause -> {
                        LOG.warn("could not unregister from name server {}: {}", address, cause.getMessage());
                        return Future.succeededFuture();
                    });
        }

        private void register() {
            turnPlanned = false;
            cancelTimer();
            List<Promise<@Nullable String>> answering = asking;
            asking = new ArrayList<>();
            if (stopped) {
                answering.forEach(each -> each.complete("the registrar was stopped"));
                return;
            }
            Announcement announcement = current.get();
            Future<@Nullable String> registering = send(announcement).transform(done -> {
                underWay = null;
                String problem = done.failed() ? String.valueOf(done.cause().getMessage()) : null;
                tellChange(problem, announcement);
                if (!asking.isEmpty()) register();
                else next(problem == null ? timing.every() : timing.retryAfter());
                return Future.succeededFuture(problem);
            });
            if (!registering.isComplete()) underWay = registering;
            registering.onSuccess(problem -> answering.forEach(each -> each.complete(problem)));
        }

        private Future<Void> send(Announcement announcement) {
            Identity identity = announcement.identity();
            Body body = bodyOf(announcement.topics());
            Map<String, String> fields = headerOf(identity);
            fields.put("haServerAddr", identity.haAddress());
            fields.put(
                    "heartbeatTimeoutMillis",
                    Long.toString(identity.heartbeatTimeout().toMillis()));
            fields.put("enableActingMaster", Boolean.toString(identity.enableActingMaster()));
            fields.put("compressed", "false");
            fields.put("bodyCrc32", Integer.toString(body.crc32));
            String zone = identity.zone();
            if (zone != null) fields.put("__ZONE_NAME", zone);
            return client.call(address, RequestCode.REGISTER_BROKER, fields, body.bytes, timing.callTimeout())
                    .compose(answer -> answer.code() == ResponseCode.SUCCESS
                            ? Future.succeededFuture()
                            : Future.failedFuture(
                                    new IOException("refused with " + answer.code() + ": " + answer.remark())));
        }

        private void tellChange(@Nullable String problem, Announcement announcement) {
            if (problem != null && !warned) {
                LOG.warn(
                        "name server {} does not know this broker: {}; tried again every {} s",
                        address,
                        problem,
                        timing.retryAfter().toMillis() / 1000.0);
            }
            if (problem == null && (warned || !known)) {
                LOG.info(
                        "registered with name server {} topics={}",
                        address,
                        announcement.topics().topics().size());
            }
            warned = problem != null;
            known = problem == null;
        }

        private void next(Duration pause) {
            cancelTimer();
            if (stopped) return;
            timer = vertx.setTimer(Math.max(1, pause.toMillis()), id -> {
                timer = -1;
                if (underWay == null) register();
            });
        }

        private void cancelTimer() {
            if (timer != -1) vertx.cancelTimer(timer);
            timer = -1;
        }
    }
}
