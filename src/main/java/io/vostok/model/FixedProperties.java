package io.vostok.model;

import java.util.List;
import java.util.Map;

/** Properties that are put on message after message, encoded once. Immutable. */
public final class FixedProperties {
    private final List<String> keys;
    private final byte[] text;
    private final long starts;

    /**
     * Encodes {@code properties} in their order.
     *
     * @throws IllegalArgumentException when a key or value is empty or holds a separator: it could not be read back
     */
    public FixedProperties(Map<String, String> properties) {
        keys = List.copyOf(properties.keySet());
        text = MessageProperties.write(properties);
        starts = PropertiesEditor.startsOf(text, 0, text.length);
    }

    List<String> keys() {
        return keys;
    }

    byte[] text() {
        return text;
    }

    /** Returns the bits of the keys, as {@link PropertiesEditor} keeps them. */
    long starts() {
        return starts;
    }
}
