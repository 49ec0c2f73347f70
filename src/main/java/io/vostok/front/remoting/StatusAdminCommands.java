package io.vostok.front.remoting;

import io.vostok.metrics.Rate;
import io.vostok.metrics.Rates;
import io.vostok.service.BrokerStatus;
import io.vostok.service.StatusAdmin;
import io.vostok.service.StatusAdmin.Measure;
import io.vostok.wire.RequestCode;
import io.vostok.wire.ResponseCode;
import io.vostok.wire.body.AdminAnswers;
import io.vostok.wire.body.DelayOffsetTable;
import io.vostok.wire.body.KeyValueTable;
import io.vostok.wire.body.PropertiesText;
import io.vostok.wire.body.StatsData;
import io.vostok.wire.frame.Call;
import io.vostok.wire.frame.Command;
import io.vostok.wire.frame.Fields;
import java.nio.ByteBuffer;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Status, settings, statistics and cleaning on the remoting protocol (remoting reference 14.3). One per event loop. */
final class StatusAdminCommands {
    private final StatusAdmin status;
    private final RuntimeInfo info;

    StatusAdminCommands(StatusAdmin status, RuntimeInfo info) {
        this.status = status;
        this.info = info;
    }

    /** Handles the request; false when it is none of these. */
    boolean handle(Command command, ByteBuffer body, Connection connection) {
        Call call = command.call();
        switch (command.code()) {
            case RequestCode.GET_BROKER_RUNTIME_INFO ->
                Replies.answer(
                        status.status(),
                        call,
                        connection,
                        (BrokerStatus now) -> Reply.body(new KeyValueTable(info.of(now, status.traffic())).write()));
            case RequestCode.GET_BROKER_CONFIG ->
                connection.reply(
                        call, Reply.body(PropertiesText.write(status.settings().values())));
            case RequestCode.UPDATE_BROKER_CONFIG ->
                Replies.answer(status.change(PropertiesText.read(body)), call, connection, nothing -> Reply.ok());
            case RequestCode.VIEW_BROKER_STATS_DATA -> connection.reply(call, statistics(command.fields()));
            case RequestCode.TRIGGER_DELETE_FILES, RequestCode.DELETE_EXPIRED_COMMITLOG ->
                Replies.answer(status.cleanLog(), call, connection, nothing -> Reply.ok());
            case RequestCode.CLEAN_EXPIRED_CONSUMEQUEUE ->
                Replies.answer(status.cleanQueues(), call, connection, nothing -> Reply.ok());
            case RequestCode.GET_ALL_DELAY_OFFSET ->
                Replies.answer(
                        status.delayOffsets(),
                        call,
                        connection,
                        (DelayOffsetTable offsets) -> Reply.body(offsets.write()));
            case RequestCode.GET_BROKER_HA_STATUS ->
                Replies.answer(
                        status.status(),
                        call,
                        connection,
                        (BrokerStatus now) -> Reply.body(AdminAnswers.masterAlone(now.logEnd())));
            default -> {
                return false;
            }
        }
        return true;
    }

    private Reply statistics(Fields fields) {
        String name = fields.requireText("statsName");
        String key = fields.requireText("statsKey");
        @Nullable
        StatsData data = switch (name) {
            case "TOPIC_PUT_NUMS" -> messages(status.rates(Measure.PUT, key, ""));
            case "TOPIC_PUT_SIZE" -> bytes(status.rates(Measure.PUT, key, ""));
            case "GROUP_GET_NUMS" -> messages(ofPair(Measure.GET, key));
            case "GROUP_GET_SIZE" -> bytes(ofPair(Measure.GET, key));
            case "SNDBCK_PUT_NUMS" -> messages(ofPair(Measure.SENT_BACK, key));
            case "BROKER_PUT_NUMS" -> messages(status.rates(Measure.PUT, "", ""));
            case "BROKER_GET_NUMS" -> messages(status.rates(Measure.GET, "", ""));
            default -> null;
        };
        return data != null
                ? Reply.body(data.write())
                : Reply.error(
                        ResponseCode.SYSTEM_ERROR,
                        "nothing was counted as " + name + " of " + key + " since the start");
    }

    private @Nullable Rates ofPair(Measure measure, String key) {
        int at = key.lastIndexOf('@');
        return at <= 0 ? null : status.rates(measure, key.substring(0, at), key.substring(at + 1));
    }

    private static @Nullable StatsData messages(@Nullable Rates rates) {
        return data(rates, Rate::messages, rate -> rate.messages() == 0 ? 0 : 1);
    }

    private static @Nullable StatsData bytes(@Nullable Rates rates) {
        return data(rates, Rate::bytes, Rate::bytesEach);
    }

    private static @Nullable StatsData data(
            @Nullable Rates rates, ToLongFunction<Rate> sum, ToDoubleFunction<Rate> each) {
        if (rates == null) return null;
        return new StatsData(
                item(rates.minute(), sum, each), item(rates.hour(), sum, each), item(rates.day(), sum, each));
    }

    private static StatsData.Item item(Rate rate, ToLongFunction<Rate> sum, ToDoubleFunction<Rate> each) {
        long counted = sum.applyAsLong(rate);
        return new StatsData.Item(counted, counted / rate.seconds(), each.applyAsDouble(rate));
    }
}
