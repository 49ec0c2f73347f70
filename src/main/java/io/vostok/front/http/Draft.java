package io.vostok.front.http;

import io.vertx.core.buffer.Buffer;
import io.vostok.model.MessageProperties;
import io.vostok.model.PropertiesEditor;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One message as an HTTP client wants it stored.
 *
 * @param queue the client chose, or null
 * @param messageGroup messages of one group go to one queue, in their order; null when order does not matter
 * @param properties everything that goes with the message, names that mean something to the broker included
 */
record Draft(Buffer body, @Nullable Integer queue, @Nullable String messageGroup, Map<String, String> properties) {
    /** Property in which the media type of a body is kept. */
    static final String CONTENT_TYPE = "contentType";

    private static final int LONGEST_ID = 255;
    private static final Pattern SPACE = Pattern.compile("\\s");

    /** Collects what a request says about a message; each method takes null for "says nothing". */
    static final class Builder {
        private final List<Duration> delayLevels;
        private final Map<String, String> properties = new LinkedHashMap<>();
        private Buffer body = Buffer.buffer();
        private @Nullable Integer queue;
        private @Nullable String messageGroup;

        /** @param delayLevels how long each waits, the first is level 1 */
        Builder(List<Duration> delayLevels) {
            this.delayLevels = delayLevels;
        }

        Builder tag(@Nullable String tag) {
            return system(MessageProperties.TAGS, tag);
        }

        /** @param keys separated by spaces */
        Builder keys(@Nullable String keys) {
            return system(MessageProperties.KEYS, keys);
        }

        /** As {@link #keys}, unless there are some already or {@code key} could not be one. */
        Builder usualKey(String key) {
            if (properties.containsKey(MessageProperties.KEYS)
                    || key.isEmpty()
                    || SPACE.matcher(key).find()) return this;
            return keys(key);
        }

        Builder uniqueId(@Nullable String id) {
            if (id == null) return this;
            if (id.isBlank() || id.length() > LONGEST_ID || SPACE.matcher(id).find()) {
                throw wrong("an Idempotency-Key has 1 to " + LONGEST_ID + " characters and no spaces");
            }
            return system(MessageProperties.UNIQ_KEY, id);
        }

        Builder contentType(@Nullable String mediaType) {
            return system(CONTENT_TYPE, mediaType);
        }

        Builder queue(@Nullable Integer number) {
            queue = number;
            return this;
        }

        Builder messageGroup(@Nullable String group) {
            messageGroup = group;
            return system(MessageProperties.SHARDING_KEY, group);
        }

        /** A delay that is one of the levels is that level; any other is reckoned by the broker. */
        Builder deliver(@Nullable String delay, @Nullable String deliverAt) {
            if (delay != null && deliverAt != null) throw wrong("give delay or deliverAt, not both");
            if (deliverAt != null) {
                return system(MessageProperties.TIMER_DELIVER_MS, Long.toString(Query.millis("deliverAt", deliverAt)));
            }
            if (delay == null) return this;
            Duration wait = Query.duration("delay", delay);
            int level = delayLevels.indexOf(wait) + 1;
            if (level > 0) return system(MessageProperties.DELAY, Integer.toString(level));
            if (wait.isZero()) return this;
            return system(MessageProperties.TIMER_DELAY_MS, Long.toString(wait.toMillis()));
        }

        /** Takes properties of the client's own naming. @throws Problem.Found for names that belong to the broker */
        Builder properties(Map<String, String> own) {
            own.forEach((name, value) -> {
                if (ReservedNames.contains(name)) {
                    throw wrong("the property `" + Shape.shown(name)
                            + "` belongs to the broker; key, tag, delay and the others have parameters of their own");
                }
                put(name, value);
            });
            return this;
        }

        /** The message waits for its commit; producers of {@code group} are asked what became of it. */
        Builder transactionOf(String group) {
            return system(MessageProperties.TRAN_MSG, "true").system(MessageProperties.PGROUP, group);
        }

        /** Takes a property that this front sets itself. */
        Builder system(String name, @Nullable String value) {
            if (value != null) put(name, value);
            return this;
        }

        private void put(String name, String value) {
            if (value.isEmpty()) throw wrong("the property `" + Shape.shown(name) + "` is empty");
            properties.put(name, value);
        }

        Builder body(Buffer bytes) {
            body = bytes;
            return this;
        }

        Draft build() {
            if (queue != null && messageGroup != null) throw wrong("give queue or messageGroup, not both");
            return new Draft(body, queue, messageGroup, properties);
        }

        private static Problem.Found wrong(String remark) {
            return new Problem.Found(Problem.badRequest(remark));
        }
    }

    /** Tells whether it is not to be delivered at once. */
    boolean waits() {
        return properties.containsKey(MessageProperties.DELAY)
                || properties.containsKey(MessageProperties.TIMER_DELAY_MS)
                || properties.containsKey(MessageProperties.TIMER_DELIVER_MS);
    }

    /** Writes the properties into {@code editor}. @throws Problem.Found when one could not be read back */
    void writeTo(PropertiesEditor editor) {
        editor.loaded(0);
        try {
            properties.forEach(editor::put);
        } catch (IllegalArgumentException e) {
            throw new Problem.Found(Problem.badRequest(String.valueOf(e.getMessage())));
        }
    }
}
