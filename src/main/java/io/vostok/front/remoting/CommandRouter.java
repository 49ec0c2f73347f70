package io.vostok.front.remoting;

import io.vostok.wire.frame.Command;
import java.nio.ByteBuffer;

/** Answers the requests of one port. Called on the connection's event loop. */
public interface CommandRouter {
    /**
     * Handles one request. {@code command} and {@code body} are valid only until this returns; what is needed later must be
     * copied. An exception is answered with SYSTEM_ERROR and its message; {@code BadFieldException} likewise.
     *
     * @param body from position to limit; empty when the frame has none
     */
    void handle(Command command, ByteBuffer body, Connection connection);

    /** The connection is gone; nothing can be sent to it any more. */
    void closed(Connection connection);
}
