package io.vostok.front.http;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.offset.Boundary;
import io.vostok.model.Topic;
import io.vostok.service.Broker;
import org.jspecify.annotations.Nullable;

/** Where in a topic a reader starts. */
final class StartingPoint {
    static final String EARLIEST = "earliest";
    static final String LATEST = "latest";

    private StartingPoint() {}

    /** Returns the topic. @throws Problem.Found when there is none */
    static Topic topic(Broker broker, String name) {
        @Nullable Topic topic = broker.topic(name);
        if (topic != null) return topic;
        throw new Problem.Found(
                Problem.of(new Refused(Refusal.TOPIC_NOT_FOUND, "topic `" + name + "` does not exist")));
    }

    /** Returns how many queues are read together. @throws Problem.Found when they are too many for a cursor */
    static int queues(Topic topic) {
        int queues = topic.readQueues();
        if (queues <= Cursor.MOST_QUEUES) return queues;
        throw new Problem.Found(Problem.badRequest("topic `" + topic.name() + "` has " + queues + " queues; at most "
                + Cursor.MOST_QUEUES + " are read together, so name one with `queue`"));
    }

    /**
     * Returns the offset of each queue.
     *
     * @param from {@code earliest}, {@code latest}, or a time
     * @param cursor counts instead when it is given
     * @throws Problem.Found when either is malformed
     */
    static long[] offsets(Broker broker, Topic topic, int queues, String from, @Nullable String cursor) {
        long[] offsets = new long[queues];
        if (cursor != null) {
            long @Nullable [] given = Cursor.read(cursor, queues);
            if (given == null) {
                throw new Problem.Found(Problem.badRequest(
                        "`" + Shape.shown(cursor) + "` is no place in topic `" + topic.name() + "`"));
            }
            offsets = given;
            for (int queue = 0; queue < queues; queue++) {
                // A queue that came after the cursor was written is read from its start.
                if (offsets[queue] < 0) offsets[queue] = offset(broker, topic, queue, EARLIEST);
            }
            return offsets;
        }
        for (int queue = 0; queue < queues; queue++) offsets[queue] = offset(broker, topic, queue, from);
        return offsets;
    }

    /** Returns the offset of one queue. */
    static long offset(Broker broker, Topic topic, int queue, String from) {
        String name = topic.name().value();
        return switch (from) {
            case EARLIEST -> Math.max(0, broker.minOffset(name, queue));
            case LATEST -> broker.maxOffset(name, queue);
            default -> broker.searchOffset(name, queue, Query.millis("from", from), Boundary.LOWER);
        };
    }
}
