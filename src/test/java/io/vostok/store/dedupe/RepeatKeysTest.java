package io.vostok.store.dedupe;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RepeatKeysTest {
    private final RepeatKeys keys = new RepeatKeys(42);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "1234567",
                "12345678",
                "123456789",
                "7F00000100002A139F1618B4AAC20000",
                "ключ",
                "a\u20acz"
            })
    void givesAnIdTheSameKeyAsTextAndAsBytes(String id) {
        long topic = topic("orders");
        byte[] bytes = ("xx" + id + "yy").getBytes(StandardCharsets.UTF_8);

        assertThat(keys.of(topic, bytes, 2, bytes.length - 2)).isEqualTo(keys.of(topic, id));
    }

    @Test
    void tellsIdsTopicsAndProcessesApart() {
        long one = keys.of(topic("orders"), "id");

        assertThat(keys.of(topic("orders"), "ie")).isNotEqualTo(one);
        assertThat(keys.of(topic("order"), "sid")).isNotEqualTo(one);
        assertThat(keys.of(topic("orders"), "\0id")).isNotEqualTo(one);
        assertThat(new RepeatKeys(43).of(new RepeatKeys(43).ofTopic(new byte[0], 0, 0), "id"))
                .isNotEqualTo(keys.of(keys.ofTopic(new byte[0], 0, 0), "id"));
    }

    @Test
    void spreadsTheIdsOfOneClientOverBothHalvesOfTheKey() {
        Set<Integer> high = new HashSet<>();
        Set<Integer> low = new HashSet<>();
        for (int i = 0; i < 20_000; i++) {
            long key = keys.of(topic("orders"), String.format("7F00000100002A139F1618B4AAC2%04X", i));
            high.add((int) (key >>> 44));
            low.add((int) key & 0xFFFFF);
        }
        // As many as 20,000 balls thrown at random into a million boxes hit, give or take.
        assertThat(high).hasSizeGreaterThan(19_500);
        assertThat(low).hasSizeGreaterThan(19_500);
    }

    private long topic(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        return keys.ofTopic(bytes, 0, bytes.length);
    }
}
