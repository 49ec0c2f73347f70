package io.vostok.nameserver;

import org.jspecify.annotations.Nullable;

/** What a slave learns from its registration; both null for a master, or while there is no master. */
public record Registered(
        @Nullable String masterAddress, @Nullable String masterHaAddress) {
    static final Registered NOTHING = new Registered(null, null);
}
