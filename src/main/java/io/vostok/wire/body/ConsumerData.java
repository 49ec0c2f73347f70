package io.vostok.wire.body;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * A consumer group in a heartbeat. The three modes are kept as the names that came: a broker shows them to tools and acts
 * on few of them, and a newer client may send a name we do not know.
 *
 * @param consumeType {@code CONSUME_PASSIVELY} push, {@code CONSUME_ACTIVELY} pull, {@code CONSUME_POP}
 * @param messageModel {@code CLUSTERING} or {@code BROADCASTING}
 * @param consumeFromWhere for example {@code CONSUME_FROM_LAST_OFFSET}; the client decides by it, the broker does not
 */
public record ConsumerData(
        String groupName,
        String consumeType,
        String messageModel,
        String consumeFromWhere,
        boolean unitMode,
        List<SubscriptionData> subscriptions) {

    public static final String PASSIVELY = "CONSUME_PASSIVELY";
    public static final String ACTIVELY = "CONSUME_ACTIVELY";
    public static final String POP = "CONSUME_POP";
    public static final String CLUSTERING = "CLUSTERING";
    public static final String BROADCASTING = "BROADCASTING";
    public static final String FROM_LAST_OFFSET = "CONSUME_FROM_LAST_OFFSET";

    public ConsumerData {
        subscriptions = List.copyOf(subscriptions);
    }

    /** Tells whether every member gets every message. */
    public boolean broadcasting() {
        return messageModel.equals(BROADCASTING);
    }

    static ConsumerData of(JsonNode json) {
        Json.requireObject(json, "consumerDataSet");
        return new ConsumerData(
                Json.requireText(json, "groupName"),
                Json.textOr(json, "consumeType", PASSIVELY),
                Json.textOr(json, "messageModel", CLUSTERING),
                Json.textOr(json, "consumeFromWhere", FROM_LAST_OFFSET),
                Json.flagOr(json, "unitMode", false),
                Json.list(json, "subscriptionDataSet", SubscriptionData::of));
    }

    void writeTo(JsonText json) {
        json.open('{')
                .key("consumeFromWhere")
                .text(consumeFromWhere)
                .key("consumeType")
                .text(consumeType)
                .key("groupName")
                .text(groupName)
                .key("messageModel")
                .text(messageModel)
                .key("subscriptionDataSet")
                .open('[');
        subscriptions.forEach(subscription -> subscription.writeTo(json));
        json.close(']').key("unitMode").flag(unitMode).close('}');
    }
}
