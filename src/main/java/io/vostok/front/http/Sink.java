package io.vostok.front.http;

import io.vertx.core.json.JsonObject;

/** Where a stream's messages go: server-sent events or a WebSocket. Used on one event loop. */
interface Sink {
    /** Writes one message, with the place behind it as its id. */
    void message(String cursor, JsonObject message);

    /** Tells the reader that {@code what} happened, in words. */
    void notice(String what, String words);

    /** Writes something that means nothing, so that a reader that vanished is noticed. */
    void beat();

    /** Tells whether what was written has not been taken yet. */
    boolean isFull();

    /** Runs {@code then} once it has been taken. */
    void whenDrained(Runnable then);

    void close();
}
