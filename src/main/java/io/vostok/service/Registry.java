package io.vostok.service;

import io.vertx.core.Future;
import io.vostok.broker.Refused;
import io.vostok.broker.topic.GroupTable;
import io.vostok.broker.topic.TopicTable;
import io.vostok.model.ConsumerGroup;
import io.vostok.model.Topic;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Changes topics and groups; each change is durable, published in {@link Tables} and known to the name servers that answer before its future completes. Any thread. */
public interface Registry {
    /** A change: from the tables as they are to the tables as they shall be. Pure; may run later on another thread. */
    interface Change {
        /** Returns what to do, given the newest tables. */
        Outcome apply(TopicTable topics, GroupTable groups, long nowMillis);
    }

    /**
     * What a change wants.
     *
     * @param topics the same object when no topic changes
     * @param groups the same object when no group changes
     * @param refused why nothing changes, or null
     */
    record Outcome(
            TopicTable topics, GroupTable groups, @Nullable Refused refused) {}

    /** Thrown by a future whose change was refused. */
    final class RefusedException extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient Refused refused;

        public RefusedException(Refused refused) {
            super(refused.words());
            this.refused = refused;
        }

        public Refused refused() {
            return refused;
        }
    }

    /** Applies {@code change}. The future fails with {@link RefusedException}, or with the store's failure. */
    Future<Void> change(Change change);

    /** Creates what is missing of these; what exists stays as it is. */
    default Future<Void> create(Collection<Topic> topics, Collection<ConsumerGroup> groups) {
        return change((oldTopics, oldGroups, now) -> {
            var newTopics = topics.stream()
                    .filter(topic -> oldTopics.find(topic.name().value()) == null)
                    .toList();
            var newGroups = groups.stream()
                    .filter(group -> oldGroups.find(group.name().value()) == null)
                    .toList();
            return new Outcome(
                    newTopics.isEmpty() ? oldTopics : oldTopics.with(newTopics, now),
                    newGroups.isEmpty() ? oldGroups : oldGroups.with(newGroups, now),
                    null);
        });
    }
}
