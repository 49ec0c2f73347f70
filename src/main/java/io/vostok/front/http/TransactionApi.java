package io.vostok.front.http;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vostok.broker.Refused;
import io.vostok.broker.transaction.EndTransaction.Outcome;
import io.vostok.service.SendListener;
import io.vostok.service.Sent;
import io.vostok.service.TransactionAdmin;
import io.vostok.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Transactions over HTTP: messages that nobody gets before they are committed, the list of those that are undecided, and their
 * end by whoever knows it. One per event loop.
 */
final class TransactionApi {
    static final String SEND = "sendTransactional";
    static final String COMMIT = "commitTransactions";
    static final String ROLLBACK = "rollbackTransactions";

    private static final int USUAL_LIMIT = 100;

    private final TransactionAdmin transactions;
    private final Sending sending;
    private final Bodies bodies;
    private final JsonBodies json;
    private final Clock clock;
    private final List<Duration> delayLevels;

    TransactionApi(
            TransactionAdmin transactions,
            Sending sending,
            Bodies bodies,
            JsonBodies json,
            Clock clock,
            List<Duration> delayLevels) {
        this.transactions = transactions;
        this.sending = sending;
        this.bodies = bodies;
        this.json = json;
        this.clock = clock;
        this.delayLevels = delayLevels;
    }

    /** Stores a message that waits for its commit. */
    void send(RoutingContext request, Contract contract) {
        String topic = request.pathParam("topic");
        @Nullable String named = new Query(request).text("producerGroup");
        String group = named == null ? Sending.PRODUCER_GROUP : named;
        DraftReader drafts = new DraftReader(delayLevels, contract, SEND, Set.of("producerGroup"));
        bodies.read(request, body -> {
            Draft draft = drafts.one(request, body).transactionOf(group).build();
            sending.store(topic, draft, group, Sending.bornHost(request), new SendListener() {
                @Override
                public void sent(Sent sent) {
                    Answers.json(
                            request,
                            Sending.status(sent),
                            Sending.toJson(topic, sent).put("transactionId", transactions.id(sent)));
                }

                @Override
                public void refused(Refused refused) {
                    Answers.problem(request, Problem.of(refused));
                }
            });
        });
    }

    /** Lists what is undecided, the oldest first. */
    void list(RoutingContext request) {
        Query query = new Query(request);
        Answers.when(
                request,
                transactions.list(
                        query.text("producerGroup"),
                        query.text("topic"),
                        query.integer("limit", USUAL_LIMIT),
                        query.text("next")),
                page -> {
                    JsonArray items = new JsonArray();
                    for (TransactionAdmin.Pending each : page.items()) items.add(toJson(each));
                    Answers.json(
                            request,
                            200,
                            new JsonObject()
                                    .put("items", items)
                                    .put("next", page.next())
                                    .put("pending", page.pending()));
                });
    }

    private JsonObject toJson(TransactionAdmin.Pending half) {
        JsonObject item = new JsonObject().put("id", half.id()).put("producerGroup", half.producerGroup());
        MessageJson.putWaiting(item, half.message());
        long ageMillis = Math.max(0, clock.wallMillis() - half.message().storedMillis());
        item.put("ageSeconds", ageMillis / 1_000).put("checks", half.checks());
        if (half.nextCheckMillis() >= 0) {
            item.put("nextCheckAt", Instant.ofEpochMilli(half.nextCheckMillis()).toString());
        }
        return item;
    }

    void commit(RoutingContext request) {
        decide(request, COMMIT, Outcome.COMMIT);
    }

    void rollback(RoutingContext request) {
        decide(request, ROLLBACK, Outcome.ROLLBACK);
    }

    private void decide(RoutingContext request, String operation, Outcome outcome) {
        json.read(
                request,
                operation,
                body -> Results.each(request, body.getJsonArray("ids"), "id", id -> transactions.decide(id, outcome)));
    }
}
