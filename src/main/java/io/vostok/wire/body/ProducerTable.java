package io.vostok.wire.body;

import io.vostok.wire.Language;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The answer to GET_ALL_PRODUCER_INFO: producers by group. */
public record ProducerTable(Map<String, List<Producer>> byGroup) {
    /**
     * One connection.
     *
     * @param address as {@code ip:port}
     * @param language its number on the wire
     * @param seenMillis when it was last heard of
     */
    public record Producer(String clientId, String address, int language, int version, long seenMillis) {}

    public ProducerTable {
        byGroup = Collections.unmodifiableMap(new LinkedHashMap<>(byGroup));
    }

    /** Returns the body as JSON in UTF-8. */
    public byte[] write() {
        JsonText json = new JsonText().open('{').key("data").open('{');
        byGroup.forEach((group, producers) -> {
            json.key(group).open('[');
            for (Producer producer : producers) {
                json.open('{')
                        .key("clientId")
                        .text(producer.clientId)
                        .key("language")
                        .text(Language.nameOf(producer.language))
                        .key("lastUpdateTimestamp")
                        .number(producer.seenMillis)
                        .key("remoteIP")
                        .text(producer.address)
                        .key("version")
                        .number(producer.version)
                        .close('}');
            }
            json.close(']');
        });
        return json.close('}').close('}').toBytes();
    }
}
