package io.vostok.broker.session;

import io.vostok.broker.NameMap;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** The online consumer groups at one moment, published by the owner of {@link Sessions}. Immutable; any thread. */
public final class SubscriptionTable {
    /** Nobody is online. */
    public static final SubscriptionTable EMPTY = new SubscriptionTable(NameMap.empty());

    private final NameMap<ConsumerView> byGroup;

    private SubscriptionTable(NameMap<ConsumerView> byGroup) {
        this.byGroup = byGroup;
    }

    /** Returns the group if it has a live member, or null. */
    public @Nullable ConsumerView find(String group) {
        return byGroup.get(group);
    }

    public Collection<ConsumerView> all() {
        return byGroup.values();
    }

    /** Returns how many groups are online. */
    public int size() {
        return byGroup.size();
    }

    SubscriptionTable with(ConsumerView consumers) {
        return new SubscriptionTable(byGroup.with(consumers.group(), consumers));
    }

    SubscriptionTable without(String group) {
        return new SubscriptionTable(byGroup.without(group));
    }
}
