package io.vostok.broker.session;

import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One connection in one group, as its heartbeats left it. Owned by the thread of {@link Sessions}. */
final class Registration {
    private static final int WORDS = 200;

    final String group;
    final boolean consumer;
    Member member;
    long seenNanos;
    String consumeType = "";
    String messageModel = "";
    String consumeFromWhere = "";
    Map<String, Subscription> byTopic = Map.of();
    boolean hasSubscriptions;
    int fingerprint;

    Registration(String group, boolean consumer, Member member) {
        this.group = group;
        this.consumer = consumer;
        this.member = member;
    }

    Key key() {
        return new Key(group, consumer, channel().id());
    }

    ClientChannel channel() {
        return member.channel();
    }

    String clientId() {
        return member.clientId();
    }

    /** Returns in what the way of consuming differs from another member's, or null when it does not. */
    Conflict.@Nullable Kind difference(Registration other) {
        if (!consumeType.equals(other.consumeType)) return Conflict.Kind.CONSUME_TYPE;
        if (!messageModel.equals(other.messageModel)) return Conflict.Kind.MESSAGE_MODEL;
        if (!byTopic.keySet().equals(other.byTopic.keySet())) return Conflict.Kind.TOPICS;
        return byTopic.equals(other.byTopic) ? null : Conflict.Kind.EXPRESSION;
    }

    /** Says how it consumes, cut to a length fit for a log. */
    String way() {
        String topics = byTopic.values().stream()
                .limit(10)
                .map(wish -> wish.topic() + "=" + wish.expression())
                .sorted()
                .collect(Collectors.joining(","));
        String way = consumeType + " " + messageModel + " " + topics;
        return way.length() <= WORDS ? way : way.substring(0, WORDS) + "…";
    }

    /** What makes a registration unique. */
    record Key(String group, boolean consumer, long channel) {}
}
