package io.vostok.service;

/** Hears the answer to a pop; called once but for {@link #held}, on the event loop that popped. */
@FunctionalInterface
public interface PopListener {
    void answered(PopOutcome outcome);

    /** Hears, before the answer, that it was held back until there was something to tell. */
    default void held() {}
}
