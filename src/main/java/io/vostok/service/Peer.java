package io.vostok.service;

import io.vostok.broker.session.ClientChannel;

/** A connected client as the broker may speak to it without being asked. Any thread. */
public interface Peer extends ClientChannel {
    /** Tells the client that the members of a consumer group it belongs to have changed. */
    void membersChanged(String group);

    /** Ends the connection: the client has been silent for too long. */
    void close(String reason);
}
