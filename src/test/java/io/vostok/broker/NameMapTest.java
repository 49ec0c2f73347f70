package io.vostok.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NameMapTest {
    @Test
    void holdsWhatAPlainMapHolds() {
        Random random = new Random(7);
        Map<String, Integer> expected = new HashMap<>();
        NameMap<Integer> map = NameMap.empty();
        for (int step = 0; step < 5_000; step++) {
            String name = "topic-" + random.nextInt(600);
            if (random.nextInt(3) == 0) {
                map = map.without(name);
                expected.remove(name);
            } else {
                map = map.with(name, step);
                expected.put(name, step);
            }
        }
        assertThat(map.size()).isEqualTo(expected.size());
        assertThat(map.values()).containsExactlyInAnyOrderElementsOf(expected.values());
        for (int i = 0; i < 600; i++) assertThat(map.get("topic-" + i)).isEqualTo(expected.get("topic-" + i));
    }

    @Test
    void leavesTheMapItWasMadeFromAlone() {
        NameMap<Integer> before = NameMap.<Integer>empty().with("a", 1);
        NameMap<Integer> after = before.withAll(Map.of("a", 2, "b", 3)).without("b");
        assertThat(before.get("a")).isEqualTo(1);
        assertThat(before.size()).isEqualTo(1);
        assertThat(after.get("a")).isEqualTo(2);
        assertThat(after.size()).isEqualTo(1);
    }
}
