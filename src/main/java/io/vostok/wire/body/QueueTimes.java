package io.vostok.wire.body;

import java.util.List;

/**
 * One queue of the answer to QUERY_CONSUME_TIME_SPAN. Times are store times in milliseconds, -1 where there is no message.
 *
 * @param consumedMillis of the last message the group has consumed; of the first when it has consumed none
 * @param delayMillis how long the next message for the group has waited; 0 when none waits
 */
public record QueueTimes(MessageQueue queue, long firstMillis, long lastMillis, long consumedMillis, long delayMillis) {
    /** Returns the body as JSON in UTF-8. */
    public static byte[] write(List<QueueTimes> queues) {
        JsonText json = new JsonText().open('{').key("consumeTimeSpanSet").open('[');
        for (QueueTimes times : queues) {
            json.open('{')
                    .key("consumeTimeStamp")
                    .number(times.consumedMillis)
                    .key("delayTime")
                    .number(times.delayMillis)
                    .key("maxTimeStamp")
                    .number(times.lastMillis);
            times.queue
                    .writeTo(json.key("messageQueue"))
                    .key("minTimeStamp")
                    .number(times.firstMillis)
                    .close('}');
        }
        return json.close(']').close('}').toBytes();
    }
}
