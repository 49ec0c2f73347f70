package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.List;

/** The body of LOCK_BATCH_MQ and UNLOCK_BATCH_MQ. */
public record LockBatch(String clientId, String consumerGroup, List<MessageQueue> queues, boolean onlyThisBroker) {
    public LockBatch {
        queues = List.copyOf(queues);
    }

    /**
     * Reads the body.
     *
     * @throws BadBodyException when it cannot be read
     */
    public static LockBatch read(byte[] body) {
        return read(ByteBuffer.wrap(body));
    }

    /** As {@link #read(byte[])}, from position to limit, which do not move. */
    public static LockBatch read(ByteBuffer body) {
        JsonNode json = BodyJson.object(body, "lock request");
        return new LockBatch(
                Json.requireText(json, "clientId"),
                Json.requireText(json, "consumerGroup"),
                Json.list(json, "mqSet", MessageQueue::of),
                Json.flagOr(json, "onlyThisBroker", false));
    }

    /** Returns the body as JSON in UTF-8. */
    public byte[] write() {
        JsonText json = new JsonText().open('{').key("clientId").text(clientId);
        json.key("consumerGroup").text(consumerGroup).key("mqSet").open('[');
        queues.forEach(queue -> queue.writeTo(json));
        return json.close(']')
                .key("onlyThisBroker")
                .flag(onlyThisBroker)
                .close('}')
                .toBytes();
    }
}
