package io.vostok.service;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.parsetools.RecordParser;
import io.vostok.time.Clock;
import io.vostok.wire.frame.Command;
import io.vostok.wire.frame.CommandReader;
import io.vostok.wire.frame.Encoding;
import io.vostok.wire.frame.FrameBuilder;
import io.vostok.wire.frame.FrameLimits;
import io.vostok.wire.frame.ProtocolException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends remoting requests to other processes: one connection per address, made when it is first used.
 *
 * <p>One event loop: every method is called on it and every future completes on it. After a failed connect the address
 * is left alone for a growing while, and calls to it fail at once. Requests of the peer are not answered.
 */
public final class RemotingClient {
    private static final int MAX_ADDRESSES = 2048;
    private static final long FIRST_BACK_OFF_NANOS = 100_000_000L;
    private static final int MOST_DOUBLINGS = 6;

    private final Vertx vertx;
    private final Clock clock;
    private final FrameLimits limits;
    private final Bounds bounds;
    private final NetClient net;
    private final FrameBuilder builder = new FrameBuilder();
    private final Map<String, Peer> peers = new HashMap<>();
    private final List<Consumer<String>> closedListeners = new ArrayList<>();
    private int nextOpaque;
    private boolean closed;

    public RemotingClient(Vertx vertx, Clock clock, FrameLimits limits, Bounds bounds) {
        this.vertx = vertx;
        this.clock = clock;
        this.limits = limits;
        this.bounds = bounds;
        this.net = vertx.createNetClient(new NetClientOptions()
                .setConnectTimeout(Math.toIntExact(bounds.connectTimeout().toMillis()))
                .setTcpNoDelay(true));
    }

    /**
     * What one address may cost.
     *
     * @param waitingCalls calls without answer
     * @param unsentBytes bytes not yet given to the operating system
     */
    public record Bounds(Duration connectTimeout, int waitingCalls, long unsentBytes) {
        /** For administration and registration: three seconds as all peers use, and room for two of the largest frames. */
        public static final Bounds USUAL = new Bounds(Duration.ofSeconds(3), 1024, 32L << 20);
    }

    /**
     * What came back.
     *
     * @param code 0 for success, else one of {@code wire.ResponseCode}
     * @param fields header fields by name
     * @param body empty for none
     */
    public record Answer(int code, @Nullable String remark, Map<String, String> fields, byte[] body) {}

    /**
     * Calls {@code address} and waits for the answer.
     *
     * @param address {@code host:port}, an IPv6 host in brackets
     * @param fields header fields in order
     * @return any answer of the peer, whatever its code; failed with {@link IOException} when there was none within
     *     {@code timeout}, which includes the connect
     */
    public Future<Answer> call(
            String address, int code, Map<String, String> fields, byte @Nullable [] body, Duration timeout) {
        Peer peer;
        int opaque = nextOpaque++;
        try {
            peer = peer(address);
            peer.admit(body == null ? 0 : body.length);
        } catch (IOException refused) {
            return Future.failedFuture(refused);
        }
        Promise<Answer> answered = Promise.promise();
        long timer = vertx.setTimer(Math.max(1, timeout.toMillis()), id -> {
            if (peer.waiting.remove(opaque) == null) return;
            answered.fail(new IOException("no answer from " + address + " within " + timeout.toMillis() + " ms"));
        });
        peer.waiting.put(opaque, new Waiting(answered, timer));
        peer.send(frame(opaque, code, fields, body, false)).onFailure(cause -> fail(peer, opaque, cause));
        return answered.future();
    }

    /** Tells {@code address} something that is not answered; the future completes when the bytes are on their way. */
    public Future<Void> oneWay(String address, int code, Map<String, String> fields, byte @Nullable [] body) {
        Peer peer;
        try {
            peer = peer(address);
            peer.admit(body == null ? 0 : body.length);
        } catch (IOException refused) {
            return Future.failedFuture(refused);
        }
        return peer.send(frame(nextOpaque++, code, fields, body, true));
    }

    /** Calls {@code listener} with the address of each established connection that ends, until {@link #close}. */
    public void onClosed(Consumer<String> listener) {
        closedListeners.add(listener);
    }

    /** Ends all connections; waiting calls fail. */
    public Future<Void> close() {
        closed = true;
        for (Peer peer : List.copyOf(peers.values())) peer.ended(new IOException("the remoting client was closed"));
        return net.close();
    }

    private Buffer frame(int opaque, int code, Map<String, String> fields, byte @Nullable [] body, boolean oneWay) {
        builder.request(Encoding.JSON, opaque, code, oneWay);
        fields.forEach(builder::field);
        int bodyLength = body == null ? 0 : body.length;
        int headLength = builder.end(bodyLength);
        Buffer frame = Buffer.buffer(headLength + bodyLength).appendBytes(builder.bytes(), 0, headLength);
        return body == null ? frame : frame.appendBytes(body);
    }

