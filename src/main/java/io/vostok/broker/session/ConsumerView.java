package io.vostok.broker.session;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An online consumer group. Immutable; any thread.
 *
 * @param consumeType as on the wire: {@code CONSUME_PASSIVELY}, {@code CONSUME_ACTIVELY} or {@code CONSUME_POP}
 * @param messageModel as on the wire: {@code CLUSTERING} or {@code BROADCASTING}
 * @param consumeFromWhere as on the wire
 * @param members by client id, in no order
 * @param byTopic the subscription of each topic
 * @param conflict how two live members contradict each other, or null
 */
public record ConsumerView(
        String group,
        String consumeType,
        String messageModel,
        String consumeFromWhere,
        List<Member> members,
        Map<String, Subscription> byTopic,
        @Nullable Conflict conflict) {

    static final String BROADCASTING = "BROADCASTING";

    public ConsumerView {
        members = List.copyOf(members);
        byTopic = Map.copyOf(byTopic);
    }

    /** Returns what the group wants of the topic, or null. */
    public @Nullable Subscription subscription(String topic) {
        return byTopic.get(topic);
    }

    public Collection<Subscription> subscriptions() {
        return byTopic.values();
    }

    public boolean broadcasting() {
        return messageModel.equals(BROADCASTING);
    }

    /** Returns the ids of the members, each once, sorted. */
    public List<String> memberIds() {
        return members.stream().map(Member::clientId).distinct().sorted().toList();
    }
}
