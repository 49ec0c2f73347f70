package io.vostok.front.http;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.pop.PopReceipt;
import io.vostok.service.PopHandle;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * What a client shows to speak of a message that it received: one text, for it to hand back and not to read. It holds the
 * group, the topic under which the message is stored, and the broker's own receipt.
 */
final class Receipt {
    private static final String FORM = "1";
    private static final int PARTS = 4;

    private Receipt() {}

    static String write(String group, String storedTopic, PopReceipt receipt) {
        String text = FORM + " " + group + " " + storedTopic + " " + receipt.text();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Returns what the text stands for, or INVALID_ARGUMENT when it is none of this group. */
    static Ruling<PopHandle> read(String group, String text) {
        String[] parts = decoded(text).split(" ", PARTS);
        if (parts.length < PARTS || !parts[0].equals(FORM)) return wrong("this is no receipt of this server");
        if (!parts[1].equals(group)) {
            return wrong("the receipt was given to group `" + Shape.shown(parts[1]) + "`, not to `" + group + "`");
        }
        Ruling<PopReceipt> ruling = PopReceipt.parse(parts[3], -1);
        @Nullable Refused refused = ruling.refused();
        if (refused != null) return new Ruling.Denied<>(refused);
        PopReceipt receipt = ruling.value();
        return Ruling.granted(new PopHandle(group, parts[2], receipt.queueId(), receipt.offset(), receipt));
    }

    private static String decoded(String text) {
        try {
            return new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException noBase64) {
            return "";
        }
    }

    private static Ruling<PopHandle> wrong(String words) {
        return Ruling.denied(Refusal.INVALID_ARGUMENT, words);
    }
}
