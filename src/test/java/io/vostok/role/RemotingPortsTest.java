package io.vostok.role;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RemotingPortsTest {
    @Test
    void leavesDescriptorsToTheStore() {
        assertThat(RemotingPorts.connections(10_000, 1_048_576)).isEqualTo(10_000);
        assertThat(RemotingPorts.connections(10_000, 4_096)).isEqualTo(3_072);
        assertThat(RemotingPorts.connections(10_000, 160)).isEqualTo(32);
        assertThat(RemotingPorts.connections(10_000, 100)).isOne();
        assertThat(RemotingPorts.connections(10_000, Long.MAX_VALUE)).isEqualTo(10_000);
    }
}
