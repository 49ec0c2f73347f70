package io.vostok.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vostok.wire.HexDump;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OffsetMessageIdTest {
    @Test
    void writesTheDumpedId() {
        String dumped = HexFormat.of().withUpperCase().formatHex(HexDump.read("offset-message-id"));
        InetSocketAddress host = new InetSocketAddress("10.0.0.1", 10911);

        assertThat(dumped).isEqualTo("0A00000100002A9F0000000000001000");
        assertThat(OffsetMessageId.format(host, 4096)).isEqualTo(dumped);
        assertThat(OffsetMessageId.writerFor(host).format(4096)).isEqualTo(dumped);
        assertThat(OffsetMessageId.parse(dumped).physicalOffset()).isEqualTo(4096);
        assertThat(OffsetMessageId.parse(dumped).port()).isEqualTo(10911);
    }

    @Test
    void readsBackIpv6() throws Exception {
        OffsetMessageId id = new OffsetMessageId(InetAddress.getByName("2001:db8::1"), 1, Long.MAX_VALUE);

        assertThat(id.toString()).hasSize(56);
        assertThat(OffsetMessageId.parse(id.toString())).isEqualTo(id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0A", "ZA00000100002A9F0000000000001000", "0A000001FFFFFFFF0000000000001000"})
    void refusesWhatIsNoId(String text) {
        assertThatThrownBy(() -> OffsetMessageId.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
