package io.vostok.service;

import java.util.function.Predicate;

/** Lets pulls that wait, on whatever event loop, look again. Any thread. */
@FunctionalInterface
interface PullWaker {
    void wake(Predicate<ParkedPull> which);
}
