package io.vostok.store.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeyHashTest {
    @Test
    void isTheHashOfTheStringForAnyBytes() {
        Random random = new Random(3);
        for (int i = 0; i < 20_000; i++) {
            byte[] topic = ("t" + random.nextInt(50)).getBytes(StandardCharsets.UTF_8);
            byte[] key = new byte[random.nextInt(12)];
            random.nextBytes(key);
            if (i % 2 == 0) {
                int[] points = random.ints(key.length, 1, 0x10FFFF)
                        .filter(point -> point < 0xD800 || point > 0xDFFF)
                        .toArray();
                key = new String(points, 0, points.length).getBytes(StandardCharsets.UTF_8);
            }
            String text = new String(topic, StandardCharsets.UTF_8) + "#" + new String(key, StandardCharsets.UTF_8);
            int hash = text.hashCode();
            int expected = hash == Integer.MIN_VALUE ? 0 : hash < 0 ? -hash : hash;

            assertThat(KeyHash.of(KeyHash.ofTopic(topic, topic.length), key, 0, key.length))
                    .isEqualTo(expected);
        }
    }

    @Test
    void isZeroForTheSmallestNumber() {
        // A string found by its hash: Integer.MIN_VALUE.
        assertThat("polygenelubricants".hashCode()).isEqualTo(Integer.MIN_VALUE);
        byte[] text = "polygenelubricants".getBytes(StandardCharsets.US_ASCII);

        assertThat(KeyHash.of(0, text, 0, text.length)).isZero();
    }

    @Test
    void keysAreTheUniqueIdAndThenTheWords() {
        assertThat(keys("TAGS\1a\2KEYS\1one  two \2UNIQ_KEY\1id\2")).containsExactly("id", "one", "two");
        assertThat(keys("KEYS\1last")).as("no end").containsExactly("last");
        assertThat(keys("UNIQ_KEY\1first\2UNIQ_KEY\1second\2")).containsExactly("second");
        assertThat(keys("MYKEYS\1x\2KEYS2\1y\2KEYS\1\2UNIQ_KEY\1\2")).isEmpty();
        assertThat(keys("")).isEmpty();
    }

    private static List<String> keys(String properties) {
        byte[] text = properties.getBytes(StandardCharsets.UTF_8);
        RecordKeys keys = new RecordKeys().of(text, text.length);
        List<String> all = new ArrayList<>();
        while (keys.next()) {
            all.add(new String(text, keys.from(), keys.to() - keys.from(), StandardCharsets.UTF_8));
        }
        return all;
    }
}
