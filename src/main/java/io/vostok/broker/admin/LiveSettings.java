package io.vostok.broker.admin;

import java.time.Duration;

/**
 * The settings that a running broker takes.
 *
 * @param permission what clients may do: 2 write, 4 read, 6 both, 0 neither
 * @param retention how long a commit log file is kept after its last write
 * @param deleteHour local hour at which files past retention go, or -1 for any hour
 */
public record LiveSettings(
        int permission,
        boolean autoCreateTopics,
        boolean autoCreateGroups,
        boolean traceOn,
        Duration retention,
        int deleteHour) {}
