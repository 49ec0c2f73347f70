package io.vostok.broker.delay;

import io.vostok.broker.Refusal;
import io.vostok.broker.Ruling;
import io.vostok.broker.send.Send;
import io.vostok.broker.topic.TopicTable;
import io.vostok.model.MessageProperties;
import io.vostok.model.PropertiesEditor;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Whether a waiting message can be recalled, and what is stored for that (storage reference 9.11). Pure; any thread. */
public final class RecallRules {
    private static final String TAG = "_RECALL_TAG_";

    private final boolean enabled;
    private final Duration maxDelay;
    private final String brokerName;

    public RecallRules(boolean enabled, Duration maxDelay, String brokerName) {
        this.enabled = enabled;
        this.maxDelay = maxDelay;
        this.brokerName = brokerName;
    }

    /**
     * What recalls a message: a message to the same topic that waits for the same time.
     *
     * @param uniqueId of the message that is recalled
     */
    public record Recall(Send send, PropertiesEditor properties, String uniqueId) {}

    /** Returns the recall to store, or why there is none. */
    public Ruling<Recall> decide(String producerGroup, String topic, String handle, TopicTable topics, long nowMillis) {
        if (!enabled) {
            return Ruling.denied(Refusal.FORBIDDEN, "messages cannot be recalled here (broker.recall is off)");
        }
        if (topics.find(topic) == null) {
            return Ruling.denied(Refusal.TOPIC_NOT_FOUND, "topic `" + topic + "` does not exist");
        }
        @Nullable RecallHandle named = RecallHandle.parse(handle);
        if (named == null) return illegal("`" + handle + "` is no recall handle");
        if (!named.topic().equals(topic)) {
            return illegal("the recall handle is for topic `" + named.topic() + "`, not for `" + topic + "`");
        }
        if (!named.brokerName().equals(brokerName)) {
            return illegal(
                    "the recall handle is for broker `" + named.brokerName() + "`, this is `" + brokerName + "`");
        }
        long leftMillis = named.dueMillis() - nowMillis;
        if (leftMillis <= 0) return illegal("the message is due already");
        if (leftMillis > maxDelay.toMillis()) return illegal("the recall handle names a time that is too far away");
        PropertiesEditor properties = new PropertiesEditor()
                .put(MessageProperties.TAGS, TAG)
                .put(MessageProperties.UNIQ_KEY, named.uniqueId())
                .put(MessageProperties.TIMER_DEL_UNIQKEY, topic + "+" + named.uniqueId())
                .put(MessageProperties.TIMER_DELIVER_MS, named.dueMillis());
        Send send = new Send(producerGroup, topic, "", 1, 0, 0, nowMillis, 0, 0, false, -1, false);
        return Ruling.granted(new Recall(send, properties, named.uniqueId()));
    }

    private static Ruling<Recall> illegal(String words) {
        return Ruling.denied(Refusal.ILLEGAL_OPERATION, words);
    }
}
