package io.vostok.verticle;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vostok.service.RouteRegistrar;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the broker registered with its name servers, on one event loop. */
public final class RegistrarVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(RegistrarVerticle.class);

    /** A producer that waits for its topic waits no longer for a name server that does not answer. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Supplier<RouteRegistrar> registrars;
    private @Nullable RouteRegistrar registrar;
    private @Nullable Future<RouteRegistrar.Outcome> firstRound;

    /** @param registrars asked once, on this verticle's event loop */
    public RegistrarVerticle(Supplier<RouteRegistrar> registrars) {
        this.registrars = registrars;
    }

    @Override
    public Future<?> start() {
        RouteRegistrar starting = registrars.get();
        registrar = starting;
        firstRound = starting.start();
        return Future.succeededFuture();
    }

    /** Returns how the first registrations went; once deployed. */
    public Future<RouteRegistrar.Outcome> firstRound() {
        Future<RouteRegistrar.Outcome> round = firstRound;
        return round == null ? Future.failedFuture("not deployed") : round;
    }

    /**
     * Registers what is current now. Any thread.
     *
     * @return completes when every name server has it or has failed, at the latest after {@link #PATIENCE}; never fails
     */
    public Future<?> announce() {
        Promise<Void> done = Promise.promise();
        context.runOnContext(now -> {
            if (registrar == null) {
                done.complete();
                return;
            }
            long timer = vertx.setTimer(PATIENCE.toMillis(), late -> done.tryComplete());
            registrar
                    .announce()
                    .onFailure(bug -> LOG.error("registration failed", bug))
                    .onComplete(round -> {
                        vertx.cancelTimer(timer);
                        done.tryComplete();
                    });
        });
        return done.future();
    }

    /** Takes the broker out of every route. */
    @Override
    public Future<?> stop() {
        return registrar == null ? Future.succeededFuture() : registrar.stop();
    }
}
