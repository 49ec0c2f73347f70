package io.vostok.broker.offset;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.topic.GroupTable;
import io.vostok.broker.topic.TopicTable;
import io.vostok.model.GroupName;
import io.vostok.model.Topic;
import io.vostok.model.TopicName;
import org.jspecify.annotations.Nullable;

/** What consumers hear of offsets, and which they may store (remoting reference 6.4). Pure; any thread. */
public final class OffsetRules {
    /** A group has no offset of a queue. */
    public static final long NOT_STORED = -1;

    private final long recentBytes;

    /**
     * @param recentBytes a message counts as in memory while it starts at most so many bytes before the end of the log
     */
    public OffsetRules(long recentBytes) {
        if (recentBytes < 0) throw new IllegalArgumentException("recent bytes below zero: " + recentBytes);
        this.recentBytes = recentBytes;
    }

    /**
     * Answers where a group stands.
     *
     * <p>A group without an offset starts at 0 while the queue still begins with its first message and that one is in
     * memory, so that it gets all of a young topic; also when the queue is empty, so that nothing sent between this
     * question and the next is passed over. Otherwise the client decides.
     *
     * @param stored the group's offset, {@link #NOT_STORED} for none
     * @param zeroIfNotFound the request's setZeroIfNotFound; true when it has none
     * @param logEnd end of the log, in bytes from its start
     * @return the offset, or NO_OFFSET
     */
    public Ruling<Long> query(long stored, boolean zeroIfNotFound, QueueBounds queue, long logEnd) {
        if (stored >= 0) return Ruling.granted(stored);
        if (zeroIfNotFound && queue.min() <= 0 && (queue.max() == 0 || inMemory(queue, logEnd))) {
            return Ruling.granted(0L);
        }
        return Ruling.denied(Refusal.NO_OFFSET, "the group has no offset of this queue yet");
    }

    /**
     * Decides whether a group's offset may be stored.
     *
     * <p>Apache stores whatever it is told. We refuse what no honest client means: an offset below zero or beyond the end
     * of the queue. Clients commit what they have read and tools reset to offsets they asked for, so both stay within. One
     * that commits beyond, for instance after its topic was deleted and made anew, learns the right offset by its next
     * pull; it sends the commit one-way and does not see the refusal.
     *
     * @return why not, or null when it may be stored; an offset lower than the stored one may
     */
    public @Nullable Refused update(
            String group,
            String topicName,
            int queueId,
            long offset,
            QueueBounds queue,
            GroupTable groups,
            TopicTable topics) {
        if (groups.find(group) == null) {
            String problem = GroupName.problem(group);
            return new Refused(
                    Refusal.GROUP_NOT_FOUND,
                    problem != null
                            ? problem
                            : "consumer group `" + group
                                    + "` does not exist; create it with `java -jar vostok.jar group create " + group
                                    + "`");
        }
        Topic topic = topics.find(topicName);
        if (topic == null) {
            String problem = TopicName.problem(topicName);
            return new Refused(
                    Refusal.TOPIC_NOT_FOUND, problem != null ? problem : "topic `" + topicName + "` does not exist");
        }
        int queues = Math.max(topic.readQueues(), topic.writeQueues());
        if (queueId < 0 || queueId >= queues) {
            return new Refused(
                    Refusal.INVALID_ARGUMENT,
                    "queue " + queueId + " of topic `" + topicName + "` does not exist, it has " + queues);
        }
        if (offset < 0 || offset > queue.max()) {
            return new Refused(
                    Refusal.INVALID_ARGUMENT,
                    "offset " + offset + " of " + topicName + "/" + queueId + " is not within 0 and the queue's end "
                            + queue.max());
        }
        return null;
    }

    /** Returns the offset of the next message: 0 for an unknown queue. */
    public long max(QueueBounds queue) {
        return queue.max();
    }

    /** Returns the smallest offset that can be read: -1 for an unknown queue. */
    public long min(QueueBounds queue) {
        return queue.min();
    }

    /**
     * Returns the store time of the first message: -1 when there is none.
     *
     * @param storeMillis of the record at the queue's first position, -1 when the log no longer holds it
     */
    public long earliest(QueueBounds queue, long storeMillis) {
        return queue.firstPosition() < 0 ? -1 : storeMillis;
    }

    /**
     * Returns the offset found by time as the protocol wants it.
     *
     * @param found what the queue's search for {@code boundary} returned; not looked at when the queue is unknown or empty
     * @param firstMillis store time of the first message, to tell whether all are newer than {@code millis}
     */
    public long search(QueueBounds queue, Boundary boundary, long millis, long found, long firstMillis) {
        if (queue.max() == 0) return 0;
        if (boundary == Boundary.UPPER && firstMillis > millis) return 0;
        return Math.max(queue.min(), Math.min(found, queue.max()));
    }

    private boolean inMemory(QueueBounds queue, long logEnd) {
        return queue.firstPosition() >= 0 && logEnd - queue.firstPosition() <= recentBytes;
    }
}
