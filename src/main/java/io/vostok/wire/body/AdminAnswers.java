package io.vostok.wire.body;

import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The small answers to administrators that nobody but Apache's tools reads. */
public final class AdminAnswers {
    private AdminAnswers() {}

    /** Returns the answer to QUERY_TOPIC_CONSUME_BY_WHO. */
    public static byte[] groups(Collection<String> groups) {
        return new JsonText()
                .open('{')
                .key("groupList")
                .texts(groups)
                .close('}')
                .toBytes();
    }

    /** Returns the answer to QUERY_SUBSCRIPTION_BY_CONSUMER. */
    public static byte[] subscription(String group, String topic, @Nullable SubscriptionData subscription) {
        JsonText json = new JsonText().open('{').key("group").text(group);
        if (subscription != null) subscription.writeTo(json.key("subscriptionData"));
        return json.key("topic").text(topic).close('}').toBytes();
    }

    /** Returns the answer to UPDATE_AND_GET_GROUP_FORBIDDEN. */
    public static byte[] permission(String group, String topic, boolean readable) {
        return new JsonText()
                .open('{')
                .key("group")
                .text(group)
                .key("readable")
                .flag(readable)
                .key("topic")
                .text(topic)
                .close('}')
                .toBytes();
    }

    /** Returns the answer to QUERY_CORRECTION_OFFSET. */
    public static byte[] corrections(Map<Integer, Long> byQueue) {
        JsonText json = new JsonText().open('{').key("correctionOffsets").open('{');
        byQueue.forEach((queue, offset) -> json.key(queue, KeyForm.QUOTED).number(offset));
        return json.close('}').close('}').toBytes();
    }

    /** Returns the answer to GET_BROKER_HA_STATUS of a master without replicas. */
    public static byte[] masterAlone(long logEnd) {
        JsonText json = new JsonText().open('{').key("haClientRuntimeInfo").open('{');
        for (String nothing : new String[] {
            "lastReadTimestamp", "lastWriteTimestamp", "masterFlushOffset", "maxOffset", "transferredByteInSecond"
        }) {
            json.key(nothing).number(0);
        }
        return json.close('}')
                .key("haConnectionInfo")
                .open('[')
                .close(']')
                .key("inSyncSlaveNums")
                .number(0)
                .key("master")
                .flag(true)
                .key("masterCommitLogMaxOffset")
                .number(logEnd)
                .close('}')
                .toBytes();
    }
}
