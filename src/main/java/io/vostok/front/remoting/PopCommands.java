package io.vostok.front.remoting;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.vertx.core.Future;
import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.pop.PopOffsets;
import io.vostok.broker.pop.PopReceipt;
import io.vostok.broker.pop.PopRequest;
import io.vostok.broker.pop.PopTopics;
import io.vostok.model.GroupName;
import io.vostok.model.TopicName;
import io.vostok.service.Broker;
import io.vostok.service.PopHandle;
import io.vostok.service.PopListener;
import io.vostok.service.PopOutcome;
import io.vostok.service.Popped;
import io.vostok.wire.ResponseCode;
import io.vostok.wire.body.BatchAck;
import io.vostok.wire.body.QueryAssignment;
import io.vostok.wire.body.RequestModeTable;
import io.vostok.wire.frame.Call;
import io.vostok.wire.frame.Command;
import io.vostok.wire.frame.FieldName;
import io.vostok.wire.frame.Fields;
import io.vostok.wire.frame.FrameBuilder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Pop consumption on the remoting protocol (remoting reference 8). One per event loop. */
final class PopCommands {
    private static final FieldName POP_TIME = new FieldName("popTime");
    private static final FieldName INVISIBLE_TIME = new FieldName("invisibleTime");
    private static final FieldName REVIVE_QID = new FieldName("reviveQid");
    private static final FieldName REST_NUM = new FieldName("restNum");
    private static final FieldName START_OFFSET_INFO = new FieldName("startOffsetInfo");
    private static final FieldName MSG_OFFSET_INFO = new FieldName("msgOffsetInfo");
    private static final FieldName ORDER_COUNT_INFO = new FieldName("orderCountInfo");

    private final Broker broker;

    PopCommands(Broker broker) {
        this.broker = broker;
    }

    void pop(Command command, Connection connection) {
        Fields fields = command.fields();
        PopRequest request = new PopRequest(
                PopRequest.Kind.POP,
                fields.requireText("consumerGroup"),
                fields.requireText("topic"),
                fields.requireInt("queueId"),
                fields.requireInt("maxMsgNums"),
                fields.requireLong("invisibleTime"),
                fields.requireLong("pollTime"),
                fields.requireLong("bornTime"),
                fields.requireInt("initMode") != 0,
                fields.text("exp"),
                fields.text("expType"),
                fields.flagOr("order", false),
                fields.text("attemptId"));
        ask(request, command.call(), connection);
    }

    void peek(Command command, Connection connection) {
        Fields fields = command.fields();
        PopRequest request = new PopRequest(
                PopRequest.Kind.PEEK,
                fields.requireText("consumerGroup"),
                fields.requireText("topic"),
                fields.requireInt("queueId"),
                fields.requireInt("maxMsgNums"),
                0,
                0,
                0,
                false,
                null,
                null,
                false,
                null);
        ask(request, command.call(), connection);
    }

    void notification(Command command, Connection connection) {
        Fields fields = command.fields();
        PopRequest request = new PopRequest(
                PopRequest.Kind.NOTIFY,
                fields.requireText("consumerGroup"),
                fields.requireText("topic"),
                fields.requireInt("queueId"),
                1,
                0,
                fields.requireLong("pollTime"),
                fields.requireLong("bornTime"),
                false,
                fields.text("exp"),
                fields.text("expType"),
                fields.flagOr("order", false),
                fields.text("attemptId"));
        ask(request, command.call(), connection);
    }

    private void ask(PopRequest request, Call call, Connection connection) {
        broker.pop(request, connection, new Answer(request, call, connection));
    }

    /** Answers one pop. */
    private final class Answer implements PopListener {
        private final PopRequest request;
        private final Connection connection;
        private Call call;

        Answer(PopRequest request, Call call, Connection connection) {
            this.request = request;
            this.call = call;
            this.connection = connection;
        }

        @Override
        public void held() {
            call = call.waiting();
        }

        @Override
        public void answered(PopOutcome outcome) {
            if (outcome instanceof PopOutcome.Found found) {
                found(request, found.popped(), call, connection);
            } else if (outcome instanceof PopOutcome.Nothing nothing) {
                connection.reply(call, nothing(request.kind(), nothing.full()));
            } else if (outcome instanceof PopOutcome.Notified) {
                connection.reply(call, notified(true, false));
            } else if (outcome instanceof PopOutcome.Refuse refuse) {
                connection.reply(call, Faults.reply(refuse.refused()));
            }
        }
    }

