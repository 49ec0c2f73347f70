package io.vostok.bench;

import io.vostok.wire.frame.Command;
import io.vostok.wire.frame.CommandReader;
import io.vostok.wire.frame.Encoding;
import io.vostok.wire.frame.FrameBuilder;
import io.vostok.wire.frame.FrameLimits;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One call after the other over a blocking connection, for what a run asks before it begins. One thread. */
final class Caller implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 10_000;

    private final Socket socket = new Socket();
    private final CommandReader reader = new CommandReader(FrameLimits.DEFAULT);
    private final FrameBuilder builder = new FrameBuilder();
    private byte[] body = new byte[0];

    /** Connects, or says in the exception's text to whom it could not. */
    Caller(InetSocketAddress address) throws IOException {
        try {
            socket.connect(address, TIMEOUT_MILLIS);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.setTcpNoDelay(true);
        } catch (IOException e) {
            socket.close();
            throw new IOException(
                    "cannot connect to " + address.getHostString() + ":" + address.getPort() + ": " + e.getMessage(),
                    e);
        }
    }

    /** Calls without a body. */
    Command call(int code, Map<String, String> fields) throws IOException {
        return call(code, fields, null);
    }

    /** Returns the answer, valid until the next call; its body is {@link #body()}. */
    Command call(int code, Map<String, String> fields, byte @Nullable [] payload) throws IOException {
        builder.request(Encoding.JSON, 1, code, false);
        fields.forEach(builder::field);
        socket.getOutputStream().write(builder.toFrame(payload));
        DataInputStream in = new DataInputStream(socket.getInputStream());
        while (true) {
            int total = in.readInt();
            FrameLimits.DEFAULT.checkTotalLength(total);
            int typeAndLength = in.readInt();
            int headerLength = FrameLimits.DEFAULT.checkHeaderLength(total, typeAndLength);
            byte[] header = in.readNBytes(headerLength);
            body = in.readNBytes(total - 4 - headerLength);
            Command answer = reader.read(typeAndLength >>> 24, ByteBuffer.wrap(header));
            if (answer.isResponse()) return answer;
        }
    }

    byte[] body() {
        return body;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
