package io.vostok.front.remoting;

import io.vertx.core.Future;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.offset.Boundary;
import io.vostok.broker.retry.SendBack;
import io.vostok.service.Broker;
import io.vostok.service.RecentProducers;
import io.vostok.wire.RequestCode;
import io.vostok.wire.ResponseCode;
import io.vostok.wire.body.CheckClientConfig;
import io.vostok.wire.body.ConsumerIdList;
import io.vostok.wire.body.HeartbeatData;
import io.vostok.wire.body.LockBatch;
import io.vostok.wire.body.LockBatchResult;
import io.vostok.wire.frame.Call;
import io.vostok.wire.frame.Command;
import io.vostok.wire.frame.Fields;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Translates the requests of the broker's ports to {@link Broker} and back. One per event loop. */
public final class BrokerRouter implements CommandRouter {
    private final Broker broker;
    private final SendCommands sends;
    private final PullCommands pulls;
    private final QueryCommands queries;
    private final TransactionCommands transactions;
    private final AdminCommands admin;
    private final PopCommands pops;

    /** @param region and trace switch that every send's answer names */
    public BrokerRouter(Broker broker, AdminCommands admin, RecentProducers producers, String region, boolean traceOn) {
        this.broker = broker;
        this.sends = new SendCommands(broker, producers, region, traceOn);
        this.pulls = new PullCommands(broker);
        this.queries = new QueryCommands(broker);
        this.transactions = new TransactionCommands(broker);
        this.admin = admin;
        this.pops = new PopCommands(broker);
    }

    /** Tells clients from now on whether to trace. Any thread. */
    public void traceOn(boolean on) {
        sends.traceOn(on);
    }

    @Override
    public void handle(Command command, ByteBuffer body, Connection connection) {
        switch (command.code()) {
            case RequestCode.SEND_MESSAGE -> sends.send(command, body, connection, SendCommands.LONG_NAMES);
            case RequestCode.SEND_MESSAGE_V2, RequestCode.SEND_BATCH_MESSAGE ->
                sends.send(command, body, connection, SendCommands.SHORT_NAMES);
            case RequestCode.SEND_REPLY_MESSAGE -> sends.reply(command, body, connection, SendCommands.LONG_NAMES);
            case RequestCode.SEND_REPLY_MESSAGE_V2 -> sends.reply(command, body, connection, SendCommands.SHORT_NAMES);
            case RequestCode.PULL_MESSAGE, RequestCode.LITE_PULL_MESSAGE -> pulls.pull(command, connection);
            case RequestCode.CONSUMER_SEND_MSG_BACK -> sendBack(command, connection);
            case RequestCode.RECALL_MESSAGE -> recall(command, connection);
            case RequestCode.HEART_BEAT -> heartbeat(command, body, connection);
            case RequestCode.UNREGISTER_CLIENT -> unregister(command, connection);
            case RequestCode.CHECK_CLIENT_CONFIG -> checkSubscription(command, body, connection);
            case RequestCode.GET_CONSUMER_LIST_BY_GROUP -> members(command, connection);
            case RequestCode.LOCK_BATCH_MQ -> lock(command, body, connection);
            case RequestCode.UNLOCK_BATCH_MQ -> unlock(command, body, connection);
            case RequestCode.QUERY_CONSUMER_OFFSET -> queryOffset(command, connection);
            case RequestCode.UPDATE_CONSUMER_OFFSET -> updateOffset(command, connection);
            case RequestCode.SEARCH_OFFSET_BY_TIMESTAMP -> searchOffset(command, connection);
            case RequestCode.GET_MAX_OFFSET -> maxOffset(command, connection);
            case RequestCode.GET_MIN_OFFSET -> minOffset(command, connection);
            case RequestCode.GET_EARLIEST_MSG_STORETIME -> earliest(command, connection);
            case RequestCode.QUERY_MESSAGE -> queries.query(command, connection);
            case RequestCode.VIEW_MESSAGE_BY_ID -> queries.view(command, connection);
            case RequestCode.POP_MESSAGE -> pops.pop(command, connection);
            case RequestCode.PEEK_MESSAGE -> pops.peek(command, connection);
            case RequestCode.NOTIFICATION -> pops.notification(command, connection);
            case RequestCode.ACK_MESSAGE -> pops.ack(command, connection);
            case RequestCode.BATCH_ACK_MESSAGE -> pops.batchAck(command, body, connection);
            case RequestCode.CHANGE_MESSAGE_INVISIBLETIME -> pops.changeInvisible(command, connection);
            case RequestCode.POLLING_INFO -> pops.pollingInfo(command, connection);
            case RequestCode.QUERY_ASSIGNMENT -> pops.assignment(command, body, connection);
            case RequestCode.SET_MESSAGE_REQUEST_MODE -> pops.setRequestMode(command, body, connection);
            case RequestCode.GET_ALL_MESSAGE_REQUEST_MODE -> pops.requestModes(command, connection);
            case RequestCode.END_TRANSACTION -> transactions.end(command, connection);
            case RequestCode.RESUME_CHECK_HALF_MESSAGE -> transactions.resume(command, connection);
            default -> {
                if (!admin.handle(command, body, connection)) {
                    connection.reply(command.call(), notSupported(command.code()));
                }
            }
        }
    }

    @Override
    public void closed(Connection connection) {
        broker.closed(connection);
    }

