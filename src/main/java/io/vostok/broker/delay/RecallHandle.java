package io.vostok.broker.delay;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Names a message that waits for its time, as Apache's clients and brokers write it (storage reference 9.11). Clients read the
 * broker's name in it.
 *
 * @param dueMillis its {@code TIMER_OUT_MS}
 */
record RecallHandle(String topic, String brokerName, long dueMillis, String uniqueId) {
    private static final String VERSION = "v1";

    String text() {
        // One more than the time in the index: Apache takes it off again when it rounds down.
        String plain = String.join(" ", VERSION, topic, brokerName, Long.toString(dueMillis + 1), uniqueId);
        return Base64.getUrlEncoder().encodeToString(plain.getBytes(StandardCharsets.UTF_8));
    }

    /** Returns what {@code text} says, or null when it is no handle. */
    static @Nullable RecallHandle parse(String text) {
        try {
            String plain = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8);
            String[] parts = plain.split(" ", -1);
            if (parts.length != 5 || !parts[0].equals(VERSION) || parts[4].isEmpty()) return null;
            if (parts[4].chars().anyMatch(Character::isISOControl)) return null;
            return new RecallHandle(parts[1], parts[2], Long.parseLong(parts[3]) - 1, parts[4]);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
