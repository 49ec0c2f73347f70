package io.vostok.model;

import java.util.List;
import java.util.Map;

/** Properties that are put on message after message, encoded once. Immutable. */
public final class FixedProperties {
    private final List<String> keys;
    private final byte[] text;

    /**
     * Encodes {@code properties} in their order.
     *
     * @throws IllegalArgumentException when a key or value is empty or holds a separator: it could not be read back
     */
    public FixedProperties(Map<String, String> properties) {
        keys = List.copyOf(properties.keySet());
        text = MessageProperties.write(properties);
    }

    List<String> keys() {
        return keys;
    }

    byte[] text() {
        return text;
    }
}
