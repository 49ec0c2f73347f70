package io.vostok.role;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vostok.broker.flow.FlowCounters;
import io.vostok.config.Config;
import io.vostok.front.remoting.CommandRouter;
import io.vostok.front.remoting.NameServerReports;
import io.vostok.front.remoting.NameServerRouter;
import io.vostok.front.remoting.RemotingVerticle;
import io.vostok.front.remoting.tls.LateTls;
import io.vostok.nameserver.NameServer;
import io.vostok.nameserver.NameServerLimits;
import io.vostok.nameserver.NameServerSettings;
import io.vostok.nameserver.Result;
import io.vostok.service.RemotingClient;
import io.vostok.store.StoreException;
import io.vostok.store.file.Disk;
import io.vostok.store.file.MappedDisk;
import io.vostok.time.Clock;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A name server in this process: its state, port and timer on one event loop. */
final class NameServerRole {
    private static final String FOLDER = "nameserver";
    private static final long NO_TIMER = -1;

    private final Config config;
    private final Vertx vertx;
    private final Clock clock;
    private final RemotingPorts remoting;
    private final Disk disk;
    private final Deployments deployments;
    private @Nullable NameServerRouter router;
    private long timer = NO_TIMER;

    NameServerRole(Config config, Vertx vertx, Clock clock, RemotingPorts remoting) {
        this.config = config;
        this.vertx = vertx;
        this.clock = clock;
        this.remoting = remoting;
        this.disk = new MappedDisk(config.store().path().resolve(FOLDER));
        this.deployments = new Deployments(vertx);
    }

    /** Takes the name server's folder for this process. Blocks on the disk. */
    void open() {
        disk.lock();
    }

    /** Reads what was kept and starts to listen. Blocks. */
    void start(@Nullable LateTls tls) {
        NameServerSettings settings = settings(NameServerFiles.settings(disk));
        Map<String, Map<String, String>> keyValues = NameServerFiles.keyValues(disk);
        deployments.start(new RemotingVerticle(
                remoting.settings(
                        "name server",
                        List.of(new RemotingVerticle.Port(config.nameserver().port(), "nameserver.port")),
                        config.threads().eventLoops(),
                        new FlowCounters(),
                        null),
                clock,
                remoting.portHandlers(tls),
                () -> createRouter(settings, keyValues)));
    }

    /** Closes every connection and gives the folder back. Blocks. */
    void stop() {
        deployments.undeployAll();
        disk.unlock();
    }

    private CommandRouter createRouter(NameServerSettings settings, Map<String, Map<String, String>> keyValues) {
        Context own = vertx.getOrCreateContext();
        NameServerFiles files = new NameServerFiles(disk, own);
        NameServerRouter created = new NameServerRouter(
                new NameServer(limits(), settings, keyValues, files, reports(), clock.monotonicNanos()),
                clock,
                this::arm);
        router = created;
        return created;
    }

    private NameServerReports reports() {
        return new NameServerReports(new RemotingClient(
                vertx, clock, RemotingPorts.frameLimits(config.limits()), RemotingClient.Bounds.USUAL));
    }

    private NameServerLimits limits() {
        Config.NameServer limits = config.nameserver();
        NameServerLimits usual = NameServerLimits.USUAL;
        return new NameServerLimits(
                limits.maxBrokers(),
                limits.maxTopics(),
                usual.routes(),
                usual.nameChars(),
                limits.maxKvEntries(),
                usual.kvChars());
    }

    private static NameServerSettings settings(Map<String, String> stored) {
        if (stored.isEmpty()) return NameServerSettings.USUAL;
        Result<NameServerSettings> result = NameServerSettings.USUAL.with(stored);
        if (result instanceof Result.Given<NameServerSettings> given) return given.value();
        throw new StoreException(
                StoreException.Kind.DAMAGED, "the name server's stored settings are not valid: " + result);
    }

    /** One timer, for the broker that is due first; none while no broker is registered. */
    private void arm() {
        if (timer != NO_TIMER) vertx.cancelTimer(timer);
        timer = NO_TIMER;
        if (router == null) return;
        long nanos = router.nanosToNextDeadline();
        if (nanos == Long.MAX_VALUE) return;
        timer = vertx.setTimer(Math.max(1, nanos / 1_000_000 + 1), id -> {
            timer = NO_TIMER;
            if (router != null) router.tick(clock.monotonicNanos());
            arm();
        });
    }
}
