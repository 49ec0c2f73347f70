package io.vostok.front.http;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What all event loops share: the contract, read when it is first needed, and the files for browsers. Any thread. */
public final class Resources {
    static final String DOCUMENT = "http/openapi.json";

    private final @Nullable Supplier<Future<Buffer>> metrics;
    private final Files files = new Files();
    private volatile @Nullable Contract contract;

    /** With no figures. */
    public Resources() {
        this(null);
    }

    /** @param metrics the page of figures as it is now, on the event loop that asks; or null when there is none */
    public Resources(@Nullable Supplier<Future<Buffer>> metrics) {
        this.metrics = metrics;
    }

    @Nullable
    Supplier<Future<Buffer>> metrics() {
        return metrics;
    }

    Files files() {
        return files;
    }

    /** Returns the contract if it has been read already. */
    @Nullable
    Contract contractIfRead() {
        return contract;
    }

    /** Reads the contract, off the event loop. Two loops may read it at once; both get an equal one. */
    Future<Contract> contract(Vertx vertx) {
        @Nullable Contract read = contract;
        if (read != null) return Future.succeededFuture(read);
        return vertx.executeBlocking(() -> {
            @Nullable Buffer text = Files.resource(DOCUMENT);
            if (text == null) throw new IllegalStateException(DOCUMENT + " is missing in the jar");
            Contract parsed = Contract.parse(text);
            contract = parsed;
            return parsed;
        });
    }
}
