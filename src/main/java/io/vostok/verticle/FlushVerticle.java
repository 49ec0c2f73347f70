package io.vostok.verticle;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vostok.broker.flow.WritePressure;
import io.vostok.bus.Bell;
import io.vostok.store.Flusher;
import io.vostok.store.StoreException;
import io.vostok.time.Clock;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forces the log to disk on a worker thread of its own. Synchronous flush is group commit: one force covers everything
 * that was appended before it began. Asynchronous flush runs one interval after the first unflushed append.
 */
public final class FlushVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(FlushVerticle.class);

    private final Flusher flusher;
    private final WritePressure pressure;
    private final Clock clock;
    private final Bell dirty;
    private final Bell flushed;
    private final boolean syncFlush;
    private final Duration flushInterval;
    private boolean failed;

    /**
     * @param dirty heard: something was appended
     * @param flushed rung: the flushed mark has moved or the store is poisoned
     */
    public FlushVerticle(
            Flusher flusher,
            WritePressure pressure,
            Clock clock,
            Bell dirty,
            Bell flushed,
            boolean syncFlush,
            Duration flushInterval) {
        this.flusher = flusher;
        this.pressure = pressure;
        this.clock = clock;
        this.dirty = dirty;
        this.flushed = flushed;
        this.syncFlush = syncFlush;
        this.flushInterval = flushInterval;
    }

    @Override
    public Future<?> start() {
        if (syncFlush) {
            dirty.hear(this::flush);
        } else {
            dirty.hearAfter(flushInterval, this::flush);
        }
        return Future.succeededFuture();
    }

    private void flush() {
        try {
            long begun = clock.monotonicNanos();
            flusher.flush();
            pressure.flushed(begun);
        } catch (StoreException poisoned) {
            if (!failed)
                LOG.error("flush failed, the store takes no more writes until a restart: {}", poisoned.getMessage());
            failed = true;
        }
        flushed.ring();
    }
}
