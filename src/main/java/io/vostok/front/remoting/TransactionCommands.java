package io.vostok.front.remoting;

import io.vertx.core.Future;
import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.transaction.EndTransaction;
import io.vostok.broker.transaction.EndTransaction.Outcome;
import io.vostok.broker.transaction.TransactionRules;
import io.vostok.model.OffsetMessageId;
import io.vostok.service.Broker;
import io.vostok.wire.frame.Call;
import io.vostok.wire.frame.Command;
import io.vostok.wire.frame.Fields;
import org.jspecify.annotations.Nullable;

/** Ends and checks of transactions on the remoting protocol (remoting reference 9). One per event loop. */
final class TransactionCommands {
    private final Broker broker;

    TransactionCommands(Broker broker) {
        this.broker = broker;
    }

    /** END_TRANSACTION; UNKNOWN is not answered, as at Apache's. */
    void end(Command command, Connection connection) {
        Fields fields = command.fields();
        int number = fields.requireInt("commitOrRollback");
        @Nullable Outcome outcome = TransactionRules.outcome(number);
        if (outcome == null) {
            refuse(
                    command.call(),
                    connection,
                    new Refused(
                            Refusal.INVALID_ARGUMENT,
                            "commitOrRollback must be 8 (commit), 12 (roll back) or 0 (unknown), was " + number));
            return;
        }
        EndTransaction end = new EndTransaction(
                fields.requireText("producerGroup"),
                fields.requireLong("tranStateTableOffset"),
                fields.requireLong("commitLogOffset"),
                outcome,
                fields.flagOr("fromTransactionCheck", false),
                fields.text("transactionId"));
        if (outcome != Outcome.UNKNOWN) answer(broker.endTransaction(end), command.call(), connection);
    }

    /** RESUME_CHECK_HALF_MESSAGE. */
    void resume(Command command, Connection connection) {
        String id = command.fields().requireText("msgId");
        long position;
        try {
            position = OffsetMessageId.parse(id).physicalOffset();
        } catch (IllegalArgumentException malformed) {
            refuse(
                    command.call(),
                    connection,
                    new Refused(
                            Refusal.FAILED,
                            "msgId must be the id that the broker gave the message, was `" + id + "`: "
                                    + malformed.getMessage()));
            return;
        }
        answer(broker.resumeChecks(position), command.call(), connection);
    }

    private static void refuse(Call call, Connection connection, Refused refused) {
        connection.reply(call, Faults.reply(refused));
    }

    private static void answer(Future<Void> done, Call call, Connection connection) {
        done.onComplete(
                result -> connection.reply(call, result.succeeded() ? Reply.ok() : Faults.reply(result.cause())));
    }
}
