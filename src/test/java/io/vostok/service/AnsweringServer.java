package io.vostok.service;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import io.vostok.kit.Await;
import io.vostok.wire.frame.Command;
import io.vostok.wire.frame.CommandReader;
import io.vostok.wire.frame.FrameBuilder;
import io.vostok.wire.frame.FrameLimits;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A small remoting server that keeps what it was asked and answers every request with one code, or not at all. */
final class AnsweringServer {
    record Request(int code, Map<String, String> fields, byte[] body, boolean oneWay) {}

    final List<Request> requests = new CopyOnWriteArrayList<>();
    final Set<NetSocket> sockets = ConcurrentHashMap.newKeySet();
    volatile int answerCode;
    volatile boolean silent;
    volatile byte[] rawAnswer = new byte[0];

    private final Vertx vertx;
    private NetServer server;
    private int port;

    AnsweringServer(Vertx vertx) {
        this.vertx = vertx;
        this.server = vertx.createNetServer();
    }

    /** Listens on any port, or on the one it had before, as soon as no connection of somebody else's has that. */
    void start() throws Exception {
        Await.until("port " + port + " is free", Duration.ofSeconds(60), this::listens);
    }

    private boolean listens() {
        server = vertx.createNetServer();
        server.connectHandler(this::serve);
        try {
            port = server.listen(port, "127.0.0.1")
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(5, TimeUnit.SECONDS)
                    .actualPort();
            return true;
        } catch (ExecutionException taken) {
            return false;
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    void stop() throws Exception {
        sockets.forEach(NetSocket::close);
        server.close().toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    List<Request> of(int code) {
        return requests.stream().filter(request -> request.code == code).toList();
    }

    private void serve(NetSocket socket) {
        sockets.add(socket);
        socket.closeHandler(nothing -> sockets.remove(socket));
        var reader = new CommandReader(FrameLimits.DEFAULT);
        Buffer[] rest = {Buffer.buffer()};
        socket.handler(bytes -> {
            Buffer all = rest[0].appendBuffer(bytes);
            int at = 0;
            while (all.length() - at >= 4 && all.length() - at >= 4 + all.getInt(at)) {
                int total = all.getInt(at);
                answer(socket, reader, all.getBuffer(at + 4, at + 4 + total));
                at += 4 + total;
            }
            rest[0] = all.getBuffer(at, all.length());
        });
    }

    private void answer(NetSocket socket, CommandReader reader, Buffer frame) {
        int typeAndLength = frame.getInt(0);
        int bodyAt = 4 + (typeAndLength & 0xFFFFFF);
        Command command = reader.read(typeAndLength >>> 24, ByteBuffer.wrap(frame.getBytes(4, bodyAt)));
        var fields = new HashMap<String, String>();
        command.fields().forEach(fields::put);
        requests.add(new Request(command.code(), fields, frame.getBytes(bodyAt, frame.length()), command.isOneWay()));
        if (rawAnswer.length > 0) socket.write(Buffer.buffer(rawAnswer));
        if (silent || command.isOneWay()) return;
        byte[] body = {7, 8};
        var builder = new FrameBuilder();
        builder.response(command.encoding(), command.opaque(), answerCode)
                .remark(answerCode == 0 ? null : "because")
                .field("said", "yes");
        int length = builder.end(body.length);
        socket.write(Buffer.buffer().appendBytes(builder.bytes(), 0, length).appendBytes(body));
    }
}
