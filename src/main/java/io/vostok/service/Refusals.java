package io.vostok.service;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.store.StoreException;

/** Says what a failure of the store means for who asked. */
final class Refusals {
    private Refusals() {}

    static Refused of(StoreException failure) {
        Refusal refusal = switch (failure.kind()) {
            case DISK_FULL, READ_ONLY, POISONED, STALLED, IN_USE -> Refusal.NOT_WRITABLE;
            case DAMAGED, FAILED -> Refusal.FAILED;
        };
        return new Refused(refusal, String.valueOf(failure.getMessage()));
    }
}
