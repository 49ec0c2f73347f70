package io.vostok.broker.topic;

import io.vostok.broker.Refusal;
import io.vostok.broker.Ruling;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Changes of a topic's attributes in signed form, {@code +message.type=FIFO,-reserve.time} (remoting reference 7.8). */
final class TopicAttributes {
    private static final int LONGEST_TEXT = 4096;
    private static final Set<String> MESSAGE_TYPES =
            Set.of("UNSPECIFIED", "NORMAL", "FIFO", "DELAY", "TRANSACTION", "PRIORITY", "LITE", "MIXED");
    private static final Set<String> KEYS =
            Set.of("queue.type", "cleanup.policy", "message.type", "reserve.time", "lite.topic.expiration");
    private static final Set<String> UNCHANGEABLE = Set.of("queue.type", "cleanup.policy");

    private TopicAttributes() {}

    /**
     * Returns the attributes after the change, or why it is none.
     *
     * @param current without signs
     * @param creating whether the topic is new: then attributes can only be added, also those that never change later
     */
    static Ruling<Map<String, String>> change(Map<String, String> current, boolean creating, String signed) {
        if (signed.length() > LONGEST_TEXT) {
            return invalid("attributes have " + signed.length() + " characters, at most " + LONGEST_TEXT);
        }
        Map<String, String> changed = new HashMap<>(current);
        Set<String> seen = new HashSet<>();
        for (String entry : signed.split(",", -1)) {
            String part = entry.trim();
            if (part.isEmpty()) continue;
            char sign = part.charAt(0);
            int equals = part.indexOf('=');
            String key = (equals < 0 ? part.substring(1) : part.substring(1, equals)).trim();
            String value = equals < 0 ? "" : part.substring(equals + 1).trim();

            if (sign != '+' && sign != '-') {
                return invalid("attribute `" + part + "` must start with '+' to set or '-' to remove");
            }
            if (!KEYS.contains(key)) return invalid("unknown attribute `" + key + "`, known are " + KEYS);
            if (!seen.add(key)) return invalid("attribute `" + key + "` is given twice");
            if (!creating && UNCHANGEABLE.contains(key) && !value.equals(current.get(key))) {
                return invalid("attribute `" + key + "` can only be given when the topic is created");
            }
            if (sign == '-') {
                if (!current.containsKey(key)) return invalid("attribute `" + key + "` is not set, nothing to remove");
                changed.remove(key);
                continue;
            }
            String problem = problem(key, value);
            if (!problem.isEmpty()) return Ruling.denied(notBuilt(key, value), problem);
            changed.put(key, value);
        }
        return Ruling.granted(changed);
    }

    private static String problem(String key, String value) {
        return switch (key) {
            case "message.type" ->
                MESSAGE_TYPES.contains(value) ? "" : "message.type must be one of " + MESSAGE_TYPES + ", was " + value;
            case "queue.type" ->
                value.equals("SimpleCQ") ? "" : "queue.type `" + value + "` is not built, only SimpleCQ is";
            case "cleanup.policy" ->
                value.equals("DELETE") ? "" : "cleanup.policy `" + value + "` is not built, only DELETE is";
            case "reserve.time" -> inRange(key, value, -1, Long.MAX_VALUE);
            case "lite.topic.expiration" -> inRange(key, value, -1, 43_200);
            default -> "unknown attribute `" + key + "`";
        };
    }

    private static String inRange(String key, String value, long least, long most) {
        try {
            long number = Long.parseLong(value);
            if (number >= least && number <= most) return "";
        } catch (NumberFormatException e) {
            // Told below, in the same words as a number out of range.
        }
        return key + " must be a number from " + least + " to " + most + ", was `" + value + "`";
    }

    private static Refusal notBuilt(String key, String value) {
        boolean ofApache = value.equals("BatchCQ") || value.equals("COMPACTION");
        return UNCHANGEABLE.contains(key) && ofApache ? Refusal.UNSUPPORTED : Refusal.INVALID_ARGUMENT;
    }

    private static Ruling<Map<String, String>> invalid(String words) {
        return Ruling.denied(Refusal.INVALID_ARGUMENT, words);
    }
}