    /** Returns the answer to a request that nothing here handles. */
    static Reply notSupported(int code) {
        return Reply.error(
                ResponseCode.REQUEST_CODE_NOT_SUPPORTED,
                " request type " + code + " not supported (" + RequestCode.nameOf(code) + ")");
    }

    private void sendBack(Command command, Connection connection) {
        Fields fields = command.fields();
        SendBack wish = new SendBack(
                fields.requireText("group"),
                fields.requireLong("offset"),
                fields.requireInt("delayLevel"),
                fields.intOr("maxReconsumeTimes", -1));
        answer(broker.sendBack(wish), command.call(), connection, nothing -> Reply.ok());
    }

    private void recall(Command command, Connection connection) {
        Fields fields = command.fields();
        @Nullable String group = fields.text("producerGroup");
        Future<String> done = broker.recall(
                group == null ? "" : group,
                fields.requireText("topic"),
                fields.requireText("recallHandle"),
                connection.endpoint());
        answer(done, command.call(), connection, id -> Reply.fields(new Reply.Field("msgId", id)));
    }

    private void heartbeat(Command command, ByteBuffer body, Connection connection) {
        Call call = command.call();
        Future<Boolean> done =
                broker.heartbeat(HeartbeatData.read(body), connection, command.language(), command.version());
        answer(done, call, connection, BrokerRouter::heartbeatReply);
    }

    private static Reply heartbeatReply(boolean subscriptionsWanted) {
        return Reply.fields(
                new Reply.Field("IS_SUPPORT_HEART_BEAT_V2", "true"),
                new Reply.Field("IS_SUB_CHANGE", String.valueOf(subscriptionsWanted)));
    }

    private void unregister(Command command, Connection connection) {
        Fields fields = command.fields();
        Future<Void> done = broker.unregister(fields.text("producerGroup"), fields.text("consumerGroup"), connection);
        answer(done, command.call(), connection, nothing -> Reply.ok());
    }

    private void checkSubscription(Command command, ByteBuffer body, Connection connection) {
        @Nullable Refused refused = broker.checkSubscription(CheckClientConfig.read(body));
        connection.reply(command.call(), refused == null ? Reply.ok() : Faults.reply(refused));
    }

    private void members(Command command, Connection connection) {
        Ruling<List<String>> members = broker.members(command.fields().requireText("consumerGroup"));
        @Nullable Refused refused = members.refused();
        connection.reply(
                command.call(),
                refused == null ? Reply.body(new ConsumerIdList(members.value()).write()) : Faults.reply(refused));
    }

    private void lock(Command command, ByteBuffer body, Connection connection) {
        answer(
                broker.lock(LockBatch.read(body)),
                command.call(),
                connection,
                (LockBatchResult locked) -> Reply.body(locked.write()));
    }

    private void unlock(Command command, ByteBuffer body, Connection connection) {
        answer(broker.unlock(LockBatch.read(body)), command.call(), connection, nothing -> Reply.ok());
    }

    private void queryOffset(Command command, Connection connection) {
        Fields fields = command.fields();
        Ruling<Long> offset = broker.offset(
                fields.requireText("consumerGroup"),
                fields.requireText("topic"),
                fields.requireInt("queueId"),
                fields.flagOr("setZeroIfNotFound", true));
        @Nullable Refused refused = offset.refused();
        connection.reply(command.call(), refused == null ? offsetReply(offset.value()) : Faults.reply(refused));
    }

    private void updateOffset(Command command, Connection connection) {
        Fields fields = command.fields();
        @Nullable
        Refused refused = broker.commit(
                fields.requireText("consumerGroup"),
                fields.requireText("topic"),
                fields.requireInt("queueId"),
                fields.requireLong("commitOffset"));
        connection.reply(command.call(), refused == null ? Reply.ok() : Faults.reply(refused));
    }

    private void searchOffset(Command command, Connection connection) {
        Fields fields = command.fields();
        long offset = broker.searchOffset(
                fields.requireText("topic"),
                fields.requireInt("queueId"),
                fields.requireLong("timestamp"),
                Boundary.of(fields.text("boundaryType")));
        connection.reply(command.call(), offsetReply(offset));
    }

    private void maxOffset(Command command, Connection connection) {
        Fields fields = command.fields();
        connection.reply(
                command.call(),
                offsetReply(broker.maxOffset(fields.requireText("topic"), fields.requireInt("queueId"))));
    }

    private void minOffset(Command command, Connection connection) {
        Fields fields = command.fields();
        connection.reply(
                command.call(),
                offsetReply(broker.minOffset(fields.requireText("topic"), fields.requireInt("queueId"))));
    }

    private void earliest(Command command, Connection connection) {
        Fields fields = command.fields();
        long millis = broker.earliestMillis(fields.requireText("topic"), fields.requireInt("queueId"));
        connection.reply(command.call(), Reply.fields(new Reply.Field("timestamp", Long.toString(millis))));
    }

    private static Reply offsetReply(long offset) {
        return Reply.fields(new Reply.Field("offset", Long.toString(offset)));
    }

    private static <T> void answer(Future<T> done, Call call, Connection connection, Function<T, Reply> toReply) {
        done.onComplete(result -> connection.reply(
                call, result.succeeded() ? toReply.apply(result.result()) : Faults.reply(result.cause())));
    }
}
