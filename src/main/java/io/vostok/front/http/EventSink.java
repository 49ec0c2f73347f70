package io.vostok.front.http;

import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;

/** Server-sent events on a response that does not end. */
final class EventSink implements Sink {
    private static final int HELD_BYTES = 64 << 10;
    private static final long RETRY_MILLIS = 2_000;

    private final HttpServerResponse response;

    EventSink(HttpServerResponse response) {
        this.response = response;
        response.setChunked(true)
                .setWriteQueueMaxSize(HELD_BYTES)
                .putHeader("content-type", "text/event-stream")
                .putHeader("x-accel-buffering", "no")
                // A compressor would keep events back until it has enough of them.
                .putHeader("content-encoding", "identity");
        response.write("retry: " + RETRY_MILLIS + "\n\n");
    }

    @Override
    public void message(String cursor, JsonObject message) {
        // JSON has no line ends of its own, so one data line holds it.
        response.write("id: " + cursor + "\ndata: " + message.encode() + "\n\n");
    }

    @Override
    public void notice(String what, String words) {
        response.write("event: " + what + "\ndata: "
                + new JsonObject().put("remark", words).encode() + "\n\n");
    }

    @Override
    public void beat() {
        response.write(":\n\n");
    }

    @Override
    public boolean isFull() {
        return response.writeQueueFull();
    }

    @Override
    public void whenDrained(Runnable then) {
        response.drainHandler(drained -> then.run());
    }

    @Override
    public void close() {
        if (!response.ended() && !response.closed()) response.end();
    }
}
