package io.vostok.store;

/** What the store wants its operator to know; the implementation logs or counts. Called on the thread it happens on. */
public interface StoreEvents {
    /** One line in the form {@code log truncated to=… was=… reason=…}. */
    void info(String line);

    /** Something an operator must look at, in the same form. */
    void warn(String line);

    /** Hears nothing. */
    StoreEvents NONE = new StoreEvents() {
        @Override
        public void info(String line) {}

        @Override
        public void warn(String line) {}
    };
}
