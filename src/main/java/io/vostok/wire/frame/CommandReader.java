package io.vostok.wire.frame;

import java.nio.ByteBuffer;

/**
 * Reads headers, one after the other, into one reused {@link Command}. One per event loop or connection; one thread.
 *
 * <p>Keeps a copy of the last header and where its fields lie; strings are made only when asked for, so that a read makes
 * no garbage. Memory is bounded by {@link FrameLimits}, and a rare large header does not keep its memory for ever.
 */
public final class CommandReader {
    private static final int JSON_TYPE = 0;
    private static final int BINARY_TYPE = 1;
    private static final int KEPT_BYTES = 64 << 10;
    private static final int FIRST_BYTES = 2 << 10;

    private final FrameLimits limits;
    private final Command command = new Command();
    private final JsonHeader jsonHeader;
    private byte[] bytes = new byte[FIRST_BYTES];

    public CommandReader(FrameLimits limits) {
        this.limits = limits;
        this.jsonHeader = new JsonHeader(limits.maxHeaderFields());
    }

    /**
     * Reads one header, from position to limit of {@code header}; its position does not move.
     *
     * @param serializeType byte 4 of the frame: 0 JSON, 1 binary
     * @return a view that is valid until the next call
     * @throws ProtocolException when the header is broken or beyond the limits
     */
    public Command read(int serializeType, ByteBuffer header) {
        int length = header.remaining();
        if (length > limits.maxHeaderBytes()) {
            throw new ProtocolException(
                    "header length " + length + " is beyond the limit of " + limits.maxHeaderBytes());
        }
        makeRoom(length);
        header.get(header.position(), bytes, 0, length);
        switch (serializeType) {
            case JSON_TYPE -> {
                command.clear(bytes, Encoding.JSON);
                jsonHeader.read(bytes, length, command);
            }
            case BINARY_TYPE -> {
                command.clear(bytes, Encoding.BINARY);
                BinaryHeader.read(bytes, length, limits.maxHeaderFields(), command);
            }
            default -> throw new ProtocolException("unknown serialize type " + serializeType + ", known are 0 and 1");
        }
        return command;
    }

    private void makeRoom(int length) {
        boolean tooSmall = bytes.length < length;
        boolean needlesslyLarge = bytes.length > KEPT_BYTES && length <= FIRST_BYTES;
        if (tooSmall) bytes = new byte[Math.max(length, Math.min(bytes.length * 2, limits.maxHeaderBytes()))];
        else if (needlesslyLarge) bytes = new byte[FIRST_BYTES];
    }
}
