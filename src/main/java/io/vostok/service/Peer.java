package io.vostok.service;

import io.vertx.core.Future;
import io.vostok.broker.session.ClientChannel;
import java.time.Duration;
import java.util.Map;

/** A connected client as the broker may speak to it without being asked. Any thread. */
public interface Peer extends ClientChannel {
    /** Tells the client that the members of a consumer group it belongs to have changed. */
    void membersChanged(String group);

    /**
     * Asks the client something and waits for its answer.
     *
     * @param fields header fields of the request
     * @param patience after which the future fails
     * @return completes on the connection's event loop; fails when the connection ends first, or too much is asked of it
     */
    Future<PeerAnswer> ask(int requestCode, Map<String, String> fields, byte[] body, Duration patience);

    /** Sends the client a request that it does not answer, with {@code fields} in the header; nothing when it is gone. */
    void tell(int requestCode, Map<String, String> fields, byte[] body);

    /** Tells whether the client takes what it is sent; when not, nothing that can wait must be added. */
    boolean isWritable();

    /** Ends the connection: the client has been silent for too long. */
    void close(String reason);
}