    private static Reply nothing(PopRequest.Kind kind, boolean full) {
        return switch (kind) {
            case NOTIFY -> notified(false, full);
            case PEEK -> Reply.error(ResponseCode.PULL_NOT_FOUND, "there is nothing to peek at");
            case POP ->
                full
                        ? Reply.error(
                                ResponseCode.POLLING_FULL, "too many pops wait already (pop.maxHeld, 1024 a queue)")
                        : Reply.error(ResponseCode.POLLING_TIMEOUT, "no message arrived in time");
        };
    }

    private static Reply notified(boolean hasMessages, boolean full) {
        return Reply.fields(
                new Reply.Field("hasMsg", Boolean.toString(hasMessages)),
                new Reply.Field("pollingFull", Boolean.toString(full)));
    }

    private void found(PopRequest request, Popped popped, Call call, Connection connection) {
        if (!connection.isOpen() || !connection.isWritable()) {
            // It would not arrive, or pile up here: somebody else shall have the messages.
            if (request.kind() == PopRequest.Kind.POP) broker.giveBack(request.group(), popped);
            connection.reply(call, nothing(request.kind(), false));
            return;
        }
        ByteBuf body = ByteBufAllocator.DEFAULT.directBuffer(Math.max(1, popped.totalBytes()));
        PopOffsets offsets = new PopOffsets();
        boolean any = false;
        for (Popped.Part part : popped.parts()) any |= copy(popped, part, body, offsets);
        if (!any) {
            body.release();
            connection.reply(call, nothing(request.kind(), false));
            return;
        }
        FrameBuilder head = connection
                .answer(call, ResponseCode.SUCCESS)
                .field(POP_TIME, popped.popMillis())
                .field(INVISIBLE_TIME, popped.invisibleMillis())
                .field(REVIVE_QID, popped.reviveQueue())
                .field(REST_NUM, popped.rest());
        if (request.kind() == PopRequest.Kind.POP) {
            head.field(START_OFFSET_INFO, offsets.startOffsetInfo()).field(MSG_OFFSET_INFO, offsets.msgOffsetInfo());
            if (!offsets.orderCountInfo().isEmpty()) head.field(ORDER_COUNT_INFO, offsets.orderCountInfo());
        }
        ByteBuf frame = connection.frame(head, body.readableBytes()).writeBytes(body);
        body.release();
        connection.write(frame);
    }

    /**
     * Copies the messages of one queue. One that was deleted or damaged meanwhile is left out, of the body and of the texts; nobody
     * acks it, and the broker then finds that it is gone.
     */
    private boolean copy(Popped popped, Popped.Part part, ByteBuf body, PopOffsets offsets) {
        boolean any = false;
        int least = Integer.MAX_VALUE;
        int @Nullable [] attempts = part.attempts();
        int queueId = part.queue().index();
        for (int i = 0; i < part.offsets().length; i++) {
            int most = broker.mostBytes(popped, part, i);
            body.ensureWritable(most);
            ByteBuffer target = body.internalNioBuffer(body.writerIndex(), most);
            int start = target.position();
            if (!broker.copy(popped, part, i, target)) continue;
            body.writerIndex(body.writerIndex() + target.position() - start);
            if (!any) offsets.queue(part.retry(), queueId, part.startOffset());
            any = true;
            offsets.message(part.offsets()[i]);
            if (attempts == null) continue;
            offsets.attempts(queueId, part.offsets()[i], attempts[i]);
            least = Math.min(least, attempts[i]);
        }
        if (any && attempts != null) offsets.leastAttempts(queueId, least);
        return any;
    }

    void ack(Command command, Connection connection) {
        Fields fields = command.fields();
        Ruling<PopHandle> handle = handle(fields);
        @Nullable Refused refused = handle.refused();
        if (refused != null) connection.reply(command.call(), Faults.reply(refused));
        else answer(broker.ack(List.of(handle.value())), command.call(), connection, nothing -> Reply.ok());
    }

