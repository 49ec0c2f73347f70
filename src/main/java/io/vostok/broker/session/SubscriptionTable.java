package io.vostok.broker.session;

import io.vostok.broker.NameMap;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
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

    /** Returns the groups whose members contradict each other, one contradiction each, by name of the group. */
    public List<Conflict> conflicts() {
        List<Conflict> conflicts = new ArrayList<>();
        for (ConsumerView group : all()) {
            if (group.conflict() != null) conflicts.add(group.conflict());
        }
        conflicts.sort(Comparator.comparing(Conflict::group));
        return Collections.unmodifiableList(conflicts);
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
