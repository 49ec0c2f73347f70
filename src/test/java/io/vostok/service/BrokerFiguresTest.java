package io.vostok.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BrokerFiguresTest {
    @ParameterizedTest
    @CsvSource({
        "211, 211",
        "212, v4_0_0_snapshot",
        "213, v4_0_0",
        "409, v4_9_8",
        "412, v5_0_0_snapshot",
        "513, v5_5_0",
        "700, 700"
    })
    void namesVersionsAsApacheDoes(int number, String name) {
        assertThat(BrokerFigures.version(number)).isEqualTo(name);
    }
}
