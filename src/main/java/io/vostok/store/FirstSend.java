package io.vostok.store;

/**
 * What the first of two equal sends was answered.
 *
 * @param stored where it is; its end is that of the first send
 * @param queueId the queue it was sent to, also when it waits elsewhere for its time or its transaction
 * @param dueMillis when it is due that waits for a time of its own, as its recall must name it; else 0
 */
public record FirstSend(Stored stored, int queueId, long dueMillis) {
    /** Of a message that does not wait for a time of its own. */
    public FirstSend(Stored stored, int queueId) {
        this(stored, queueId, 0);
    }
}
