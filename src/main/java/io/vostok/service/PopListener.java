package io.vostok.service;

/** Hears the answer to a pop; called once, on the event loop that popped. */
@FunctionalInterface
public interface PopListener {
    void answered(PopOutcome outcome);
}
