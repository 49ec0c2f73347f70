package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.List;

/** Which clients hold which queues: config/queueLocks.json, a file of ours alone. */
public record QueueLockTable(List<Entry> locks) {
    /** One queue that {@code clientId} holds for {@code group}. */
    public record Entry(String group, String clientId, MessageQueue queue) {
        static Entry of(JsonNode json) {
            Json.requireObject(json, "lock");
            return new Entry(
                    Json.requireText(json, "consumerGroup"),
                    Json.requireText(json, "clientId"),
                    MessageQueue.of(Json.objectAt(json, "queue")));
        }
    }

    public QueueLockTable {
        locks = List.copyOf(locks);
    }

    /**
     * Reads the file.
     *
     * @throws BadBodyException when it cannot be read
     */
    public static QueueLockTable read(byte[] body) {
        return new QueueLockTable(Json.list(BodyJson.object(ByteBuffer.wrap(body), "queue locks"), "locks", Entry::of));
    }

    /** Returns the file as JSON in UTF-8. */
    public byte[] write() {
        JsonText json = new JsonText().open('{').key("locks").open('[');
        for (Entry lock : locks) {
            json.open('{').key("consumerGroup").text(lock.group());
            json.key("clientId").text(lock.clientId()).key("queue");
            lock.queue().writeTo(json);
            json.close('}');
        }
        return json.close(']').close('}').toBytes();
    }
}
