package io.vostok.cli.doctor;

import io.vostok.wire.frame.Command;
import io.vostok.wire.frame.CommandReader;
import io.vostok.wire.frame.Encoding;
import io.vostok.wire.frame.FrameBuilder;
import io.vostok.wire.frame.FrameLimits;
import io.vostok.wire.frame.ProtocolException;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Asks a server one thing over the remoting protocol, as a client does. Blocks. */
public final class Remoting {
    private static final int CONNECT_MILLIS = 3_000;
    private static final int ANSWER_MILLIS = 5_000;

    private Remoting() {}

    /** What was answered; the body is empty when there was none. */
    public record Answer(int code, String remark, byte[] body) {}

    /**
     * Sends a request over a connection of its own.
     *
     * @param fields names and values in turns
     * @throws IOException when nothing listens there or it answers something else
     */
    public static Answer ask(HostPort server, int code, String... fields) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(server.host(), server.port()), CONNECT_MILLIS);
            socket.setSoTimeout(ANSWER_MILLIS);
            FrameBuilder frame = new FrameBuilder().request(Encoding.JSON, 1, code, false);
            for (int i = 0; i < fields.length; i += 2) frame.field(fields[i], fields[i + 1]);
            socket.getOutputStream().write(frame.toFrame(null));
            return read(new DataInputStream(socket.getInputStream()));
        } catch (ProtocolException e) {
            throw new IOException("speaks another protocol: " + e.getMessage(), e);
        }
    }

    private static Answer read(DataInputStream in) throws IOException {
        int length = in.readInt();
        FrameLimits.DEFAULT.checkTotalLength(length);
        byte[] frame = new byte[length];
        in.readFully(frame);
        int typeAndLength = ByteBuffer.wrap(frame).getInt();
        int headerLength = FrameLimits.headerLength(typeAndLength);
        if (headerLength > length - 4) throw new ProtocolException("header of " + headerLength + " in " + length);
        Command command = new CommandReader(FrameLimits.DEFAULT)
                .read(typeAndLength >>> 24, ByteBuffer.wrap(frame, 4, headerLength));
        String remark = command.remark();
        return new Answer(
                command.code(), remark == null ? "" : remark, Arrays.copyOfRange(frame, 4 + headerLength, length));
    }
}
