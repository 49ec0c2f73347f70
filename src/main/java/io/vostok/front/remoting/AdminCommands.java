package io.vostok.front.remoting;

import io.vostok.service.BrokerAdmin;
import io.vostok.time.Clock;
import io.vostok.wire.frame.Command;
import java.nio.ByteBuffer;

/** Translates administrators' requests on the broker's ports to {@link BrokerAdmin} and back. One per event loop. */
public final class AdminCommands {
    private final TopicAdminCommands topics;
    private final GroupAdminCommands groups;
    private final ClientAdminCommands clients;
    private final StatusAdminCommands status;

    /** @param brokerAddress of this broker as {@code host:port}, told in some answers */
    public AdminCommands(BrokerAdmin admin, String brokerAddress, Clock clock) {
        this.topics = new TopicAdminCommands(admin.topics());
        this.groups = new GroupAdminCommands(admin.groups(), brokerAddress);
        this.clients = new ClientAdminCommands(admin.clients());
        this.status = new StatusAdminCommands(admin.status(), new RuntimeInfo(clock));
    }

    /** Handles the request; false when it is none of an administrator's. */
    boolean handle(Command command, ByteBuffer body, Connection connection) {
        return topics.handle(command, body, connection)
                || groups.handle(command, body, connection)
                || clients.handle(command, connection)
                || status.handle(command, body, connection);
    }
}
