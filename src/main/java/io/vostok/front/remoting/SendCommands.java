package io.vostok.front.remoting;

import io.vostok.broker.Refused;
import io.vostok.broker.send.Send;
import io.vostok.model.PropertiesEditor;
import io.vostok.service.Broker;
import io.vostok.service.RecentProducers;
import io.vostok.service.SendListener;
import io.vostok.service.Sent;
import io.vostok.wire.ResponseCode;
import io.vostok.wire.frame.Call;
import io.vostok.wire.frame.Command;
import io.vostok.wire.frame.FieldName;
import io.vostok.wire.frame.Fields;
import io.vostok.wire.frame.FrameBuilder;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Sends on the remoting protocol: header to {@link Send}, outcome to answer (remoting reference 4.1). One per event loop. */
final class SendCommands {
    /** Names of the header fields, in the order of the reference's table. */
    record Names(
            String group,
            String topic,
            String defaultTopic,
            String defaultQueues,
            String queueId,
            String sysFlag,
            String born,
            String flag,
            String properties,
            String reconsumeTimes,
            String unitMode,
            String maxReconsumeTimes,
            String batch) {}

    static final Names LONG_NAMES = new Names(
            "producerGroup",
            "topic",
            "defaultTopic",
            "defaultTopicQueueNums",
            "queueId",
            "sysFlag",
            "bornTimestamp",
            "flag",
            "properties",
            "reconsumeTimes",
            "unitMode",
            "maxReconsumeTimes",
            "batch");
    static final Names SHORT_NAMES = new Names("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m");

    private static final FieldName MSG_ID = new FieldName("msgId");
    private static final FieldName QUEUE_ID = new FieldName("queueId");
    private static final FieldName QUEUE_OFFSET = new FieldName("queueOffset");
    private static final FieldName TRANSACTION_ID = new FieldName("transactionId");
    private static final FieldName MSG_REGION = new FieldName("MSG_REGION");
    private static final FieldName TRACE_ON = new FieldName("TRACE_ON");
    private static final FieldName RECALL_HANDLE = new FieldName("recallHandle");

    private final Broker broker;
    private final RecentProducers producers;
    private final String region;
    private volatile String traceOn;
    private final PropertiesEditor properties = new PropertiesEditor();

    SendCommands(Broker broker, RecentProducers producers, String region, boolean traceOn) {
        this.broker = broker;
        this.producers = producers;
        this.region = region;
        this.traceOn = String.valueOf(traceOn);
    }

    /** Any thread. */
    void traceOn(boolean on) {
        traceOn = String.valueOf(on);
    }

    void send(Command command, ByteBuffer body, Connection connection, Names names) {
        Send send = read(command.fields(), names);
        connection.lastSend(producers.sent(connection.lastSend(), send.topic(), send.producerGroup(), connection));
        broker.send(send, properties, body, connection.endpoint(), new Answer(connection, command.call()));
    }

    void reply(Command command, ByteBuffer body, Connection connection, Names names) {
        Send send = read(command.fields(), names);
        broker.reply(send, properties, body, connection, connection.endpoint(), new Answer(connection, command.call()));
    }

    /** Returns the header's wish; its properties are in the editor afterwards. */
    private Send read(Fields fields, Names names) {
        Send send = new Send(
                fields.requireText(names.group()),
                fields.requireText(names.topic()),
                fields.requireText(names.defaultTopic()),
                fields.requireInt(names.defaultQueues()),
                fields.requireInt(names.queueId()),
                fields.requireInt(names.sysFlag()),
                fields.requireLong(names.born()),
                fields.requireInt(names.flag()),
                fields.intOr(names.reconsumeTimes(), 0),
                fields.flagOr(names.unitMode(), false),
                fields.intOr(names.maxReconsumeTimes(), -1),
                fields.flagOr(names.batch(), false));
        int bound = Math.max(0, fields.utf8Bound(names.properties()));
        properties.loaded(Math.max(0, fields.copyUtf8(names.properties(), properties.room(bound), 0)));
        return send;
    }

    /** Answers one send. */
    private final class Answer implements SendListener {
        private final Connection connection;
        private final Call call;

        Answer(Connection connection, Call call) {
            this.connection = connection;
            this.call = call;
        }

        @Override
        public void sent(Sent sent) {
            int code = sent.flushTimedOut() ? ResponseCode.FLUSH_DISK_TIMEOUT : ResponseCode.SUCCESS;
            if (call.oneWay()) {
                connection.done(call, code);
                return;
            }
            FrameBuilder head = connection.answer(call, code);
            head.field(MSG_ID, sent.messageId());
            head.field(QUEUE_ID, sent.queueId());
            head.field(QUEUE_OFFSET, sent.queueOffset());
            head.field(TRANSACTION_ID, sent.transactionId());
            head.field(MSG_REGION, region);
            head.field(TRACE_ON, traceOn);
            @Nullable String recallHandle = sent.recallHandle();
            if (recallHandle != null) head.field(RECALL_HANDLE, recallHandle);
            connection.write(head);
        }

        @Override
        public void refused(Refused refused) {
            connection.reply(call, Faults.reply(refused));
        }
    }
}
