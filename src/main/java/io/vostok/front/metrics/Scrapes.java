package io.vostok.front.metrics;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import io.vostok.metrics.Reading;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The page of figures. Whoever asks while a page is being written gets that one, so that many scrapers cost as one. Any event
 * loop; the answer comes on the loop that asked.
 */
public final class Scrapes implements Supplier<Future<Buffer>> {
    private final Vertx vertx;
    private final Supplier<Future<Reading>> figures;
    private final Map<String, String> labels;
    private final LateMetrics http;
    private final AtomicReference<@Nullable Future<Buffer>> underWay = new AtomicReference<>();
    private @Nullable Page page;

    /**
     * @param figures of the broker, or of nothing
     * @param labels that every series has
     * @param http measured from the first page on
     */
    public Scrapes(Vertx vertx, Supplier<Future<Reading>> figures, Map<String, String> labels, LateMetrics http) {
        this.vertx = vertx;
        this.figures = figures;
        this.labels = labels;
        this.http = http;
    }

    @Override
    public Future<Buffer> get() {
        Promise<Buffer> here = ((ContextInternal) vertx.getOrCreateContext()).promise();
        Promise<Buffer> fresh = Promise.promise();
        @Nullable Future<Buffer> running = underWay.compareAndExchange(null, fresh.future());
        (running == null ? fresh.future() : running).onComplete(here);
        if (running == null) {
            figures.get()
                    .compose(reading -> vertx.executeBlocking(() -> write(reading), false))
                    .onComplete(done -> {
                        underWay.set(null);
                        if (done.succeeded()) fresh.complete(done.result());
                        else fresh.fail(done.cause());
                    });
        }
        return here.future();
    }

    private synchronized Buffer write(Reading reading) {
        @Nullable Page known = page;
        if (known == null) {
            known = new Page(labels, http);
            page = known;
        }
        return Buffer.buffer(known.text(reading));
    }
}
