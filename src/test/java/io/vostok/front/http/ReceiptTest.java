package io.vostok.front.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vostok.broker.Refusal;
import io.vostok.broker.Refused;
import io.vostok.broker.pop.PopReceipt;
import io.vostok.service.PopHandle;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReceiptTest {
    private final PopReceipt given = new PopReceipt(7, 1_000, 60_000, 2, 1, "broker-a", 3, 9);

    @Test
    void namesTheMessageAsItIsStored() {
        String text = Receipt.write("g", "%RETRY%g_orders", given);

        assertThat(text).matches("[A-Za-z0-9_-]+");
        assertThat(Receipt.read("g", text).value()).isEqualTo(new PopHandle("g", "%RETRY%g_orders", 3, 9, given));
    }

    @Test
    void countsForItsGroupOnly() {
        Refused refused =
                Receipt.read("other", Receipt.write("g", "orders", given)).refused();

        assertThat(Objects.requireNonNull(refused).refusal()).isEqualTo(Refusal.INVALID_ARGUMENT);
        assertThat(refused.words()).contains("`g`").contains("`other`");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nonsense", "!!!", "MSBnIG9yZGVycw", "MSBnIG9yZGVycyAxIDIgMw"})
    void isNothingElse(String text) {
        assertThat(Receipt.read("g", text).refused()).isNotNull();
    }
}
