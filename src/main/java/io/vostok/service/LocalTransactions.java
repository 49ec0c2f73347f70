package io.vostok.service;

import io.vertx.core.Future;
import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.transaction.EndTransaction;
import io.vostok.broker.transaction.EndTransaction.Outcome;
import io.vostok.store.KeyReader;
import io.vostok.store.transaction.HalfMessages;
import io.vostok.wire.record.RecordView;
import java.nio.ByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends of transactions, as one event loop passes them on to the owner of half messages. Used only on that loop. */
final class LocalTransactions {
    private static final Logger LOG = LoggerFactory.getLogger(LocalTransactions.class);

    private final TransactionsClient owner;
    private final LocalQueries queries;

    LocalTransactions(TransactionsClient owner, LocalQueries queries) {
        this.owner = owner;
        this.queries = queries;
    }

    /** Completes when the word is carried out, or was before; fails with {@link Registry.RefusedException}. */
    Future<Void> end(EndTransaction end) {
        return owner.end(end)
                .compose(uniqueId -> uniqueId == null || uniqueId.isEmpty() || end.outcome() != Outcome.COMMIT
                        ? Future.succeededFuture()
                        : notGivenUp(end, uniqueId));
    }

    /** A commit that comes after the message was given up must not be answered as if it had been carried out. */
    private Future<Void> notGivenUp(EndTransaction end, String uniqueId) {
        String topic = HalfMessages.GIVEN_UP.topic().value();
        return queries.query(new KeyQuery(topic, uniqueId, KeyReader.Kind.UNIQUE, 32, 0, Long.MAX_VALUE))
                .compose(found -> {
                    if (!givenUp(found, end.position())) return Future.succeededFuture();
                    String words = "the half message `" + uniqueId + "` was given up before; it is in " + topic
                            + ", from where its checks can be resumed (request 323)";
                    LOG.warn("commit came too late producerGroup={}: {}", end.producerGroup(), words);
                    return Future.failedFuture(new Registry.RefusedException(new Refused(Refusal.FAILED, words)));
                });
    }

    private static boolean givenUp(Ruling<KeyReader.Found> found, long position) {
        if (found.refused() != null) return false;
        RecordView record = new RecordView();
        for (ByteBuffer each : found.value().records()) {
            if (record.wrap(each, each.position()).preparedTransactionOffset() == position) return true;
        }
        return false;
    }

    Future<Void> resume(long position) {
        return owner.resume(position);
    }
}
