package io.vostok.wire.body;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The answer to GET_BROKER_CONSUME_STATS.
 *
 * @param byGroup one entry a topic
 * @param brokerAddress of this broker as {@code host:port}
 */
public record ConsumeStatsList(Map<String, List<ConsumeStats>> byGroup, String brokerAddress) {
    public ConsumeStatsList {
        byGroup = Collections.unmodifiableMap(new LinkedHashMap<>(byGroup));
    }

    /** Returns the body as JSON in UTF-8. */
    public byte[] write() {
        JsonText json = new JsonText().open('{').key("brokerAddr").text(brokerAddress);
        json.key("consumeStatsList").open('[');
        long waiting = 0;
        long inFlight = 0;
        for (Map.Entry<String, List<ConsumeStats>> group : byGroup.entrySet()) {
            json.open('{').key(group.getKey()).open('[');
            for (ConsumeStats stats : group.getValue()) {
                stats.writeTo(json);
                for (ConsumeStats.Progress queue : stats.offsets().values()) {
                    waiting += queue.brokerOffset() - queue.consumerOffset();
                    inFlight += queue.pullOffset() - queue.consumerOffset();
                }
            }
            json.close(']').close('}');
        }
        return json.close(']')
                .key("totalDiff")
                .number(waiting)
                .key("totalInflightDiff")
                .number(inFlight)
                .close('}')
                .toBytes();
    }
}
