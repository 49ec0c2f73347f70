package io.vostok.front.remoting.tls;

import io.netty.handler.ssl.SslContext;
import io.vostok.config.Config;
import io.vostok.time.Clock;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The TLS context of the remoting ports, made when the first client shakes hands: it takes the better part of a second of
 * processor time and some MiB, and most clients speak plaintext. A certificate that is configured is read at the start,
 * so that a mistake ends it. Any thread.
 */
public final class LateTls {
    private final Executor worker;
    private final Supplier<SslContext> maker;
    private final Runnable preparation;
    private @Nullable CompletableFuture<SslContext> context;

    /**
     * @param worker may block
     * @param maker makes the context, on {@code worker}; tried again with the next client when it throws
     * @param preparation makes the files that clients may want before they connect, on {@code worker}
     */
    LateTls(Executor worker, Supplier<SslContext> maker, Runnable preparation) {
        this.worker = worker;
        this.maker = maker;
        this.preparation = preparation;
    }

    /**
     * Returns what {@code tls} asks for; null when TLS is off. Reads files: not on an event loop.
     *
     * @param folder where the self-signed pair is kept when no certificate is configured; made when missing
     * @param names under which clients may reach the server, for the self-signed certificate
     * @throws io.vostok.config.ConfigException when a configured file cannot be used
     * @throws java.io.UncheckedIOException when every client needs TLS and the self-signed pair cannot be made or read
     */
    public static @Nullable LateTls of(Config.Tls tls, Path folder, List<String> names, Clock clock, Executor worker) {
        if (tls.mode() == Config.TlsMode.DISABLED) return null;
        if (tls.certificateFile() == null || tls.keyFile() == null) {
            LateTls late = new LateTls(
                    worker,
                    () -> TlsContexts.selfSigned(tls, folder, names, clock),
                    () -> TlsContexts.keepSelfSigned(folder, names, clock));
            // Where nobody gets in without TLS it is worth nothing to be ready before it is.
            boolean atOnce = tls.mode() == Config.TlsMode.ENFORCING;
            return atOnce ? late.made(TlsContexts.selfSigned(tls, folder, names, clock)) : late;
        }
        SslContext configured = TlsContexts.configured(tls, tls.certificateFile(), tls.keyFile());
        return new LateTls(worker, () -> configured, () -> {}).made(configured);
    }

    private LateTls made(SslContext now) {
        context = CompletableFuture.completedFuture(now);
        return this;
    }

    /** Makes the self-signed pair, if there is none, for clients that want to trust it; returns at once. */
    public void prepare() {
        worker.execute(preparation);
    }

    /** Returns the context, which is made when there is none yet. */
    CompletableFuture<SslContext> context() {
        CompletableFuture<SslContext> making;
        synchronized (this) {
            @Nullable CompletableFuture<SslContext> known = context;
            if (known != null && !known.isCompletedExceptionally()) return known;
            making = new CompletableFuture<>();
            context = making;
        }
        worker.execute(() -> {
            try {
                making.complete(maker.get());
            } catch (RuntimeException failure) {
                making.completeExceptionally(failure);
            }
        });
        return making;
    }
}
