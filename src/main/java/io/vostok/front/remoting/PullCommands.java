package io.vostok.front.remoting;

import io.netty.buffer.ByteBuf;
import io.vostok.broker.Refused;
import io.vostok.broker.pull.PullAnswer;
import io.vostok.broker.pull.PullRequest;
import io.vostok.service.Broker;
import io.vostok.service.PullListener;
import io.vostok.store.ReadResult;
import io.vostok.wire.ResponseCode;
import io.vostok.wire.frame.Call;
import io.vostok.wire.frame.Command;
import io.vostok.wire.frame.FieldName;
import io.vostok.wire.frame.Fields;
import io.vostok.wire.frame.FrameBuilder;
import org.jspecify.annotations.Nullable;

/** Pulls on the remoting protocol: header to {@link PullRequest}, outcome to answer (remoting reference 5). One per event loop. */
final class PullCommands {
    private static final FieldName SUGGEST_WHICH_BROKER_ID = new FieldName("suggestWhichBrokerId");
    private static final FieldName NEXT_BEGIN_OFFSET = new FieldName("nextBeginOffset");
    private static final FieldName MIN_OFFSET = new FieldName("minOffset");
    private static final FieldName MAX_OFFSET = new FieldName("maxOffset");
    private static final FieldName TOPIC_SYS_FLAG = new FieldName("topicSysFlag");
    private static final FieldName GROUP_SYS_FLAG = new FieldName("groupSysFlag");

    private final Broker broker;

    PullCommands(Broker broker) {
        this.broker = broker;
    }

    void pull(Command command, Connection connection) {
        Fields fields = command.fields();
        PullRequest request = new PullRequest(
                fields.requireText("consumerGroup"),
                fields.requireText("topic"),
                fields.requireInt("queueId"),
                fields.requireLong("queueOffset"),
                fields.requireInt("maxMsgNums"),
                fields.requireInt("sysFlag"),
                fields.requireLong("commitOffset"),
                fields.requireLong("suspendTimeoutMillis"),
                fields.text("subscription"),
                fields.requireLong("subVersion"),
                fields.text("expressionType"),
                fields.intOr("maxMsgBytes", 0));
        broker.pull(request, connection, new Answer(connection, command.call(), request.offset()));
    }

    /** Answers one pull. */
    private final class Answer implements PullListener {
        private final Connection connection;
        private Call call;
        private final long offset;

        Answer(Connection connection, Call call, long offset) {
            this.connection = connection;
            this.call = call;
            this.offset = offset;
        }

        @Override
        public void held() {
            call = call.waiting();
        }

        @Override
        public void answered(PullAnswer answer, ReadResult result, int topicSysFlag, int groupSysFlag) {
            if (call.oneWay() || !connection.isOpen()) return;
            if (answer.outcome() != PullAnswer.Outcome.FOUND) {
                write(code(answer.outcome()), answer, result, topicSysFlag, groupSysFlag);
                return;
            }
            if (!connection.isWritable()) {
                // One message may wake thousands of pulls of one peer: what it has not taken yet bounds its memory
                // here.
                PullAnswer again = new PullAnswer(PullAnswer.Outcome.RETRY_IMMEDIATELY, offset, false);
                write(ResponseCode.PULL_RETRY_IMMEDIATELY, again, result, topicSysFlag, groupSysFlag);
                return;
            }
            @Nullable Refused untaken = connection.tooMuchUntaken();
            if (untaken != null) {
                refused(untaken);
                return;
            }
            int bodyLength = result.totalBytes();
            FrameBuilder head = head(ResponseCode.SUCCESS, answer, result, topicSysFlag, groupSysFlag);
            ByteBuf frame = connection.frame(head, bodyLength);
            int bodyStart = frame.writerIndex();
            for (int i = 0; i < result.count(); i++) {
                int size = result.sizeBytes(i);
                // A message that was deleted or damaged meanwhile is left out; the next pull starts behind it.
                if (broker.copy(result, i, frame.internalNioBuffer(frame.writerIndex(), size))) {
                    frame.writerIndex(frame.writerIndex() + size);
                }
            }
            int copied = frame.writerIndex() - bodyStart;
            if (copied == bodyLength) {
                connection.write(frame);
            } else {
                writeRest(frame, bodyStart, copied, answer, result, topicSysFlag, groupSysFlag);
            }
        }

        /** The head names the length of the body, so an answer that lost messages on the way gets a new head. */
        private void writeRest(
                ByteBuf frame,
                int bodyStart,
                int copied,
                PullAnswer answer,
                ReadResult result,
                int topicSysFlag,
                int groupSysFlag) {
            int code = copied == 0 ? ResponseCode.PULL_RETRY_IMMEDIATELY : ResponseCode.SUCCESS;
            FrameBuilder head = head(code, answer, result, topicSysFlag, groupSysFlag);
            connection.write(connection.frame(head, copied).writeBytes(frame, bodyStart, copied));
            frame.release();
        }

        private void write(int code, PullAnswer answer, ReadResult result, int topicSysFlag, int groupSysFlag) {
            connection.write(connection.frame(head(code, answer, result, topicSysFlag, groupSysFlag), 0));
        }

        private FrameBuilder head(int code, PullAnswer answer, ReadResult result, int topicSysFlag, int groupSysFlag) {
            return connection
                    .answer(call, code)
                    .remark(answer.outcome().name())
                    .field(SUGGEST_WHICH_BROKER_ID, 0)
                    .field(NEXT_BEGIN_OFFSET, answer.nextBeginOffset())
                    .field(MIN_OFFSET, result.minOffset())
                    .field(MAX_OFFSET, result.maxOffset())
                    .field(TOPIC_SYS_FLAG, topicSysFlag)
                    .field(GROUP_SYS_FLAG, groupSysFlag);
        }

        @Override
        public void refused(Refused refused) {
            connection.reply(call, Faults.reply(refused));
        }
    }

    private static int code(PullAnswer.Outcome outcome) {
        return switch (outcome) {
            case FOUND -> ResponseCode.SUCCESS;
            case NOT_FOUND -> ResponseCode.PULL_NOT_FOUND;
            case RETRY_IMMEDIATELY -> ResponseCode.PULL_RETRY_IMMEDIATELY;
            case OFFSET_MOVED -> ResponseCode.PULL_OFFSET_MOVED;
        };
    }
}
