package io.vostok.service;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.model.TopicName;
import io.vostok.store.KeyReader;
import java.nio.ByteBuffer;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Questions for single messages, and of administrators, which may read cold files: on two worker threads, with a bounded number waiting. Any
 * event loop; futures complete on the loop that asked.
 */
final class LocalQueries {
    /** Apache's {@code maxMsgsNumBatch}. */
    private static final int MOST_MESSAGES = 64;
    /** Clients take frames of at most 16 MiB. */
    private static final int MOST_BYTES = 12 << 20;

    private static final int THREADS = 2;
    private static final int MOST_WAITING = 256;

    private final WorkerExecutor workers;
    private final KeyReader reader;
    private final AtomicInteger waiting = new AtomicInteger();

    LocalQueries(Vertx vertx, KeyReader reader) {
        this.workers = vertx.createSharedWorkerExecutor("vostok-queries", THREADS);
        this.reader = reader;
    }

    Future<Ruling<KeyReader.Found>> query(KeyQuery query) {
        @Nullable String problem = TopicName.problem(query.topic());
        if (problem != null) return Future.succeededFuture(Ruling.denied(Refusal.INVALID_ARGUMENT, problem));
        return ruled(() -> Ruling.granted(reader.find(
                query.topic(),
                query.key(),
                query.kind(),
                query.beginMillis(),
                query.endMillis(),
                Math.min(query.maxMessages(), MOST_MESSAGES),
                MOST_BYTES)));
    }

    Future<Ruling<ByteBuffer>> view(long position) {
        return ruled(() -> {
            @Nullable ByteBuffer record = reader.at(position);
            return record == null
                    ? Ruling.denied(Refusal.NO_MESSAGE, "no message starts at position " + position + " of the log")
                    : Ruling.granted(record);
        });
    }

    /** Answers an administrator's question that reads many files; may be refused as BUSY, and fail as the question does. */
    <T> Future<T> run(Callable<T> question) {
        @Nullable Refused busy = admission();
        if (busy != null) return Future.failedFuture(new Registry.RefusedException(busy));
        return workers.executeBlocking(question, false).onComplete(done -> waiting.decrementAndGet());
    }

    private <T> Future<Ruling<T>> ruled(Callable<Ruling<T>> question) {
        @Nullable Refused busy = admission();
        if (busy != null) return Future.succeededFuture(new Ruling.Denied<>(busy));
        return workers.executeBlocking(question, false).onComplete(done -> waiting.decrementAndGet());
    }

    private @Nullable Refused admission() {
        if (waiting.incrementAndGet() <= MOST_WAITING) return null;
        waiting.decrementAndGet();
        return new Refused(Refusal.BUSY, MOST_WAITING + " queries are waiting already, ask again later");
    }
}
