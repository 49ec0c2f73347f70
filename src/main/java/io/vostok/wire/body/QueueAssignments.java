package io.vostok.wire.body;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer to QUERY_ASSIGNMENT.
 *
 * @param mode {@code PULL} or {@code POP}, of all queues
 * @param queues null when nothing can be said: the client keeps what it has
 */
public record QueueAssignments(String mode, @Nullable List<MessageQueue> queues) {
    public QueueAssignments {
        if (queues != null) queues = List.copyOf(queues);
    }

    /** Returns the body as JSON in UTF-8. */
    public byte[] write() {
        JsonText json = new JsonText().open('{');
        List<MessageQueue> all = queues;
        if (all != null) {
            json.key("messageQueueAssignments").open('[');
            for (MessageQueue queue : all) {
                json.open('{').key("messageQueue");
                queue.writeTo(json);
                json.key("mode").text(mode).close('}');
            }
            json.close(']');
        }
        return json.close('}').toBytes();
    }
}
