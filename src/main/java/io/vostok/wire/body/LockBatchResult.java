package io.vostok.wire.body;

import java.nio.ByteBuffer;
import java.util.List;

/** The answer to LOCK_BATCH_MQ: the queues the client holds now. */
public record LockBatchResult(List<MessageQueue> lockedQueues) {
    public LockBatchResult {
        lockedQueues = List.copyOf(lockedQueues);
    }

    /**
     * Reads the body.
     *
     * @throws BadBodyException when it cannot be read
     */
    public static LockBatchResult read(byte[] body) {
        return read(ByteBuffer.wrap(body));
    }

    /** As {@link #read(byte[])}, from position to limit, which do not move. */
    public static LockBatchResult read(ByteBuffer body) {
        return new LockBatchResult(Json.list(BodyJson.object(body, "lock result"), "lockOKMQSet", MessageQueue::of));
    }

    /** Returns the body as JSON in UTF-8. */
    public byte[] write() {
        JsonText json = new JsonText().open('{').key("lockOKMQSet").open('[');
        lockedQueues.forEach(queue -> queue.writeTo(json));
        return json.close(']').close('}').toBytes();
    }
}
