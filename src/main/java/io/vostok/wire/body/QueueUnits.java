package io.vostok.wire.body;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer to QUERY_CONSUME_QUEUE: units of a queue as they are on disk.
 *
 * @param subscription of the group that was asked about, or null
 */
public record QueueUnits(@Nullable SubscriptionData subscription, List<Unit> units, long minOffset, long maxOffset) {
    /**
     * One unit.
     *
     * @param position where the record starts in the log
     * @param tagsCode hash of the tags; in the schedule topic the deliver time
     * @param wanted whether the group would be given the message
     * @param note what else there is to say, or null
     */
    public record Unit(
            long position,
            int sizeBytes,
            long tagsCode,
            boolean wanted,
            @Nullable String note) {}

    public QueueUnits {
        units = List.copyOf(units);
    }

    /** Returns the body as JSON in UTF-8. */
    public byte[] write() {
        JsonText json = new JsonText().open('{');
        json.key("maxQueueIndex").number(maxOffset).key("minQueueIndex").number(minOffset);
        json.key("queueData").open('[');
        for (Unit unit : units) {
            json.open('{').key("eval").flag(unit.wanted);
            if (unit.note != null) json.key("msg").text(unit.note);
            json.key("physicOffset")
                    .number(unit.position)
                    .key("physicSize")
                    .number(unit.sizeBytes)
                    .key("tagsCode")
                    .number(unit.tagsCode)
                    .close('}');
        }
        json.close(']');
        if (subscription != null) subscription.writeTo(json.key("subscriptionData"));
        return json.close('}').toBytes();
    }
}
