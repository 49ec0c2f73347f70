package io.vostok.it.kit;

import java.nio.file.Path;

/**
 * A broker and its name server as a scenario wants them.
 *
 * @param nameServers the broker registers with these; empty for a name server of its own
 * @param segmentBytes of a commit log file
 */
public record ServerSpec(
        String brokerName,
        Path store,
        String nameServers,
        boolean autoCreateTopics,
        boolean syncFlush,
        int segmentBytes,
        boolean youngTopicsWhole) {

    public static ServerSpec plain() {
        return new ServerSpec("broker-a", Folders.make("store"), "", true, false, 64 * 1024 * 1024, true);
    }

    public ServerSpec named(String newName) {
        return new ServerSpec(newName, store, nameServers, autoCreateTopics, syncFlush, segmentBytes, youngTopicsWhole);
    }

    public ServerSpec on(Path newStore) {
        return new ServerSpec(
                brokerName, newStore, nameServers, autoCreateTopics, syncFlush, segmentBytes, youngTopicsWhole);
    }

    public ServerSpec registeringWith(String newNameServers) {
        return new ServerSpec(
                brokerName, store, newNameServers, autoCreateTopics, syncFlush, segmentBytes, youngTopicsWhole);
    }

    public ServerSpec autoCreateTopics(boolean on) {
        return new ServerSpec(brokerName, store, nameServers, on, syncFlush, segmentBytes, youngTopicsWhole);
    }

    public ServerSpec syncFlush(boolean on) {
        return new ServerSpec(brokerName, store, nameServers, autoCreateTopics, on, segmentBytes, youngTopicsWhole);
    }

    public ServerSpec segmentBytes(int bytes) {
        return new ServerSpec(brokerName, store, nameServers, autoCreateTopics, syncFlush, bytes, youngTopicsWhole);
    }

    /** Whether a new group is given all of a topic whose messages are still in memory, whatever it asks for. */
    public ServerSpec youngTopicsWhole(boolean on) {
        return new ServerSpec(brokerName, store, nameServers, autoCreateTopics, syncFlush, segmentBytes, on);
    }
}
