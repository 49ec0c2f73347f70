package io.vostok.broker.delay;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.model.MessageProperties;
import io.vostok.model.PropertiesEditor;
import io.vostok.model.QueueId;
import io.vostok.model.SysFlag;
import io.vostok.model.TopicName;
import io.vostok.store.timer.DelayQueues;
import org.jspecify.annotations.Nullable;

/** Which messages wait, and where they go when they are due (remoting reference 4.8, storage reference 9). Pure; any thread. */
public final class DelayRules {
    private static final String HALF_PREFIX = "RMQ_SYS_TRANS_";
    private static final String ROCKS_HALF_PREFIX = "RMQ_SYS_ROCKSDB_TRANS_";

    private final int levels;

    /** @param levels how many delay levels there are */
    public DelayRules(int levels) {
        this.levels = levels;
    }

    /**
     * Decides where a message that goes to {@code queue} is stored first, and notes the queue in its properties when it is
     * parked.
     *
     * @return the same {@code queue} when the message does not wait, the queue of its level when it does, or
     *     MESSAGE_ILLEGAL when its level is no number
     */
    public Ruling<QueueId> park(PropertiesEditor properties, int sysFlag, QueueId queue) {
        @Nullable String wish = properties.get(MessageProperties.DELAY);
        if (wish == null || SysFlag.hiddenFromQueues(sysFlag)) return Ruling.granted(queue);
        int level;
        try {
            level = Integer.parseInt(wish);
        } catch (NumberFormatException e) {
            return Ruling.denied(
                    Refusal.MESSAGE_ILLEGAL,
                    "property DELAY must be a level from 1 to " + levels + ", was `" + wish + "`");
        }
        if (level <= 0) return Ruling.granted(queue);
        return Ruling.granted(parkOn(level, queue, properties));
    }

    /**
     * Notes in the properties that a message to {@code queue} waits on {@code level}, the last one if there is no such.
     *
     * @return the queue of the level, where the message is stored
     */
    public QueueId parkOn(int level, QueueId queue, PropertiesEditor properties) {
        int taken = Math.min(level, levels);
        // A level is stronger than a time (reference 4.8).
        properties.remove(MessageProperties.TIMER_DELAY_SEC);
        properties.remove(MessageProperties.TIMER_DELAY_MS);
        properties.remove(MessageProperties.TIMER_DELIVER_MS);
        properties.put(MessageProperties.DELAY, taken);
        properties.put(MessageProperties.REAL_TOPIC, queue.topic().value());
        properties.put(MessageProperties.REAL_QID, queue.index());
        return new QueueId(DelayQueues.TOPIC, taken - 1);
    }

    /** Returns where a parked message goes now that it is due, or why it can go nowhere. */
    public Ruling<QueueId> release(PropertiesEditor properties) {
        @Nullable String topic = properties.get(MessageProperties.REAL_TOPIC);
        @Nullable String problem = topic == null ? "it names no topic" : TopicName.problem(topic);
        if (topic == null || problem != null) {
            return new Ruling.Denied<>(new Refused(Refusal.MESSAGE_ILLEGAL, String.valueOf(problem)));
        }
        if (topic.equals(DelayQueues.TOPIC.value())
                || topic.startsWith(HALF_PREFIX)
                || topic.startsWith(ROCKS_HALF_PREFIX)) {
            return Ruling.denied(Refusal.FORBIDDEN, "its topic `" + topic + "` belongs to the broker");
        }
        @Nullable String index = properties.get(MessageProperties.REAL_QID);
        int queue;
        try {
            queue = index == null ? -1 : Integer.parseInt(index);
        } catch (NumberFormatException e) {
            queue = -1;
        }
        if (queue < 0) {
            return Ruling.denied(Refusal.MESSAGE_ILLEGAL, "its queue `" + index + "` of topic `" + topic + "` is none");
        }
        return Ruling.granted(new QueueId(new TopicName(topic), queue));
    }
}
