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
import io.vostok.store.timer.Timers;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Which messages wait, and where they go when they are due (remoting reference 4.8, storage reference 9). Pure; any thread. */
public final class DelayRules {
    private static final String HALF_PREFIX = "RMQ_SYS_TRANS_";
    private static final String ROCKS_HALF_PREFIX = "RMQ_SYS_ROCKSDB_TRANS_";
    /** A number and two separators. */
    private static final int NOTE_BYTES = 22;

    private final int levels;
    private final long maxDelayMillis;
    private final String brokerName;

    /**
     * @param levels how many delay levels there are
     * @param maxDelay how far ahead a delivery time may lie
     * @param brokerName named in recall handles
     */
    public DelayRules(int levels, Duration maxDelay, String brokerName) {
        this.levels = levels;
        this.maxDelayMillis = maxDelay.toMillis();
        this.brokerName = brokerName;
    }

    /**
     * Decides where a message that goes to {@code queue} is stored first, and notes the queue in its properties when it is
     * parked. A level is stronger than a time of its own.
     *
     * @return the same {@code queue} when the message does not wait, the queue of its level or the timer queue when it does,
     *     or MESSAGE_ILLEGAL when its level or time is no number or too far away
     */
    public Ruling<QueueId> park(PropertiesEditor properties, int sysFlag, QueueId queue, long nowMillis) {
        if (SysFlag.hiddenFromQueues(sysFlag)) return Ruling.granted(queue);
        @Nullable String level = properties.get(MessageProperties.DELAY);
        if (level != null) {
            Ruling<QueueId> parked = parkOn(level, queue, properties);
            if (parked.refused() != null || !parked.value().equals(queue)) return parked;
        }
        return parkUntil(properties, queue, nowMillis);
    }

    /** Tells whether a message has a level or a time, valid or not. */
    public static boolean mayWait(PropertiesEditor properties) {
        return properties.contains(MessageProperties.DELAY) || timeOf(properties) != null;
    }

