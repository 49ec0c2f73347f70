package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which groups pull and which pop which topics: messageRequestMode.json and the answer to GET_ALL_MESSAGE_REQUEST_MODE
 * (storage reference 16.2).
 *
 * @param modes by topic and group
 */
public record RequestModeTable(Map<String, Map<String, Mode>> modes) {
    /** Nothing was ever set. */
    public static final RequestModeTable EMPTY = new RequestModeTable(Map.of());

    /**
     * One group's way to one topic; also the body of SET_MESSAGE_REQUEST_MODE.
     *
     * @param mode {@code PULL} or {@code POP}
     * @param shareQueues how many further clients share each queue; 0 or less for all
     */
    public record Mode(String topic, String group, String mode, int shareQueues) {
        /**
         * Reads the body, from position to limit, which do not move.
         *
         * @throws BadBodyException when it cannot be read
         */
        public static Mode read(ByteBuffer body) {
            return of(BodyJson.object(body, "request mode"));
        }

        private static Mode of(JsonNode json) {
            Json.requireObject(json, "request mode");
            return new Mode(
                    Json.requireText(json, "topic"),
                    Json.requireText(json, "consumerGroup"),
                    Json.textOr(json, "mode", "PULL"),
                    Json.intOr(json, "popShareQueueNum", 0));
        }
    }

    public RequestModeTable {
        Map<String, Map<String, Mode>> copy = new TreeMap<>();
        modes.forEach((topic, groups) -> copy.put(topic, Collections.unmodifiableMap(new TreeMap<>(groups))));
        modes = Collections.unmodifiableMap(copy);
    }

    /** Returns the table with {@code mode} added or replaced. */
    public RequestModeTable with(Mode mode) {
        Map<String, Map<String, Mode>> all = new TreeMap<>(modes);
        Map<String, Mode> ofTopic = new TreeMap<>(all.getOrDefault(mode.topic(), Map.of()));
        ofTopic.put(mode.group(), mode);
        all.put(mode.topic(), ofTopic);
        return new RequestModeTable(all);
    }

    /** Returns how many pairs of topic and group have a mode. */
    public int size() {
        return modes.values().stream().mapToInt(Map::size).sum();
    }

    /**
     * Reads the file.
     *
     * @throws BadBodyException when it cannot be read
     */
    public static RequestModeTable read(byte[] body) {
        JsonNode json = BodyJson.table(ByteBuffer.wrap(body), "request modes");
        return new RequestModeTable(Json.map(json, "messageRequestModeMap", (topic, groups) -> {
            Map<String, Mode> ofTopic = new TreeMap<>();
            Json.requireObject(groups, "messageRequestModeMap");
            groups.properties().forEach(entry -> {
                if (!entry.getValue().isNull()) ofTopic.put(entry.getKey(), Mode.of(entry.getValue()));
            });
            return ofTopic;
        }));
    }

    /** Returns the body as JSON in UTF-8. */
    public byte[] write() {
        JsonText json = new JsonText().open('{').key("messageRequestModeMap").open('{');
        modes.forEach((topic, groups) -> {
            json.key(topic).open('{');
            groups.forEach((group, mode) -> json.key(group)
                    .open('{')
                    .key("consumerGroup")
                    .text(mode.group())
                    .key("mode")
                    .text(mode.mode())
                    .key("popShareQueueNum")
                    .number(mode.shareQueues())
                    .key("topic")
                    .text(mode.topic())
                    .close('}'));
            json.close('}');
        });
        return json.close('}').close('}').toBytes();
    }
}
