package io.vostok.front.remoting;

import io.netty.buffer.ByteBuf;
import io.vertx.core.Future;
import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.service.Broker;
import io.vostok.service.KeyQuery;
import io.vostok.store.KeyReader;
import io.vostok.wire.ResponseCode;
import io.vostok.wire.frame.Call;
import io.vostok.wire.frame.Command;
import io.vostok.wire.frame.Fields;
import io.vostok.wire.frame.FrameBuilder;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Questions for messages by key and by position on the remoting protocol (remoting reference 14.6). One per event loop. */
final class QueryCommands {
    /** Apache's {@code defaultQueryMaxNum}: what a question by unique id gets whatever it asks for. */
    private static final int UNIQUE_MESSAGES = 32;

    private final Broker broker;

    QueryCommands(Broker broker) {
        this.broker = broker;
    }

    /** QUERY_MESSAGE. */
    void query(Command command, Connection connection) {
        Fields fields = command.fields();
        boolean unique = fields.flagOr("_UNIQUE_KEY_QUERY", false);
        int wanted = fields.requireInt("maxNum");
        KeyReader.@Nullable Kind kind = kind(unique, fields.text("indexType"));
        @Nullable String after = fields.text("lastKey");
        KeyQuery query = new KeyQuery(
                fields.requireText("topic"),
                fields.requireText("key"),
                kind == null ? KeyReader.Kind.ANY : kind,
                unique ? UNIQUE_MESSAGES : wanted,
                fields.requireLong("beginTimestamp"),
                fields.requireLong("endTimestamp"));
        if (kind == null || (after != null && !after.isEmpty())) {
            String words = kind == null
                    ? "indexType must be K (key) or U (unique key), was " + fields.text("indexType")
                    : "lastKey is of another kind of index; narrow the time range to see older messages";
            connection.reply(command.call(), Faults.reply(new Refused(Refusal.UNSUPPORTED, words)));
            return;
        }
        answer(broker.query(query), command.call(), connection, (call, found) -> found(call, found, connection));
    }

    /** A question by unique id names no other kind; one without a kind takes both, as Apache's index does. */
    private static KeyReader.@Nullable Kind kind(boolean unique, @Nullable String indexType) {
        if (indexType == null || indexType.isEmpty()) return unique ? KeyReader.Kind.UNIQUE : KeyReader.Kind.ANY;
        return switch (indexType) {
            case "U" -> KeyReader.Kind.UNIQUE;
            case "K" -> unique ? KeyReader.Kind.UNIQUE : KeyReader.Kind.WORD;
            default -> null;
        };
    }

    /** VIEW_MESSAGE_BY_ID; the field {@code topic} of 5.x clients adds nothing, for the position says which message. */
    void view(Command command, Connection connection) {
        Call call = command.call();
        long position = command.fields().requireLong("offset");
        broker.view(position).onComplete(done -> {
            if (done.failed()) {
                connection.reply(call, Faults.reply(done.cause()));
                return;
            }
            @Nullable Refused refused = done.result().refused();
            if (refused == null) {
                write(
                        call,
                        connection,
                        connection.answer(call, ResponseCode.SUCCESS),
                        List.of(done.result().value()));
            } else if (refused.refusal() == Refusal.NO_MESSAGE) {
                // Here clients know 1 only, not 22.
                connection.reply(call, Reply.error(ResponseCode.SYSTEM_ERROR, refused.words()));
            } else {
                connection.reply(call, Faults.reply(refused));
            }
        });
    }

    private static void found(Call call, KeyReader.Found found, Connection connection) {
        boolean none = found.records().isEmpty();
        FrameBuilder head = connection
                .answer(call, none ? ResponseCode.QUERY_NOT_FOUND : ResponseCode.SUCCESS)
                .remark(none ? "can not find message, maybe time range not correct" : null)
                .field("indexLastUpdateTimestamp", found.indexedMillis())
                .field("indexLastUpdatePhyoffset", found.indexedPosition());
        write(call, connection, head, found.records());
    }

    private static void write(Call call, Connection connection, FrameBuilder head, List<ByteBuffer> records) {
        if (call.oneWay() || !connection.isOpen()) return;
        int bytes = 0;
        for (ByteBuffer record : records) bytes += record.remaining();
        ByteBuf frame = connection.frame(head, bytes);
        for (ByteBuffer record : records) frame.writeBytes(record);
        connection.write(frame);
    }

    private static <T> void answer(
            Future<Ruling<T>> answer, Call call, Connection connection, BiConsumer<Call, T> granted) {
        answer.onComplete(done -> {
            if (done.failed()) {
                connection.reply(call, Faults.reply(done.cause()));
                return;
            }
            @Nullable Refused refused = done.result().refused();
            if (refused == null) {
                granted.accept(call, done.result().value());
            } else {
                connection.reply(call, Faults.reply(refused));
            }
        });
    }
}
