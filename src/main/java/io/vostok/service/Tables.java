package io.vostok.service;

import io.vostok.broker.session.SubscriptionTable;
import io.vostok.broker.topic.GroupTable;
import io.vostok.broker.topic.TopicTable;

/**
 * The immutable tables that rules on every thread read. Each has one owner that replaces it whole: topics and groups
 * RegistryVerticle, subscriptions SessionVerticle.
 */
public final class Tables {
    private volatile TopicTable topics;
    private volatile GroupTable groups;
    private volatile SubscriptionTable subscriptions;

    public Tables(TopicTable topics, GroupTable groups, SubscriptionTable subscriptions) {
        this.topics = topics;
        this.groups = groups;
        this.subscriptions = subscriptions;
    }

    public TopicTable topics() {
        return topics;
    }

    public GroupTable groups() {
        return groups;
    }

    public SubscriptionTable subscriptions() {
        return subscriptions;
    }

    /** Owner only. */
    public void topics(TopicTable next) {
        topics = next;
    }

    /** Owner only. */
    public void groups(GroupTable next) {
        groups = next;
    }

    /** Owner only. */
    public void subscriptions(SubscriptionTable next) {
        subscriptions = next;
    }
}
