package io.vostok.service;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.Ruling;
import io.vostok.store.StoreException;
import org.jspecify.annotations.Nullable;

/** Says what a failure of the store means for who asked. */
final class Refusals {
    private Refusals() {}

    static Refused of(StoreException failure) {
        Refusal refusal = switch (failure.kind()) {
            case DISK_FULL, READ_ONLY, POISONED, STALLED, IN_USE -> Refusal.NOT_WRITABLE;
            case TOO_LARGE -> Refusal.MESSAGE_TOO_LARGE;
            case DAMAGED, FAILED -> Refusal.FAILED;
        };
        return new Refused(refusal, String.valueOf(failure.getMessage()));
    }

    /** Returns what makes a future fail as refused. */
    static Registry.RefusedException refuse(Refusal refusal, String words) {
        return new Registry.RefusedException(new Refused(refusal, words));
    }

    /** Returns the granted value. @throws Registry.RefusedException when it was denied */
    static <T> T orThrow(Ruling<T> ruling) {
        @Nullable Refused refused = ruling.refused();
        if (refused != null) throw new Registry.RefusedException(refused);
        return ruling.value();
    }
}
