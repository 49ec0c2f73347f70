package io.vostok.bench;

import io.vostok.wire.RequestCode;
import io.vostok.wire.ResponseCode;
import io.vostok.wire.frame.Command;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** The first message of a broker. */
final class First {
    private First() {}

    /**
     * Finds or makes the topic and sends one message.
     *
     * @throws IOException when it was not accepted
     */
    static void send(Plan plan) throws IOException {
        Target target = Lookup.find(plan);
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("a", Sends.GROUP);
        fields.put("b", target.topic());
        fields.put("c", "TBW102");
        fields.put("d", "8");
        fields.put("e", "0");
        fields.put("f", "0");
        fields.put("g", Long.toString(System.currentTimeMillis()));
        fields.put("h", "0");
        fields.put("i", "");
        fields.put("j", "0");
        fields.put("k", "false");
        fields.put("m", "false");
        try (Caller caller = new Caller(target.broker())) {
            Command answer = caller.call(RequestCode.SEND_MESSAGE_V2, fields, new byte[1]);
            if (answer.code() != ResponseCode.SUCCESS) {
                throw new IOException("refused with " + answer.code() + ": " + answer.remark());
            }
        }
    }
}
