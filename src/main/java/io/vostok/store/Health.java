package io.vostok.store;

import io.vostok.store.StoreException.Kind;
import org.jspecify.annotations.Nullable;

/** Why the store takes no appends, if so. Any thread. */
final class Health {
    private final StoreEvents events;
    private volatile @Nullable StoreException poison;
    private volatile @Nullable StoreException noRoom;

    Health(StoreEvents events) {
        this.events = events;
    }

    /** Returns what refuses appends now; poison before anything that may pass. */
    @Nullable
    StoreException refusal() {
        @Nullable StoreException forGood = poison;
        return forGood != null ? forGood : noRoom;
    }

    @Nullable
    StoreException poison() {
        return poison;
    }

    /** Refuses appends for the rest of this process's life; the first cause is kept. Returns the one that is kept. */
    synchronized StoreException poisonedBy(StoreException cause) {
        @Nullable StoreException first = poison;
        if (first != null) return first;
        StoreException kept = cause.kind() == Kind.POISONED
                ? cause
                : new StoreException(Kind.POISONED, "a force failed: " + cause.getMessage(), cause);
        poison = kept;
        events.warn("store poisoned reason=\"" + cause.getMessage() + "\" effect=\"no appends until a restart\"");
        return kept;
    }

    /** Refuses appends until {@link #roomAgain()}. */
    synchronized void noRoom(StoreException cause) {
        @Nullable StoreException before = noRoom;
        noRoom = cause;
        if (before == null || before.kind() != cause.kind()) {
            events.warn("appends refused kind=" + cause.kind() + " reason=\"" + cause.getMessage() + "\"");
        }
    }

    synchronized void roomAgain() {
        if (noRoom == null) return;
        noRoom = null;
        events.info("appends accepted again");
    }
}
