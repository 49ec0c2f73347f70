package io.vostok.it.client;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** A message to be sent. Empty tags or keys are not set at all. */
public record Draft(String topic, byte[] body, String tags, String keys, int flag, Map<String, String> properties) {

    public static Draft of(String topic, String body) {
        return of(topic, body.getBytes(StandardCharsets.UTF_8));
    }

    public static Draft of(String topic, byte[] body) {
        return new Draft(topic, body, "", "", 0, Map.of());
    }

    public Draft tags(String newTags) {
        return new Draft(topic, body, newTags, keys, flag, properties);
    }

    public Draft keys(String newKeys) {
        return new Draft(topic, body, tags, newKeys, flag, properties);
    }

    public Draft flag(int newFlag) {
        return new Draft(topic, body, tags, keys, newFlag, properties);
    }

    public Draft with(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(properties);
        more.put(name, value);
        return new Draft(topic, body, tags, keys, flag, more);
    }
}
