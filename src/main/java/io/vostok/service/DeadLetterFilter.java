package io.vostok.service;

import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.broker.filter.SqlFilter;
import io.vostok.broker.retry.RedriveRules;
import io.vostok.model.MessageProperties;
import io.vostok.wire.record.RecordView;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which dead letters are wanted. */
final class DeadLetterFilter {
    private final @Nullable String topic;
    private final @Nullable List<String> tags;
    private final @Nullable SqlFilter condition;
    private final long fromMillis;
    private final long toMillis;

    private DeadLetterFilter(RedriveAdmin.Wish wish, @Nullable SqlFilter condition) {
        this.topic = wish.topic();
        this.tags = wish.tags();
        this.condition = condition;
        this.fromMillis = wish.fromMillis();
        this.toMillis = wish.toMillis();
    }

    static Ruling<DeadLetterFilter> of(RedriveAdmin.Wish wish) {
        @Nullable String expression = wish.filter();
        if (expression == null) return Ruling.granted(new DeadLetterFilter(wish, null));
        Ruling<SqlFilter> compiled = SqlFilter.of(expression);
        @Nullable Refused refused = compiled.refused();
        if (refused != null) return new Ruling.Denied<>(refused);
        return Ruling.granted(new DeadLetterFilter(wish, compiled.value()));
    }

    boolean matches(RecordView letter) {
        if (letter.storeTimestamp() < fromMillis || letter.storeTimestamp() > toMillis) return false;
        if (topic != null && !topic.equals(RedriveRules.origin(letter::property))) return false;
        if (tags != null && !tags.contains(String.valueOf(letter.property(MessageProperties.TAGS)))) return false;
        return condition == null
                || condition.matchesRecord(ByteBuffer.wrap(letter.properties(), 0, letter.propertiesLength()));
    }
}
