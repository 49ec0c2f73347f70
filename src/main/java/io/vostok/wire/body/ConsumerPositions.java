package io.vostok.wire.body;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** The answer to INVOKE_BROKER_TO_GET_CONSUMER_STATUS: offsets by client id. Keys are raw objects, which is no legal JSON. */
public record ConsumerPositions(Map<String, QueueOffsets> byClient) {
    public ConsumerPositions {
        byClient = Collections.unmodifiableMap(new LinkedHashMap<>(byClient));
    }

    /** Returns the body as JSON in UTF-8. */
    public byte[] write() {
        JsonText json = new JsonText().open('{').key("consumerTable").open('{');
        byClient.forEach((client, offsets) -> offsets.writeTo(json.key(client)));
        return json.close('}').close('}').toBytes();
    }
}
