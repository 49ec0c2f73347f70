package io.vostok.it.client;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** A received message; {@code properties} are all of them, the client's own too. Empty strings stand for absence. */
public record Got(
        Queue queue,
        long queueOffset,
        long logPosition,
        byte[] body,
        String tags,
        String keys,
        int flag,
        int sysFlag,
        Map<String, String> properties,
        String messageId,
        String bornHost,
        String storeHost,
        long bornMillis,
        long storedMillis,
        int reconsumeTimes) {

    public String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    /** Returns the same message with other properties. */
    public Got with(Map<String, String> others) {
        return new Got(
                queue,
                queueOffset,
                logPosition,
                body,
                tags,
                keys,
                flag,
                sysFlag,
                others,
                messageId,
                bornHost,
                storeHost,
                bornMillis,
                storedMillis,
                reconsumeTimes);
    }

    public String topic() {
        return queue.topic();
    }
}