    private Peer peer(String address) throws IOException {
        if (closed) throw new IOException("the remoting client was closed");
        Peer known = peers.get(address);
        if (known != null) return known;
        if (peers.size() >= MAX_ADDRESSES) peers.values().removeIf(Peer::unused);
        if (peers.size() >= MAX_ADDRESSES) throw new IOException("too many addresses, at most " + MAX_ADDRESSES);
        int colon = address.lastIndexOf(':');
        String host = colon <= 0 ? "" : address.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) host = host.substring(1, host.length() - 1);
        int port = portIn(address, colon);
        if (host.isEmpty() || port < 1 || port > 65_535) {
            throw new IOException("address must be host:port, was '" + address + "'");
        }
        Peer peer = new Peer(address, host, port);
        peers.put(address, peer);
        return peer;
    }

    private static int portIn(String address, int colon) {
        try {
            return Integer.parseInt(address.substring(colon + 1));
        } catch (NumberFormatException notANumber) {
            return -1; // refused by the caller, with the whole address in its words
        }
    }

    private void fail(Peer peer, int opaque, Throwable cause) {
        Waiting call = peer.waiting.remove(opaque);
        if (call == null) return;
        vertx.cancelTimer(call.timer);
        call.answered.fail(cause);
    }

    private record Waiting(Promise<Answer> answered, long timer) {}

    /** One address: its connection, if any, and the calls that wait for an answer. */
    private final class Peer {
        final String address;
        final String host;
        final int port;
        final Map<Integer, Waiting> waiting = new HashMap<>();
        private final CommandReader reader = new CommandReader(limits);
        private @Nullable Future<NetSocket> connection;
        private long unsentBytes;
        private int failedConnects;
        private long retryFromNanos;

        Peer(String address, String host, int port) {
            this.address = address;
            this.host = host;
            this.port = port;
        }

        /** Tells that only the memory of a failed connect would be lost with this. */
        boolean unused() {
            return connection == null && waiting.isEmpty();
        }

        void admit(int bodyBytes) throws IOException {
            if (waiting.size() >= bounds.waitingCalls()) {
                throw new IOException(waiting.size() + " calls wait for " + address + ", the limit");
            }
            if (unsentBytes + bodyBytes > bounds.unsentBytes()) {
                throw new IOException(unsentBytes + " bytes wait to be sent to " + address + ", the limit");
            }
            long left = failedConnects == 0 ? 0 : retryFromNanos - clock.monotonicNanos();
            if (connection == null && left > 0) {
                throw new IOException(address + " could not be reached, next try in " + left / 1_000_000 + " ms");
            }
        }

        Future<Void> send(Buffer frame) {
            if (frame.length() > limits.maxFrameBytes()) {
                return Future.failedFuture(new IOException("a frame of " + frame.length()
                        + " bytes is larger than the limit of " + limits.maxFrameBytes()));
            }
            int bytes = frame.length();
            unsentBytes += bytes;
            return connected().compose(socket -> socket.write(frame)).onComplete(done -> unsentBytes -= bytes);
        }

        private Future<NetSocket> connected() {
            Future<NetSocket> current = connection;
            if (current != null) return current;
            Future<NetSocket> connecting = net.connect(port, host).map(this::prepare);
            connection = connecting;
            connecting.onFailure(cause -> {
                connection = null;
                long pause = FIRST_BACK_OFF_NANOS << Math.min(failedConnects++, MOST_DOUBLINGS);
                retryFromNanos = clock.monotonicNanos() + pause;
            });
            return connecting;
        }

        private NetSocket prepare(NetSocket socket) {
            failedConnects = 0;
            RecordParser parser = RecordParser.newFixed(4);
            parser.setOutput(new Frames(parser, socket)::accept);
            socket.handler(parser);
            // What broke the connection also ends it: the close handler tells everyone.
            socket.exceptionHandler(cause -> socket.close());
            socket.closeHandler(nothing -> ended(new IOException("connection to " + address + " was lost")));
            return socket;
        }

        void ended(IOException cause) {
            Future<NetSocket> was = connection;
            connection = null;
            if (peers.get(address) == this) peers.remove(address);
            for (int opaque : List.copyOf(waiting.keySet())) fail(this, opaque, cause);
            if (was != null && was.succeeded() && !closed) closedListeners.forEach(each -> each.accept(address));
        }

        private void received(int serializeTypeAndHeader, Buffer frame, int headerLength) {
            ByteBuffer header = ByteBuffer.wrap(frame.getBytes(4, 4 + headerLength));
            Command command = reader.read(serializeTypeAndHeader >>> 24, header);
            // A peer may send requests of its own (a name server that shares the port); nothing here serves them.
            if (!command.isResponse()) return;
            Waiting call = waiting.remove(command.opaque());
            if (call == null) return; // answered after its time-out
            vertx.cancelTimer(call.timer);
            var fields = new HashMap<String, String>();
            command.fields().forEach(fields::put);
            byte[] body = frame.getBytes(4 + headerLength, frame.length());
            call.answered.complete(new Answer(command.code(), command.remark(), Map.copyOf(fields), body));
        }

        /** Splits the stream into frames: four bytes of length, then the rest. */
        private final class Frames {
            private final RecordParser parser;
            private final NetSocket socket;
            private int totalLength = -1;
            private boolean broken;

            Frames(RecordParser parser, NetSocket socket) {
                this.parser = parser;
                this.socket = socket;
            }

            void accept(Buffer piece) {
                if (broken) return; // the parser goes on with what it has; the connection is being closed
                try {
                    if (totalLength < 0) {
                        totalLength = piece.getInt(0);
                        limits.checkTotalLength(totalLength);
                        parser.fixedSizeMode(totalLength);
                        return;
                    }
                    int typeAndLength = piece.getInt(0);
                    int headerLength = limits.checkHeaderLength(totalLength, typeAndLength);
                    totalLength = -1;
                    parser.fixedSizeMode(4);
                    received(typeAndLength, piece, headerLength);
                } catch (ProtocolException cause) {
                    broken = true;
                    ended(new IOException("answer of " + address + " cannot be read: " + cause.getMessage(), cause));
                    socket.close();
                }
            }
        }
    }
}
