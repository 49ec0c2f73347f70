package io.vostok.front.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonObject;

/** A WebSocket: each message is one JSON text {@code {"id": …, "message": …}}, anything else {@code {"event": …}}. */
final class WebSocketSink implements Sink {
    private static final int HELD_BYTES = 64 << 10;

    private final ServerWebSocket socket;

    WebSocketSink(ServerWebSocket socket) {
        this.socket = socket;
        socket.setWriteQueueMaxSize(HELD_BYTES);
    }

    @Override
    public void message(String cursor, JsonObject message) {
        socket.writeTextMessage(
                new JsonObject().put("id", cursor).put("message", message).encode());
    }

    @Override
    public void notice(String what, String words) {
        socket.writeTextMessage(
                new JsonObject().put("event", what).put("remark", words).encode());
    }

    @Override
    public void beat() {
        socket.writePing(Buffer.buffer());
    }

    @Override
    public boolean isFull() {
        return socket.writeQueueFull();
    }

    @Override
    public void whenDrained(Runnable then) {
        socket.drainHandler(drained -> then.run());
    }

    @Override
    public void close() {
        if (!socket.isClosed()) socket.close();
    }
}
