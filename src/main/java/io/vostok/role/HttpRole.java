package io.vostok.role;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vostok.config.Config;
import io.vostok.front.http.Api;
import io.vostok.front.http.BrokerFace;
import io.vostok.front.http.HttpSettings;
import io.vostok.front.http.HttpVerticle;
import io.vostok.front.http.Resources;
import io.vostok.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP port of this process: one server on each event loop, all on the same port. */
final class HttpRole {
    private static final Logger LOG = LoggerFactory.getLogger(HttpRole.class);

    private final Config config;
    private final Clock clock;
    private final Deployments deployments;
    private final List<HttpVerticle> fronts = new ArrayList<>();

    HttpRole(Config config, Vertx vertx, Clock clock) {
        this.config = config;
        this.clock = clock;
        this.deployments = new Deployments(vertx);
    }

    /**
     * Starts to listen. Blocks.
     *
     * @param face gives the broker of the event loop that asks, or null when none runs here
     * @param metrics the page of figures, or null when there is none
     * @param notReady says why this process should get no traffic, or null
     */
    void start(
            Supplier<@Nullable BrokerFace> face,
            Supplier<@Nullable String> notReady,
            @Nullable Supplier<Future<Buffer>> metrics,
            String version) {
        Config.Http own = config.http();
        int loops = config.threads().eventLoops();
        HttpSettings settings = new HttpSettings(
                own.host(),
                own.port(),
                own.maxBodyBytes(),
                Math.max(own.maxBodyBytes(), config.limits().inFlightBytes() / loops),
                config.limits().connections(),
                new AtomicInteger(),
                own.maxStreams(),
                new AtomicInteger(),
                config.limits().unfinishedFrameTime(),
                config.limits().idleTime(),
                config.broker().defaultTopicQueues(),
                config.broker().delayLevels(),
                version);
        if (!settings.loopbackOnly()) {
            LOG.warn(
                    "http listens on {} without authentication: whoever reaches port {} can read, send and administer",
                    own.host(),
                    own.port());
        }
        Resources resources = new Resources(metrics);
        AtomicLong peerIds = new AtomicLong();
        for (int loop = 0; loop < loops; loop++) {
            HttpVerticle front = new HttpVerticle(
                    settings,
                    vertx -> new Api(vertx, settings, new Api.Parts(face.get(), clock, notReady, resources, peerIds)));
            deployments.start(front);
            fronts.add(front);
        }
    }

    /** Takes no new requests and ends streams. Blocks. */
    void quiesce() {
        for (HttpVerticle front : fronts) deployments.await("stop taking requests", front.quiesce());
    }

    /** Closes the port. Blocks. */
    void stop() {
        deployments.undeployAll();
    }
}
