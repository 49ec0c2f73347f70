package io.vostok.role;

import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.core.metrics.MetricsOptions;
import io.vostok.config.Config;
import io.vostok.front.remoting.tls.LateTls;
import io.vostok.time.Clock;
import io.vostok.time.SystemClock;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A running process: every role that its configuration names. */
public final class Server implements AutoCloseable {
    private final Config config;
    private final Vertx vertx;
    private final AtomicBoolean closed = new AtomicBoolean();
    private @Nullable NameServerRole nameServer;
    private @Nullable BrokerRole broker;
    private @Nullable HttpRole http;
    private final @Nullable MetricsRole metrics;

    private Server(Config config) {
        this.config = config;
        VertxBuilder builder = Vertx.builder();
        boolean measured = config.metrics().enabled() && config.roles().contains(Config.Role.HTTP);
        metrics = measured ? new MetricsRole(config) : null;
        if (metrics != null) builder.withMetrics(metrics.factory());
        this.vertx = builder.with(new VertxOptions()
                        .setMetricsOptions(new MetricsOptions().setEnabled(measured))
                        .setEventLoopPoolSize(config.threads().eventLoops())
                        .setWorkerPoolSize(1)
                        .setInternalBlockingPoolSize(2)
                        .setPreferNativeTransport(true)
                        .setBlockedThreadCheckInterval(10)
                        .setBlockedThreadCheckIntervalUnit(TimeUnit.SECONDS))
                .build();
        vertx.exceptionHandler(LastResort::handle);
    }

    /**
     * Starts every role and returns when all ports accept. Blocks; not for event loops.
     *
     * @throws io.vostok.config.ConfigException when a setting turns out to be wrong only now
     * @throws io.vostok.store.StoreException when the store cannot be opened; kind IN_USE before anything was touched
     * @throws io.vostok.front.remoting.CannotListenException when a port is taken
     */
    public static Server start(Config config) {
        Server server = new Server(config);
        try {
            server.start();
            return server;
        } catch (RuntimeException failure) {
            server.close();
            throw failure;
        }
    }

    private void start() {
        Clock clock = new SystemClock();
        RemotingPorts remoting = new RemotingPorts(config);
        if (config.roles().contains(Config.Role.BROKER)) broker = new BrokerRole(config, vertx, clock, remoting);
        if (config.roles().contains(Config.Role.NAMESERVER))
            nameServer = new NameServerRole(config, vertx, clock, remoting);
        // Stores are locked before anything is touched, and opened before a port accepts.
        if (broker != null) broker.open();
        if (nameServer != null) nameServer.open();
        @Nullable
        LateTls tls = LateTls.of(config.tls(), config.store().path().resolve("tls"), names(), clock, this::runBlocking);
        if (nameServer != null) nameServer.start(tls);
        if (broker != null) broker.start(tls);
        if (config.roles().contains(Config.Role.HTTP)) {
            HttpRole starting = new HttpRole(config, vertx, clock);
            http = starting;
            @Nullable BrokerRole running = broker;
            starting.start(
                    () -> running == null ? null : running.faceOfThisLoop(),
                    () -> running == null ? null : running.notReady(),
                    metrics == null ? null : metrics.page(vertx, running == null ? null : running.figures()),
                    version());
        }
        if (broker != null) broker.started();
        if (tls != null) tls.prepare();
    }

    private void runBlocking(Runnable work) {
        vertx.executeBlocking(
                        () -> {
                            work.run();
                            return true;
                        },
                        false)
                .onFailure(LastResort::handle);
    }

    /** Returns the version in the jar's manifest; outside of a jar there is none. */
    public static String version() {
        @Nullable String version = Server.class.getPackage().getImplementationVersion();
        return version == null ? "(not from a jar)" : version;
    }

    /** Names under which clients may reach this process, for a self-signed certificate. */
    private List<String> names() {
        Set<String> names = new LinkedHashSet<>(List.of("localhost", "127.0.0.1"));
        names.add(config.listen().host());
        names.add(config.broker().advertisedHost());
        return List.copyOf(names);
    }

    /** Returns what listens where, one line each, for the operator: {@code broker 127.0.0.1:10911}. */
    public List<String> ports() {
        String host = config.listen().host();
        List<String> ports = new ArrayList<>();
        if (nameServer != null)
            ports.add("name server " + host + ":" + config.nameserver().port());
        if (broker != null) {
            String vip =
                    config.broker().vipPort() == 0 ? "" : ", " + config.broker().vipPort();
            ports.add("broker " + host + ":" + config.broker().port() + vip);
        }
        if (http != null) {
            ports.add("http " + config.http().host() + ":" + config.http().port());
        }
        return ports;
    }

    /** Answers what is in flight, flushes and closes. Blocks, ten seconds at most in health. Idempotent. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) return;
        try {
            if (http != null) http.quiesce();
            if (broker != null) broker.stop();
        } finally {
            try {
                if (http != null) http.stop();
                if (nameServer != null) nameServer.stop();
            } finally {
                Deployments.awaitQuietly(vertx.close());
            }
        }
    }
}