    private Ruling<QueueId> parkOn(String wish, QueueId queue, PropertiesEditor properties) {
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

    private Ruling<QueueId> parkUntil(PropertiesEditor properties, QueueId queue, long nowMillis) {
        @Nullable String name = timeOf(properties);
        // As Apache: a message with TIMER_OUT_MS has had its wait.
        if (name == null || properties.contains(MessageProperties.TIMER_OUT_MS)) return Ruling.granted(queue);
        long wish;
        try {
            wish = Long.parseLong(String.valueOf(properties.get(name)));
        } catch (NumberFormatException e) {
            return Ruling.denied(
                    Refusal.MESSAGE_ILLEGAL,
                    "property " + name + " must be a number, was `" + properties.get(name) + "`");
        }
        long waitMillis = waitMillis(name, wish, nowMillis);
        if (waitMillis <= 0) {
            return properties.contains(MessageProperties.TIMER_DEL_UNIQKEY)
                    ? Ruling.denied(Refusal.MESSAGE_ILLEGAL, "the message to recall is due already")
                    : Ruling.granted(queue);
        }
        if (waitMillis > maxDelayMillis) {
            return Ruling.denied(
                    Refusal.MESSAGE_ILLEGAL,
                    "the delivery time (" + name + " " + wish + ") is more than " + maxDelayMillis / 1_000
                            + " s away (broker.maxDelay)");
        }
        properties.put(MessageProperties.TIMER_OUT_MS, nowMillis + waitMillis);
        properties.put(MessageProperties.REAL_TOPIC, queue.topic().value());
        properties.put(MessageProperties.REAL_QID, queue.index());
        return Ruling.granted(Timers.QUEUE);
    }

    /** Returns the property that decides; seconds are stronger than milliseconds, both than a time. */
    private static @Nullable String timeOf(PropertiesEditor properties) {
        if (properties.contains(MessageProperties.TIMER_DELAY_SEC)) return MessageProperties.TIMER_DELAY_SEC;
        if (properties.contains(MessageProperties.TIMER_DELAY_MS)) return MessageProperties.TIMER_DELAY_MS;
        return properties.contains(MessageProperties.TIMER_DELIVER_MS) ? MessageProperties.TIMER_DELIVER_MS : null;
    }

    /** Returns how long to wait from now; what no number can hold is forever. */
    private static long waitMillis(String name, long wish, long nowMillis) {
        if (wish <= 0) return 0;
        return switch (name) {
            case MessageProperties.TIMER_DELAY_SEC -> wish > Long.MAX_VALUE / 1_000 ? Long.MAX_VALUE : wish * 1_000;
            case MessageProperties.TIMER_DELAY_MS -> wish;
            default -> wish - nowMillis;
        };
    }

    /**
     * Returns the handle with which a message can be recalled that was parked in {@code queue}, or null when it cannot.
     *
     * @param uniqueId its unique id
     */
    public @Nullable String recallHandle(QueueId queue, PropertiesEditor properties, String uniqueId) {
        if (!queue.equals(Timers.QUEUE)) return null;
        @Nullable String topic = properties.get(MessageProperties.REAL_TOPIC);
        @Nullable String time = properties.get(MessageProperties.TIMER_OUT_MS);
        return topic == null || time == null ? null : recallHandle(topic, Long.parseLong(time), uniqueId);
    }

    /**
     * Returns the handle for a message to {@code topic} that waits until {@code dueMillis}, or null when it cannot be recalled.
     *
     * @param uniqueId its unique id
     */
    public @Nullable String recallHandle(String topic, long dueMillis, String uniqueId) {
        if (topic.isEmpty() || topic.startsWith(TopicName.RETRY_PREFIX)) return null;
        return new RecallHandle(topic, brokerName, dueMillis, uniqueId).text();
    }

    /** Returns the handle for the same message that recalls it when it is due at {@code dueMillis}. */
    public static String recallHandle(String handle, long dueMillis) {
        @Nullable RecallHandle parsed = RecallHandle.parse(handle);
        if (parsed == null) throw new IllegalArgumentException("no recall handle: " + handle);
        return new RecallHandle(parsed.topic(), parsed.brokerName(), dueMillis, parsed.uniqueId()).text();
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
                || topic.equals(Timers.TOPIC.value())
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

    /**
     * As {@link #release}, for a message that waited for a time of its own: takes out of its properties where it goes, and
     * notes when it was stored and when it was due for its way.
     */
    public Ruling<QueueId> releaseTimed(PropertiesEditor properties, long storedMillis, long nowMillis) {
        Ruling<QueueId> target = release(properties);
        if (target.refused() != null) return target;
        properties.remove(MessageProperties.REAL_TOPIC);
        properties.remove(MessageProperties.REAL_QID);
        noteIfRoom(properties, MessageProperties.TIMER_ENQUEUE_MS, storedMillis);
        noteIfRoom(properties, MessageProperties.TIMER_DEQUEUE_MS, nowMillis);
        return target;
    }

    /**
     * Makes a message that waits on a level one that waits for the time {@code dueMillis}.
     *
     * @return where it waits, or why it cannot
     */
    public Ruling<QueueId> parkFromLevel(PropertiesEditor properties, long dueMillis) {
        // A client may have said so; it is no recall.
        properties.remove(MessageProperties.TIMER_DEL_UNIQKEY);
        properties.put(MessageProperties.TIMER_OUT_MS, dueMillis);
        if (properties.length() > MessageProperties.LARGEST_BYTES) {
            // The broker put them there.
            properties.remove(MessageProperties.CLUSTER).remove(MessageProperties.MSG_REGION);
        }
        return properties.length() <= MessageProperties.LARGEST_BYTES
                ? Ruling.granted(Timers.QUEUE)
                : Ruling.denied(Refusal.MESSAGE_TOO_LARGE, "its properties leave no room for its time");
    }

    /** Counts one more time that a message was stored anew because the log would have deleted it. */
    public void roll(PropertiesEditor properties) {
        @Nullable String times = properties.get(MessageProperties.TIMER_ROLL_TIMES);
        int before = 0;
        try {
            if (times != null) before = Integer.parseInt(times);
        } catch (NumberFormatException e) {
            // A client's own idea of it; ours starts at nothing.
        }
        noteIfRoom(properties, MessageProperties.TIMER_ROLL_TIMES, before + 1L);
    }

    /** Returns the name by which a recall knows a message, or null when it cannot be recalled. */
    public static @Nullable String recallKey(PropertiesEditor properties) {
        return recallKey(properties::get);
    }

    /** As {@link #recallKey(PropertiesEditor)}, of properties by name. */
    public static @Nullable String recallKey(Function<String, @Nullable String> property) {
        @Nullable String topic = property.apply(MessageProperties.REAL_TOPIC);
        @Nullable String uniqueId = property.apply(MessageProperties.UNIQ_KEY);
        return topic == null || uniqueId == null ? null : topic + "+" + uniqueId;
    }

    /** A message must not be lost because a note does not fit beside what it brought. */
    private static void noteIfRoom(PropertiesEditor properties, String name, long value) {
        if (properties.length() + name.length() + NOTE_BYTES > MessageProperties.LARGEST_BYTES) return;
        properties.put(name, value);
    }
}