    private static Ruling<PopHandle> handle(Fields fields) {
        long offset = fields.requireLong("offset");
        Ruling<PopReceipt> receipt = PopReceipt.parse(fields.requireText("extraInfo"), offset);
        @Nullable Refused refused = receipt.refused();
        if (refused != null) return new Ruling.Denied<>(refused);
        return Ruling.granted(new PopHandle(
                fields.requireText("consumerGroup"),
                fields.requireText("topic"),
                fields.requireInt("queueId"),
                offset,
                receipt.value()));
    }

    void batchAck(Command command, ByteBuffer body, Connection connection) {
        BatchAck batch = BatchAck.read(body);
        List<PopHandle> handles = new ArrayList<>();
        for (BatchAck.Entry entry : batch.acks()) {
            @Nullable String topic = stored(entry);
            if (topic == null) {
                connection.reply(
                        command.call(),
                        Faults.reply(new Refused(
                                Refusal.INVALID_ARGUMENT,
                                "topic `" + entry.topic() + "`, group `" + entry.group() + "` and r=" + entry.retry()
                                        + " name no topic")));
                return;
            }
            for (long offset : entry.offsets()) {
                PopReceipt receipt = new PopReceipt(
                        entry.startOffset(),
                        entry.popMillis(),
                        entry.invisibleMillis(),
                        entry.reviveQueue(),
                        PopTopics.NORMAL,
                        batch.brokerName(),
                        entry.queueId(),
                        offset);
                handles.add(new PopHandle(entry.group(), topic, entry.queueId(), offset, receipt));
            }
        }
        if (handles.isEmpty()) {
            connection.reply(command.call(), Reply.error(ResponseCode.NO_MESSAGE, "the batch acks no message"));
            return;
        }
        answer(broker.ack(handles), command.call(), connection, nothing -> Reply.ok());
    }

    /** Returns the topic under which the messages of a batch are stored, or null when there is none such. */
    private static @Nullable String stored(BatchAck.Entry entry) {
        if (entry.retry().equals("0")) return entry.topic();
        if (GroupName.problem(entry.group()) != null || TopicName.problem(entry.topic()) != null) return null;
        GroupName group = new GroupName(entry.group());
        TopicName topic = new TopicName(entry.topic());
        @Nullable
        TopicName retry = entry.retry().equals("1") ? PopTopics.retryV1(group, topic) : PopTopics.retryV2(group, topic);
        return retry == null ? null : retry.value();
    }

    void changeInvisible(Command command, Connection connection) {
        Fields fields = command.fields();
        Ruling<PopHandle> handle = handle(fields);
        @Nullable Refused refused = handle.refused();
        if (refused != null) {
            connection.reply(command.call(), Faults.reply(refused));
            return;
        }
        answer(
                broker.changeInvisible(handle.value(), fields.requireLong("invisibleTime")),
                command.call(),
                connection,
                receipt -> Reply.fields(
                        new Reply.Field("popTime", Long.toString(receipt.popMillis())),
                        new Reply.Field("invisibleTime", Long.toString(receipt.invisibleMillis())),
                        new Reply.Field("reviveQid", Integer.toString(receipt.reviveQueue()))));
    }

    void pollingInfo(Command command, Connection connection) {
        Fields fields = command.fields();
        answer(
                broker.waitingPops(
                        fields.requireText("consumerGroup"), fields.requireText("topic"), fields.requireInt("queueId")),
                command.call(),
                connection,
                count -> Reply.fields(new Reply.Field("pollingNum", Integer.toString(count))));
    }

    void assignment(Command command, ByteBuffer body, Connection connection) {
        answer(
                broker.assignment(QueryAssignment.read(body)),
                command.call(),
                connection,
                assignments -> Reply.body(assignments.write()));
    }

    void setRequestMode(Command command, ByteBuffer body, Connection connection) {
        answer(broker.requestMode(RequestModeTable.Mode.read(body)), command.call(), connection, nothing -> Reply.ok());
    }

    void requestModes(Command command, Connection connection) {
        connection.reply(command.call(), Reply.body(broker.requestModes().write()));
    }

    private static <T> void answer(Future<T> done, Call call, Connection connection, Function<T, Reply> toReply) {
        done.onComplete(result -> connection.reply(
                call, result.succeeded() ? toReply.apply(result.result()) : Faults.reply(result.cause())));
    }
}
