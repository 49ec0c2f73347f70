package io.vostok.service;

import io.vostok.model.MessageProperties;
import io.vostok.store.LogView;
import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message that is in the log and not in its queue yet, as far as its properties tell.
 *
 * @param topic where it goes; empty when it does not say
 * @param queue of that topic; -1 when it does not say
 * @param keys separated by spaces
 */
public record WaitingMessage(
        String topic,
        int queue,
        @Nullable String tag,
        @Nullable String keys,
        @Nullable String uniqueId,
        int sizeBytes,
        long storedMillis) {

    /** Reads properties only, into memory that it keeps. One thread at a time. */
    static final class Reader {
        private final LogView view;
        private final ByteBuffer text = ByteBuffer.allocate(MessageProperties.LARGEST_BYTES);

        Reader(LogView view) {
            this.view = view;
        }

        /** Returns the properties of a record, or null when the log does not hold it any more. May block. */
        @Nullable
        Map<String, String> properties(long position, int sizeBytes) {
            text.clear();
            if (!view.properties(position, sizeBytes, text)) return null;
            return MessageProperties.parse(text.array(), 0, text.position());
        }

        WaitingMessage message(long position, int sizeBytes, Map<String, String> properties) {
            return new WaitingMessage(
                    properties.getOrDefault(MessageProperties.REAL_TOPIC, ""),
                    queue(properties.get(MessageProperties.REAL_QID)),
                    properties.get(MessageProperties.TAGS),
                    properties.get(MessageProperties.KEYS),
                    properties.get(MessageProperties.UNIQ_KEY),
                    sizeBytes,
                    view.storeMillis(position));
        }

        private static int queue(@Nullable String number) {
            try {
                return number == null ? -1 : Integer.parseInt(number);
            } catch (NumberFormatException foreign) {
                return -1;
            }
        }
    }
}
